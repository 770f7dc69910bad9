package generate

func modelKind() Kind {
	return Kind{
		Flags: []string{"skip"}, Name: "model", Use: "NAME [FIELD…]", Fields: true,
		Short:   "a model with its migration, factory, seed and test",
		Example: "  covet generate model tag name:string!:unique\n  covet generate model shop/product name:string! 'price:decimal(10,2)'",
		name:    resourceName, plan: planModel,
	}
}

// planModel makes a resource of which there is nothing but the model.
func planModel(p *Project, r request) (*plan, error) {
	r.flags.Skip = append([]string{"html", "api", "admin"}, r.flags.Skip...)
	res, err := p.resource(r)
	if err != nil {
		return nil, err
	}
	res.Auth = false
	return p.planParts(res, r)
}
