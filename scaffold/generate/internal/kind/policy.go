package kind

import (
	"errors"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/insert"
)

func policyKind() Kind {
	return Kind{
		Flags: []string{"skip", "public"}, Name: "policy", Use: "NAME",
		Short:      "the policy of an existing model: its owner, and users with the permission",
		Example:    "  covet generate policy post\n  covet generate policy post --public",
		recordName: policyName, plan: planPolicy,
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
		return "", &usage.Error{
			Problem: `"` + text + `" cannot be the name of a policy: what may be done with accounts is decided by app/auth and the admin`,
			Hint:    "Add a rule to the function policies of app/accounts.go.",
		}
	}
	return "", noun.Refuse("policy", text, refused.Problem)
}

func planPolicy(r *request) (*change.Plan, error) {
	err := r.lacks(scaffold.Auth, "the application has no accounts, which a policy requires",
		"Create an application with accounts (covet new NAME), and copy app/accounts.go and its lines in app/app.go from it.")
	if err != nil {
		return nil, err
	}
	res, _, err := resource.Existing(r.Project, r.name, r.flags.options())
	if err != nil {
		return nil, err
	}
	target := res.Name.Folder + "/policy.go"
	if err := r.refusePart("policy", target); err != nil {
		return nil, err
	}
	res.Auth = true
	res.FindOwner()
	out := &change.Plan{
		Edits: []insert.Edit{policiesEdit(pkg(res))},
		Notes: []string{`Next: identity.Can(ctx, "` + res.Name.Table + `.update", ` + res.Var() + `)`},
	}
	parts := []render.Part{{Template: "resource/policy.go", Target: target}}
	if res.Tests {
		parts = append(parts, render.Part{Template: "resource/policy_test.go", Target: res.Name.Folder + "/policy_test.go"})
	}
	r.packageComment(out, res.Name)
	return out, r.render(out, res, local(res), parts...)
}
