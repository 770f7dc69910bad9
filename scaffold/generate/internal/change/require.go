package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/covetgo/covet/scaffold/generate/internal/record"
)

// versions are the versions of modules that generated code may need besides those that every application requires.
var versions = map[string]string{
	"github.com/google/uuid":        "v1.6.0",
	"github.com/shopspring/decimal": "v1.6.0",
	"github.com/spf13/cobra":        "v1.10.2",
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
	for _, needed := range modules {
		at := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == needed })
		switch {
		case at < 0:
			setIndirect(mod, needed, false)
			after.Requires = append(after.Requires, needed)
		case mod.Require[at].Indirect:
			setIndirect(mod, needed, false)
			after.Requires = append(after.Requires, needed+" indirect")
		}
	}
	return b.writeGoMod(mod)
}

// release reverts require, for modules that the application no longer imports.
func (b *Builder) release(r *record.Record) error {
	if len(r.Requires) == 0 {
		return nil
	}
	used, err := b.project.UsedModules(slices.Collect(maps.Keys(versions)))
	if err != nil {
		return err
	}
	mod, err := b.goMod()
	if err != nil {
		return err
	}
	for _, required := range r.Requires {
		needed, indirect := strings.CutSuffix(required, " indirect")
		switch {
		case used[needed]:
		case indirect:
			setIndirect(mod, needed, true)
		default:
			if err := mod.DropRequire(needed); err != nil {
				return err
			}
		}
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
		list = append(list, &modfile.Require{Mod: module.Version{Path: path, Version: versions[path]}, Indirect: indirect})
	} else {
		list[at] = &modfile.Require{Mod: list[at].Mod, Indirect: indirect, Syntax: list[at].Syntax}
	}
	mod.SetRequireSeparateIndirect(list)
}

func (b *Builder) writeGoMod(mod *modfile.File) error {
	mod.Cleanup()
	content, err := mod.Format()
	if err != nil {
		return fmt.Errorf("writing go.mod: %w", err)
	}
	return b.edit("go.mod", content)
}
