package generate

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// versions are those of the modules that generated code may need besides what every application requires.
var versions = map[string]string{
	"github.com/google/uuid":        "v1.6.0",
	"github.com/shopspring/decimal": "v1.6.0",
}

// require makes go.mod require modules directly, and notes in after what was there before.
func (c *Change) require(modules []string, before, after *record) error {
	if before != nil {
		after.Requires = before.Requires
	}
	if len(modules) == 0 {
		return nil
	}
	text, err := c.project.tree.ReadFile("go.mod")
	if err != nil {
		return fmt.Errorf("reading go.mod: %w", err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	for _, name := range modules {
		at := slices.IndexFunc(mod.Require, func(r *modfile.Require) bool { return r.Mod.Path == name })
		switch {
		case at < 0:
			// AddNewRequire would put it among the indirect ones, and then neither block would be one of its kind.
			added := &modfile.Require{Mod: module.Version{Path: name, Version: versions[name]}}
			mod.SetRequireSeparateIndirect(append(slices.Clone(mod.Require), added))
			after.Requires = append(after.Requires, name)
		case mod.Require[at].Indirect:
			setIndirect(mod, name, false)
			after.Requires = append(after.Requires, name+" indirect")
		}
	}
	return c.writeMod(mod)
}

// release takes back what require did, for modules that nothing of the application imports any longer.
func (c *Change) release(r *record, used map[string]bool) error {
	if len(r.Requires) == 0 {
		return nil
	}
	text, err := c.project.tree.ReadFile("go.mod")
	if err != nil {
		return fmt.Errorf("reading go.mod: %w", err)
	}
	mod, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	for _, required := range r.Requires {
		name, indirect := strings.CutSuffix(required, " indirect")
		switch {
		case used[name]:
		case indirect:
			setIndirect(mod, name, true)
		default:
			if err := mod.DropRequire(name); err != nil {
				return err
			}
		}
	}
	return c.writeMod(mod)
}

// setIndirect marks a requirement and moves it to the block of its like.
func setIndirect(mod *modfile.File, name string, indirect bool) {
	list := slices.Clone(mod.Require)
	for i, r := range list {
		if r.Mod.Path == name {
			list[i] = &modfile.Require{Mod: r.Mod, Indirect: indirect, Syntax: r.Syntax}
		}
	}
	mod.SetRequireSeparateIndirect(list)
}

func (c *Change) writeMod(mod *modfile.File) error {
	mod.Cleanup()
	content, err := mod.Format()
	if err != nil {
		return fmt.Errorf("writing go.mod: %w", err)
	}
	return c.edit("go.mod", content)
}
