package generate

import (
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func seedKind() Kind {
	return Kind{
		Name: "seed", Use: "NAME",
		Short:   "a few records of an existing model to begin with, stored by its factory",
		Example: "  covet generate seed post",
		name:    seedName, plan: planSeed,
	}
}

// seedName allows user, too, of which there is a factory from the beginning.
func seedName(text string) (string, error) {
	n, err := inflect.ParseModel(text)
	return n.Snake, err
}

func planSeed(p *Project, r request) (*plan, error) {
	if err := noArgs("seed", r.args); err != nil {
		return nil, err
	}
	n, err := inflect.ParseModel(r.name)
	if err != nil {
		return nil, err
	}
	found, err := p.models()
	if err != nil {
		return nil, err
	}
	if _, ok := found[n.Type]; !ok {
		return nil, &UnknownError{Noun: "model", Name: n.Ref, Known: modelNames(found)}
	}
	made, err := p.declared("models/factory", nil)
	if err != nil {
		return nil, err
	}
	if made[n.Type] == "" {
		return nil, &UsageError{
			Problem: "models/factory has no function " + n.Type + ", by which the seed could store valid records",
			Hint:    "Write func " + n.Type + "(ctx, db, changes…) there, after the example of models/factory/user.go.",
		}
	}
	res := &resource{Module: p.Module, Name: name{n}}
	file := "app/seeds/" + n.Table
	if err := p.refusePart(r, "seed", file+".go"); err != nil {
		return nil, err
	}
	out := &plan{
		edits: []insert.Edit{seedEdit(n.Table, res.Name.TypePlural())},
		notes: []string{"Next: covet seed " + n.Table},
	}
	return out, p.renderAll(out, res, nil, part{"resource/seed.go", file + ".go"}, part{"seed/seed_test.go", file + "_test.go"})
}
