package generate

import (
	"errors"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func policyKind() Kind {
	return Kind{
		Flags: []string{"skip", "public"}, Name: "policy", Use: "NAME",
		Short:   "who may do what with an existing model: its owner, and whoever has the permission",
		Example: "  covet generate policy post\n  covet generate policy post --public",
		name:    policyName, plan: planPolicy,
	}
}

// policyName is the name of the model that a policy is about.
func policyName(text string) (string, error) {
	name, err := resourceName(text)
	var refused *inflect.Error
	if !errors.As(err, &refused) {
		return name, err
	}
	if n, err := inflect.ParseModel(text); err == nil && n.Snake == "user" {
		return "", &UsageError{
			Problem: `"` + text + `" cannot be the name of a policy: what may be done with accounts is decided by app/auth and the admin`,
			Hint:    "Write a rule of your own in the function policies of app/accounts.go.",
		}
	}
	return "", refuseWord("policy", text, refused.Problem)
}

func planPolicy(p *Project, r request) (*plan, error) {
	if err := noArgs("policy", r.args); err != nil {
		return nil, err
	}
	if !p.Has(scaffold.Auth) {
		return nil, &UsageError{
			Problem: "the application has no accounts, so that there is nobody whom a policy could tell from others",
			Hint:    "Make one that has them, and take app/accounts.go and its lines in app/app.go over from it: covet new NAME",
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
