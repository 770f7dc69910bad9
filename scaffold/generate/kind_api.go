package generate

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func apiKind() Kind {
	return Kind{
		Flags: []string{"skip", "parent", "public"}, Name: "api", Use: "NAME [FIELD…]", Fields: true,
		Short:   "JSON endpoints with a policy and tests, with a new model or for one that there is",
		Example: "  covet generate api tag name:string!\n  covet generate api post",
		name:    resourceName, plan: planAPI,
	}
}

// planAPI makes a resource without pages and admin, of which the model may be there already.
func planAPI(p *Project, r request) (*plan, error) {
	if !p.Has(scaffold.API) {
		return nil, &UsageError{
			Problem: "the application has no API",
			Hint:    "It was made without the battery api. Add api.New(cfg.API, api.Options{}) to a.Use in app/app.go first.",
		}
	}
	n, err := inflect.Parse(r.name)
	if err != nil {
		return nil, err
	}
	found, err := p.models()
	if err != nil {
		return nil, err
	}
	m, maker := found[n.Type], (*record)(nil)
	if r.own.hash(m.file) == "" {
		if maker, err = p.maker(m); err != nil {
			return nil, err
		}
	}
	if r.args, err = apiFields(r, n, m, maker); err != nil {
		return nil, err
	}
	r.flags.Skip = append([]string{"html", "admin"}, r.flags.Skip...)
	res, err := p.resource(r)
	if err != nil {
		return nil, err
	}
	out, err := p.planParts(res, r)
	if err != nil {
		return nil, err
	}
	switch {
	case maker != nil:
		out.leave(maker)
	case m.file != "" && r.own.hash(m.file) == "":
		p.leaveWritten(out, n, r.own)
	}
	if !slices.ContainsFunc(out.files, func(f scaffold.File) bool { return isMigration(f.Path) }) {
		out.notes = slices.DeleteFunc(out.notes, func(note string) bool { return strings.Contains(note, "covet migrate up") })
	}
	return out, nil
}

// apiFields are the fields of a request, else those that the model was generated with.
func apiFields(r request, n inflect.Name, m model, maker *record) ([]string, error) {
	switch {
	case m.file == "" || r.own.hash(m.file) != "":
		return r.args, nil
	case maker != nil && maker.Kind != "model":
		again := strings.Join(append([]string{"covet generate", maker.Kind, maker.Name}, maker.Args...), " ")
		return nil, &UsageError{
			Problem: "the model " + n.Type + " came with " + maker.Kind + " " + maker.Name,
			Hint:    "Its endpoints come with it, too, unless they were left out. To add them: " + again,
		}
	case maker != nil && len(r.args) > 0 && !slices.Equal(r.args, maker.Args):
		return nil, &UsageError{
			Problem: "the model " + n.Type + " was generated with other fields",
			Hint:    "Leave them out: covet generate api " + n.Ref,
		}
	case maker != nil:
		return maker.Args, nil
	case len(r.args) == 0:
		return nil, &UsageError{
			Problem: "the model " + n.Type + " in " + m.file + " was not generated, so that its fields are not known",
			Hint:    "Name those that the API shall have: covet generate api " + n.Ref + " title:string!",
		}
	default:
		return r.args, nil
	}
}

// leave leaves out what another run has generated.
func (out *plan) leave(other *record) {
	out.files = slices.DeleteFunc(out.files, func(f scaffold.File) bool {
		return other.hash(f.Path) != "" || isMigration(f.Path)
	})
	out.edits = slices.DeleteFunc(out.edits, func(e insert.Edit) bool { return slices.Contains(other.Edits, recordEdit(e)) })
}

// leaveWritten leaves out what belongs to a model that people have written: the model, its table, and what else is there.
func (p *Project) leaveWritten(out *plan, n inflect.Name, own *record) {
	out.files = slices.DeleteFunc(out.files, func(f scaffold.File) bool {
		switch {
		case isMigration(f.Path), f.Path == "models/"+n.Snake+".go", f.Path == "models/"+n.Snake+"_test.go":
			return true
		case strings.HasPrefix(f.Path, "models/factory/"), strings.HasPrefix(f.Path, "app/seeds/"):
			_, err := p.tree.ReadFile(f.Path)
			return err == nil && own.hash(f.Path) == ""
		default:
			return false
		}
	})
}
