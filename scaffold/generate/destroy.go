package generate

import (
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
)

// Destroy returns the removal of what [Project.Generate] made: its files, and the code that it inserted. Files that
// users have changed since are of status Conflict. It refuses what other generated code needs.
func (p *Project) Destroy(k Kind, name string) (*Change, error) {
	recorded, err := k.RecordName(name)
	if err != nil {
		return nil, err
	}
	r, err := record.Read(p.project.Tree, k.Name, recorded)
	if err != nil {
		return nil, err
	}
	all, err := record.All(p.project.Tree)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, notGenerated(k, recorded, all)
	}
	if err := refuseNeeded(r, all); err != nil {
		return nil, err
	}
	b, err := change.New(p.project, k.Name+" "+recorded)
	if err != nil {
		return nil, err
	}
	switch {
	case r.CreatesTable():
		b.Notes = append(b.Notes, "If its migration was applied, the table still exists: see covet migrate status.")
	case r.Version() != "":
		b.Notes = append(b.Notes, "If its migration was applied, its changes remain. Run covet migrate down before destroying a migration.")
	}
	return b.Change, b.Destroy(r)
}

// notGenerated returns an error that names what could be destroyed.
func notGenerated(k Kind, name string, all []*record.Record) error {
	var known []string
	for _, r := range all {
		if r.Kind == k.Name {
			known = append(known, r.Name)
		}
	}
	hint := fmt.Sprintf("No %s was generated.", k.Name)
	if len(known) > 0 {
		hint = "There are: " + strings.Join(known, ", ") + "."
	}
	return &UsageError{Problem: fmt.Sprintf("no %s %q was generated", k.Name, name), Hint: hint}
}

// refuseNeeded refuses to destroy a model that others are related to.
func refuseNeeded(r *record.Record, all []*record.Record) error {
	if r.Files["models/"+r.Name+".go"] == "" {
		return nil
	}
	var needed []string
	for _, other := range all {
		if other.Path() != r.Path() && (other.Extends(r.Name) || refersTo(other, r.Name)) {
			needed = append(needed, other.Kind+" "+other.Name)
		}
	}
	if len(needed) == 0 {
		return nil
	}
	return &UsageError{
		Problem: fmt.Sprintf("%s %s is required by %s", r.Kind, r.Name, strings.Join(needed, ", ")),
		Hint:    "Destroy these first: covet destroy " + needed[len(needed)-1],
	}
}

// refersTo reports whether one of the fields of a run is a relation to a model.
func refersTo(r *record.Record, model string) bool {
	fields, err := field.Parse(r.Args)
	if err != nil {
		return false
	}
	for _, f := range fields {
		if f.Target.Snake == model {
			return true
		}
	}
	return false
}
