package resource

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
)

// relate finds what the relations refer to.
func (r *Resource) relate(p *project.Project) error {
	models, err := p.Models()
	if err != nil {
		return err
	}
	all, err := record.All(p.Tree)
	if err != nil {
		return err
	}
	r.owned = project.Owned(models)
	table := r.Table()
	for i := range r.Fields {
		c := &r.Fields[i]
		if !c.IsBelongsTo() && !c.IsMany() {
			continue
		}
		c.JoinTable = table.JoinTable(c.Field)
		c.Permission = c.Target.Table
		if c.Target.Type == r.Name.Type {
			if c.IsBelongsTo() && !c.Nullable {
				return &usage.Error{
					Problem: fmt.Sprintf("%s: the first %s could not belong to any", c.Name, r.Name.Human()), Hint: "Write " + c.String() + "?",
				}
			}
			c.TargetLabel, c.TargetPublic, c.TargetListed = r.label(), r.Public, true
			continue
		}
		model, err := FindTarget(models, &c.Field)
		if err != nil {
			return err
		}
		c.TargetLabel = model.Label
		c.TargetPublic = slices.ContainsFunc(all, func(other *record.Record) bool {
			return other.Name == c.Target.Snake && slices.Contains(other.Flags, "--public")
		})
		c.TargetListed = record.Maker(all, model) != nil
	}
	return nil
}

var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// FindTarget returns the model that a relation refers to, and sets the table of the relation's target. It returns an
// error that says what to write if there is no such model, or relations cannot refer to it.
func FindTarget(models map[string]project.Model, f *field.Field) (project.Model, error) {
	model, ok := models[f.Target.Type]
	refuse := func(problem, hint string) (project.Model, error) {
		return model, &usage.Error{Problem: f.Name + ": " + problem, Hint: hint}
	}
	switch {
	case !ok && f.Target.Type == "User":
		return refuse("this application has no accounts", "Make one with: covet new NAME, without --without auth")
	case !ok:
		return model, &MissingModelError{Field: f.Name, Target: f.Target, Known: slices.Sorted(maps.Keys(models))}
	case model.ID == "":
		return refuse(fmt.Sprintf("the struct %s in %s has no field ID, which relations require", model.Name, model.File),
			"If it has a table, add the field: ID int64")
	case model.ID != "int64":
		return refuse(fmt.Sprintf("relations require an ID of type int64, and that of %s in %s is of type %s",
			model.Name, model.File, model.ID), "Declare it as: ID int64")
	case model.Column("ID") != "id":
		return refuse(fmt.Sprintf("relations require the column id, and that of %s in %s is %s",
			model.Name, model.File, model.Column("ID")), "Rename the column to id, or write this relation by hand.")
	case model.Table == "":
		return model, nil
	case !tableName.MatchString(model.Table):
		return refuse(fmt.Sprintf("the method TableName of %s must return the table's name as a literal of lower-case letters, "+
			"digits and _", model.Name), "Use: return \"items\"")
	}
	f.Target.Table = model.Table
	return model, nil
}

// MissingModelError reports a relation to a model that does not exist.
type MissingModelError struct {
	// Field is the relation, and Target what is missing.
	Field  string
	Target inflect.Name
	// Known are the models that exist.
	Known []string
}

// Error says which model is missing.
func (e *MissingModelError) Error() string {
	return fmt.Sprintf("%s: there is no model %s", e.Field, e.Target.Type)
}

// TargetsWithFactory are the models besides that of the resource whose factories the generated code calls, each once.
func (r *Resource) TargetsWithFactory() []Column {
	needed := r.Needs()
	if r.Tests && r.Served() {
		needed = append(needed, r.TestTargets()...)
	}
	return slices.DeleteFunc(distinct(needed), func(c Column) bool { return c.Target.Type == r.Name.Type })
}
