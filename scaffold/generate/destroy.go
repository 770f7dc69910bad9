package generate

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// Destroy takes back what [Project.Generate] made: its files, and the code that it inserted. Files that people have changed
// since are of status Conflict. What others were generated upon is refused.
func (p *Project) Destroy(kind Kind, name string) (*Change, error) {
	recorded, err := kind.name(name)
	if err != nil {
		return nil, err
	}
	r, err := p.readRecord(kind.Name, recorded)
	if err != nil {
		return nil, err
	}
	all, err := p.records()
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notGenerated(kind, recorded, all)
	}
	if err := refuseNeeded(r, all); err != nil {
		return nil, err
	}
	c := &Change{Title: kind.Name + " " + recorded, project: p, record: r.path()}
	if err := c.takeBack(r); err != nil {
		return nil, err
	}
	return c, nil
}

// notGenerated names what there is to destroy.
func notGenerated(kind Kind, name string, all []*record) error {
	var known []string
	for _, r := range all {
		if r.Kind == kind.Name {
			known = append(known, r.Name)
		}
	}
	hint := fmt.Sprintf("No %s was generated here.", kind.Name)
	if len(known) > 0 {
		hint = "There are: " + strings.Join(known, ", ") + "."
	}
	return &UsageError{Problem: fmt.Sprintf("there is no %s %q that was generated", kind.Name, name), Hint: hint}
}

// refuseNeeded refuses to destroy a model that others are related to.
func refuseNeeded(r *record, all []*record) error {
	if r.Files["models/"+r.Name+".go"] == "" {
		return nil
	}
	var needed []string
	for _, other := range all {
		if other.path() == r.path() {
			continue
		}
		if other.buildsOn(r.Name) {
			needed = append(needed, other.Kind+" "+other.Name)
			continue
		}
		fields, err := field.Parse(other.Args)
		if err != nil {
			continue
		}
		for _, f := range fields {
			if f.Target.Snake == r.Name {
				needed = append(needed, other.Kind+" "+other.Name)
				break
			}
		}
	}
	if len(needed) == 0 {
		return nil
	}
	return &UsageError{
		Problem: fmt.Sprintf("%s %s is needed by %s", r.Kind, r.Name, strings.Join(needed, ", ")),
		Hint:    "Destroy these first: covet destroy " + needed[len(needed)-1],
	}
}

func (c *Change) takeBack(r *record) error {
	all, err := c.project.records()
	if err != nil {
		return err
	}
	for file, recorded := range r.Files {
		if owner(all, file, r) != nil {
			continue // shared: it goes with the last
		}
		if err := c.drop(file, recorded); err != nil {
			return err
		}
	}
	for _, edit := range r.Edits {
		outcome, err := c.takeOut(edit)
		if err != nil {
			return err
		}
		c.Insertions = append(c.Insertions, Insertion{edit.edit(), outcome})
	}
	if err := c.drop(r.path(), ""); err != nil {
		return err
	}
	used, err := c.project.modulesInUse()
	if err != nil {
		return err
	}
	switch version := r.version(); {
	case r.makesTable():
		c.Notes = append(c.Notes, "If its migration was applied, the table is still there: see covet migrate status.")
	case version != "":
		c.Notes = append(c.Notes, "If its migration was applied, what it changed is still there: run covet migrate down before destroying one.")
	}
	return c.release(r, used)
}

// makesTable reports whether there is a migration that creates a table among the files.
func (r *record) makesTable() bool {
	for file := range r.Files {
		if _, name, _ := strings.Cut(path.Base(file), "_"); isMigration(file) && strings.HasPrefix(name, "create_") {
			return true
		}
	}
	return false
}

// modulesInUse returns which of the modules that generators require are imported by files that remain.
func (p *Project) modulesInUse() (map[string]bool, error) {
	used := map[string]bool{}
	err := fs.WalkDir(p.tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := path.Base(name); name != "." && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "vendor") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		content, err := p.tree.ReadFile(name)
		if err != nil {
			return nil //nolint:nilerr // it is about to be removed
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly)
		if err != nil {
			return nil //nolint:nilerr // the compiler says it better
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if _, ok := versions[imported]; ok && err == nil {
				used[imported] = true
			}
		}
		return nil
	})
	return used, err
}
