package kind

import (
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func seedKind() Kind {
	return Kind{
		Name: "seed", Use: "NAME",
		Short:      "example records of an existing model, stored by its factory",
		Example:    "  covet generate seed post",
		recordName: seedName, plan: planSeed,
	}
}

// seedName allows user, too, which has a factory from the beginning.
func seedName(text string) (string, error) {
	n, err := inflect.ParseModel(text)
	return n.Snake, err
}

func planSeed(r *request) (*change.Plan, error) {
	n, _, err := r.Model(r.name, inflect.ParseModel)
	if err != nil {
		return nil, err
	}
	res := resource.NewOf(r.Project, n, nil, r.flags.options())
	factories, err := r.Declared("models/factory", nil)
	if err != nil {
		return nil, err
	}
	if factories[res.FactoryFunc()] == "" {
		return nil, &usage.Error{
			Problem: "models/factory has no function " + res.FactoryFunc() + ", which the seed requires to store valid records",
			Hint:    "Write func " + res.FactoryFunc() + "(ctx, db, changes…), as in models/factory/user.go.",
		}
	}
	file := "app/seeds/" + n.Table
	if err := r.refusePart("seed", file+".go"); err != nil {
		return nil, err
	}
	out := &change.Plan{
		Edits: []insert.Edit{seedEdit(n.Table, res.Name.TypePlural())},
		Notes: []string{"Next: covet seed " + n.Table},
	}
	return out, r.render(out, res, nil,
		render.Part{Template: "resource/seed.go", Target: file + ".go"}, render.Part{Template: "seed/seed_test.go", Target: file + "_test.go"})
}
