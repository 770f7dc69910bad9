package kind

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func apiKind() Kind {
	return Kind{
		Flags: []string{"skip", "parent", "public"}, Name: "api", Use: "NAME [FIELD…]", Fields: true,
		Short:      "JSON endpoints with a policy and tests, for a new or existing model",
		Example:    "  covet generate api tag name:string!\n  covet generate api post",
		recordName: resourceName, plan: planAPI,
	}
}

// planAPI plans a resource without pages and admin, whose model may exist already.
func planAPI(r *request) (*change.Plan, error) {
	err := r.lacks(scaffold.API, "the application has no API",
		"Add api.New(cfg.API, api.Options{}) to a.Use in app/app.go first.")
	if err != nil {
		return nil, err
	}
	n, err := inflect.Parse(r.name)
	if err != nil {
		return nil, err
	}
	found, err := r.Models()
	if err != nil {
		return nil, err
	}
	all, err := r.records()
	if err != nil {
		return nil, err
	}
	m := found[n.Type]
	exists := m.File != "" && r.own.Hash(m.File) == ""
	var maker *record.Record
	if exists {
		maker = record.Maker(all, m)
		if r.args, err = fieldsOfModel(r, n, m, maker); err != nil {
			return nil, err
		}
	}
	r.flags.Skip = append([]string{"html", "admin"}, r.flags.Skip...)
	read := r.newResource
	if exists {
		read = r.resource
	}
	res, err := read()
	if err != nil {
		return nil, err
	}
	out, err := r.planParts(res)
	if err != nil {
		return nil, err
	}
	switch {
	case maker != nil:
		leaveGenerated(out, maker)
	case exists:
		r.leaveWritten(out, n)
	}
	if !slices.ContainsFunc(out.Files, func(f scaffold.File) bool { return record.IsMigration(f.Path) }) {
		out.Notes = slices.DeleteFunc(out.Notes, func(note string) bool { return strings.Contains(note, "covet migrate up") })
	}
	return out, nil
}

// fieldsOfModel returns the fields of an existing model: those that it was generated with, or those of the request.
func fieldsOfModel(r *request, n inflect.Name, m project.Model, maker *record.Record) ([]string, error) {
	switch {
	case maker != nil && maker.Kind != "model":
		again := strings.Join(append([]string{"covet generate", maker.Kind, maker.Name}, maker.Args...), " ")
		return nil, &usage.Error{
			Problem: "the model " + n.Type + " was generated with " + maker.Kind + " " + maker.Name,
			Hint:    "Its endpoints were generated with it, unless they were skipped. To add them: " + again,
		}
	case maker != nil && len(r.args) > 0 && !slices.Equal(r.args, maker.Args):
		return nil, &usage.Error{
			Problem: "the model " + n.Type + " was generated with other fields",
			Hint:    "Omit the fields: covet generate api " + n.Ref,
		}
	case maker != nil:
		return maker.Args, nil
	case len(r.args) == 0:
		return nil, &usage.Error{
			Problem: "the model " + n.Type + " in " + m.File + " was not generated, so its fields are unknown",
			Hint:    "List the fields of the API: covet generate api " + n.Ref + " title:string!",
		}
	default:
		return r.args, nil
	}
}

// leaveGenerated leaves out what another run has generated.
func leaveGenerated(out *change.Plan, other *record.Record) {
	out.Files = slices.DeleteFunc(out.Files, func(f scaffold.File) bool {
		return other.Hash(f.Path) != "" || record.IsMigration(f.Path)
	})
	out.Edits = slices.DeleteFunc(out.Edits, func(e insert.Edit) bool { return slices.Contains(other.Edits, record.NewEdit(e)) })
}

// leaveWritten leaves out what belongs to a model that a user has written: the model, its table, and what else exists.
func (r *request) leaveWritten(out *change.Plan, n inflect.Name) {
	out.Files = slices.DeleteFunc(out.Files, func(f scaffold.File) bool {
		switch {
		case record.IsMigration(f.Path), f.Path == "models/"+n.Snake+".go", f.Path == "models/"+n.Snake+"_test.go":
			return true
		case strings.HasPrefix(f.Path, "models/factory/"), strings.HasPrefix(f.Path, "app/seeds/"):
			return r.Tree.Exists(f.Path) && r.own.Hash(f.Path) == ""
		default:
			return false
		}
	})
}
