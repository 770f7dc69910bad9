package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// needs collects in which variants each line occurs.
type needs map[string][]bool

func (n needs) add(line string, variant, variants int) {
	if n[line] == nil {
		n[line] = make([]bool, variants)
	}
	n[line][variant] = true
}

// modTemplate writes go.mod with markers around the requirements that not every variant has: first the direct ones,
// then the indirect ones, as go mod tidy does.
func modTemplate(results []result) (string, error) {
	direct, indirect := needs{}, needs{}
	for i, r := range results {
		for _, require := range r.mod.Require {
			if require.Indirect {
				indirect.add(require.Mod.String(), i, len(results))
			} else {
				direct.add(require.Mod.String(), i, len(results))
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "module github.com/covetgo/covet/scaffold/skeleton\n\ngo %s\n", results[0].mod.Go.Version)
	if toolchain := results[0].mod.Toolchain; toolchain != nil {
		fmt.Fprintf(&b, "\ntoolchain %s\n", toolchain.Name)
	}
	for _, block := range []struct {
		lines  needs
		suffix string
	}{{direct, ""}, {indirect, " // indirect"}} {
		b.WriteString("\nrequire (\n")
		err := block.lines.write(&b, results, "\t// ", func(module string) string {
			path, version, _ := strings.Cut(module, "@")
			return "\t" + modfile.AutoQuote(path) + " " + version + block.suffix
		})
		if err != nil {
			return "", err
		}
		b.WriteString(")\n")
	}
	return b.String(), nil
}

// sumTemplate writes go.sum in the same way.
func sumTemplate(results []result) (string, error) {
	lines := needs{}
	for i, r := range results {
		for line := range strings.Lines(string(r.sum)) {
			lines.add(strings.TrimSpace(line), i, len(results))
		}
	}
	var b strings.Builder
	err := lines.write(&b, results, "# ", func(line string) string { return line })
	return b.String(), err
}

// write prints the lines in order, with markers where the condition changes.
func (n needs) write(b *strings.Builder, results []result, comment string, format func(string) string) error {
	all := make([]variant, len(results))
	for i, r := range results {
		all[i] = r.variant
	}
	open := always
	for _, line := range slices.SortedFunc(maps.Keys(n), compareLines) {
		needed, err := conditionOf(all, n[line])
		if err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
		if !slices.Equal(open, needed) {
			mark(b, comment, open, needed)
			open = needed
		}
		b.WriteString(format(line) + "\n")
	}
	mark(b, comment, open, always)
	return nil
}

// mark closes one condition and opens another.
func mark(b *strings.Builder, comment string, open, next condition) {
	for range open {
		b.WriteString(comment + "covet:end\n")
	}
	for _, expression := range next {
		b.WriteString(comment + "covet:if " + expression + "\n")
	}
}

// compareLines orders "path@version" and "path version hash" as the go command does: by path, then by version, the
// hash of a module before that of its go.mod.
func compareLines(a, b string) int {
	pathA, versionA := splitLine(a)
	pathB, versionB := splitLine(b)
	return cmp.Or(
		strings.Compare(pathA, pathB),
		semver.Compare(strings.TrimSuffix(versionA, "/go.mod"), strings.TrimSuffix(versionB, "/go.mod")),
		strings.Compare(versionA, versionB),
		strings.Compare(a, b),
	)
}

func splitLine(line string) (path, version string) {
	if fields := strings.Fields(line); len(fields) > 1 {
		return fields[0], fields[1]
	}
	path, version, _ = strings.Cut(line, "@")
	return path, version
}
