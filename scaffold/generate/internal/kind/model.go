package kind

import "github.com/covetgo/covet/scaffold/generate/internal/change"

func modelKind() Kind {
	return Kind{
		Flags: []string{"skip"}, Name: "model", Use: "NAME [FIELD…]", Fields: true,
		Short:      "a model with its migration, factory, seed and test",
		Example:    "  covet generate model tag name:string!:unique\n  covet generate model shop/product name:string! 'price:decimal(10,2)'",
		recordName: resourceName, plan: planModel,
	}
}

// planModel plans a resource that is nothing but the model.
func planModel(r *request) (*change.Plan, error) {
	r.flags.Skip = append([]string{"html", "api", "admin"}, r.flags.Skip...)
	res, err := r.newResource()
	if err != nil {
		return nil, err
	}
	res.Auth = false
	return r.planParts(res)
}
