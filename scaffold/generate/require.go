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
	"github.com/spf13/cobra":        "v1.10.2",
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
	return c.writeMod(mod)
}

// setIndirect marks a requirement, a new one if there is none, and moves it to the block of its like.
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

func (c *Change) writeMod(mod *modfile.File) error {
	mod.Cleanup()
	content, err := mod.Format()
	if err != nil {
		return fmt.Errorf("writing go.mod: %w", err)
	}
	return c.edit("go.mod", content)
}
