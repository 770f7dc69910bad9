package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/sync/errgroup"

	"github.com/covetgo/covet/scaffold"
)

// A variant is one choice of databases and batteries.
type variant struct {
	databases []scaffold.Dialect
	without   []scaffold.Battery
}

// on reports whether the variant has a database or battery.
func (v variant) on(name string) bool {
	return slices.Contains(v.databases, scaffold.Dialect(name)) ||
		slices.Contains(scaffold.Keep(v.without), scaffold.Battery(name))
}

// variants are all choices: each set of databases but the empty one, each set of batteries that can be.
func variants() []variant {
	var all []variant
	for _, databases := range subsets(scaffold.Dialects()) {
		if len(databases) == 0 {
			continue
		}
		for _, without := range subsets(scaffold.Batteries()) {
			if slices.Contains(without, scaffold.Auth) && !slices.Contains(without, scaffold.Admin) {
				continue // the same as without both
			}
			all = append(all, variant{databases, without})
		}
	}
	return all
}

func subsets[T any](items []T) [][]T {
	var sets [][]T
	for mask := range 1 << len(items) {
		var set []T
		for i, item := range items {
			if mask&(1<<i) != 0 {
				set = append(set, item)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// A result is what a variant needs.
type result struct {
	variant variant
	mod     *modfile.File
	sum     []byte
}

// tidyAll completes every variant, two at a time.
func tidyAll(ctx context.Context, checkout string) ([]result, error) {
	all := variants()
	results := make([]result, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i, v := range all {
		group.Go(func() error {
			var err error
			results[i], err = tidy(ctx, checkout, v)
			if err != nil {
				return fmt.Errorf("completing %v without %v: %w", v.databases, v.without, err)
			}
			return nil
		})
	}
	return results, group.Wait()
}

// tidy writes a variant into a temporary folder, with a go.mod that requires nothing but Covet, and completes it.
func tidy(ctx context.Context, checkout string, v variant) (r result, err error) {
	dir, err := os.MkdirTemp("", "gomodgen-")
	if err != nil {
		return r, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	project, err := scaffold.Plan(scaffold.Options{
		Name: "app", Module: "example.com/app", Databases: v.databases, Without: v.without, Replace: checkout,
	})
	if err != nil {
		return r, err
	}
	if err := project.Write(dir, false); err != nil {
		return r, err
	}
	if err := bareMod(filepath.Join(dir, "go.mod"), checkout); err != nil {
		return r, err
	}
	if err := copyFile(filepath.Join(dir, "go.sum"), filepath.Join(checkout, "go.sum")); err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "tidy")
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return r, fmt.Errorf("go mod tidy: %w\n%s", err, output)
	}
	return read(dir, v)
}

// copyFile starts a go.sum with what the checkout knows, so that no checksum has to be asked for.
func copyFile(to, from string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// bareMod writes a go.mod that names the checkout and nothing else. The Go version is the checkout's.
func bareMod(path, checkout string) error {
	library, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		return err
	}
	parsed, err := modfile.ParseLax("go.mod", library, nil)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("module example.com/app\n\ngo %s\n\nrequire github.com/covetgo/covet v0.0.0\n\n"+
		"replace github.com/covetgo/covet => %q\n",
		parsed.Go.Version, checkout)
	return os.WriteFile(path, []byte(text), 0o644)
}

func read(dir string, v variant) (result, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return result{}, err
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return result{}, err
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	return result{variant: v, mod: mod, sum: sum}, err
}
