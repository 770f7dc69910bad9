package change

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
)

// requirement is a module that generated code may need besides those that every application requires.
type requirement struct {
	version string
	// importer is the package of Covet that imports the module. It is empty if generated code does it itself.
	importer string
	// sums are the hashes in go.sum of the module and of its go.mod, unless every application has them.
	sums [2]string
}

const markdown = project.Library + "/app/web/markdown"

// requirements are the modules, by path.
var requirements = map[string]requirement{
	"github.com/google/uuid":        {version: "v1.6.0"},
	"github.com/shopspring/decimal": {version: "v1.6.0"},
	"github.com/spf13/cobra":        {version: "v1.10.2"},

	"github.com/aymerick/douceur": {"v0.2.0", markdown, [2]string{
		"h1:Mv+mAeH1Q+n9Fr+oyamOlAkUNPWPlA8PPGR0QAaYuPk=", "h1:wlT5vV2O3h55X9m7iVYN0TBM0NH/MmbLnd30/FjWUq4=",
	}},
	"github.com/gorilla/css": {"v1.0.1", markdown, [2]string{
		"h1:ntNaBIghp6JmvWnxbZKANoLyuXTPZ4cAMlo6RyhlbO8=", "h1:BvnYkspnSzMmwRK+b8/xgNPLiIuNZr6vbZBTPQ2A3b0=",
	}},
	"github.com/microcosm-cc/bluemonday": {"v1.0.27", markdown, [2]string{
		"h1:MpEUotklkwCSLeH+Qdx1VJgNqLlpY2KXwXFM08ygZfk=", "h1:jFi9vgW+H7c3V0lb6nR74Ib/DIB5OBs92Dimizgw2cA=",
	}},
	"github.com/yuin/goldmark": {"v1.8.7", markdown, [2]string{
		"h1:XT/tNqCIbabh0ln675w4x3dv04kQBKi8NwYqi9IJaxI=", "h1:ip/1k0VRfGynBgxOz0yCqHrbZXhcjxyuS66Brc7iBKg=",
	}},
}

// lines are the lines of go.sum.
func (r requirement) lines(path string) []string {
	if r.sums[0] == "" {
		return nil
	}
	return []string{path + " " + r.version + " " + r.sums[0], path + " " + r.version + "/go.mod " + r.sums[1]}
}

// require makes go.mod require modules directly. After records what there was before.
func (b *Builder) require(modules []string, before, after *record.Record) error {
	if before != nil {
		after.Requires = before.Requires
	}
	if len(modules) == 0 {
		return nil
	}
	mod, err := b.goMod()
	if err != nil {
		return err
	}
	var sums []string
	for _, needed := range modules {
		byCovet := requirements[needed].importer != ""
		at := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == needed })
		switch {
		case at < 0:
			setIndirect(mod, needed, byCovet)
			sums = append(sums, requirements[needed].lines(needed)...)
			after.Requires = append(after.Requires, needed)
		case mod.Require[at].Indirect && !byCovet:
			setIndirect(mod, needed, false)
			after.Requires = append(after.Requires, needed+" indirect")
		}
	}
	if err := b.editSums(sums, nil); err != nil {
		return err
	}
	return b.writeGoMod(mod)
}

// release reverts require, for modules that the application no longer imports.
func (b *Builder) release(r *record.Record) error {
	if len(r.Requires) == 0 {
		return nil
	}
	used, err := b.project.UsedModules(append(slices.Collect(maps.Keys(requirements)), markdown))
	if err != nil {
		return err
	}
	mod, err := b.goMod()
	if err != nil {
		return err
	}
	var sums []string
	for _, required := range r.Requires {
		needed, indirect := strings.CutSuffix(required, " indirect")
		switch {
		case used[needed], used[requirements[needed].importer]:
		case indirect:
			setIndirect(mod, needed, true)
		default:
			if err := mod.DropRequire(needed); err != nil {
				return err
			}
			sums = append(sums, requirements[needed].lines(needed)...)
		}
	}
	if err := b.editSums(nil, sums); err != nil {
		return err
	}
	return b.writeGoMod(mod)
}

func (b *Builder) goMod() (*modfile.File, error) {
	text, err := b.project.Tree.ReadFile("go.mod")
	if err != nil {
		return nil, fmt.Errorf("reading go.mod: %w", err)
	}
	return modfile.Parse("go.mod", text, nil)
}

// setIndirect marks a requirement as direct or indirect and moves it to the block of that sort. It adds a missing one.
func setIndirect(mod *modfile.File, path string, indirect bool) {
	list := slices.Clone(mod.Require)
	at := slices.IndexFunc(list, func(r *modfile.Require) bool { return r.Mod.Path == path })
	if at < 0 {
		list = append(list, &modfile.Require{Mod: module.Version{Path: path, Version: requirements[path].version}, Indirect: indirect})
	} else {
		list[at] = &modfile.Require{Mod: list[at].Mod, Indirect: indirect, Syntax: list[at].Syntax}
	}
	mod.SetRequireSeparateIndirect(list)
}

// editSums adds lines to go.sum and removes others. A missing go.sum stays so: the go command says how to write it.
func (b *Builder) editSums(added, removed []string) error {
	text, err := b.project.Tree.ReadFile("go.sum")
	if errors.Is(err, fs.ErrNotExist) || len(added)+len(removed) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading go.sum: %w", err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return slices.Contains(removed, line) })
	for _, line := range added {
		if at, found := slices.BinarySearch(lines, line); !found {
			lines = slices.Insert(lines, at, line)
		}
	}
	return b.edit("go.sum", []byte(strings.Join(lines, "\n")+"\n"))
}

func (b *Builder) writeGoMod(mod *modfile.File) error {
	mod.Cleanup()
	content, err := mod.Format()
	if err != nil {
		return fmt.Errorf("writing go.mod: %w", err)
	}
	return b.edit("go.mod", content)
}
