package generate

import (
	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/insert"
)

func policyKind() Kind {
	return Kind{
		Flags: []string{"skip", "public"}, Name: "policy", Use: "NAME",
		Short:   "who may do what with an existing model: its owner, and whoever has the permission",
		Example: "  covet generate policy post\n  covet generate policy post --public",
		name:    resourceName, plan: planPolicy,
	}
}

func planPolicy(p *Project, r request) (*plan, error) {
	if err := noArgs("policy", r.args); err != nil {
		return nil, err
	}
	if !p.Has(scaffold.Auth) {
		return nil, &UsageError{
			Problem: "the application has no accounts, so that there is nobody whom a policy could tell from others",
			Hint:    "It was made without the battery auth. docs/auth.md says how it is added.",
		}
	}
	res, _, err := p.existingResource(r)
	if err != nil {
		return nil, err
	}
	target := res.Name.Folder + "/policy.go"
	if err := p.refusePart(r, "policy", target); err != nil {
		return nil, err
	}
	res.Auth = true
	res.findOwner()
	out := &plan{edits: []insert.Edit{policiesEdit(res.pkg())}}
	parts := []part{{"resource/policy.go", target}}
	if res.Tests {
		parts = append(parts, part{"resource/policy_test.go", res.Name.Folder + "/policy_test.go"})
	}
	if err := p.renderAll(out, res, res.local(), parts...); err != nil {
		return nil, err
	}
	out.notes = append(out.notes, `Next: identity.Can(ctx, "`+res.Name.Table+`.update", `+res.Var()+`)`)
	return out, p.packageComment(out, res.Name, r.own)
}
