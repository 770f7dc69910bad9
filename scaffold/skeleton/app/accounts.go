// covet:file auth

package app

import (
	"context"

	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/identity"

	"github.com/covetgo/covet/scaffold/skeleton/app/profile"
	"github.com/covetgo/covet/scaffold/skeleton/app/views"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// accounts contains sign-up, log-in and the account pages.
func accounts(cfg auth.Config) *auth.Module {
	return auth.New[models.User](cfg, auth.Options[models.User]{
		Layout:   views.Layout,
		Policies: policies(),
		Signup:   profile.Signup(),
		Links:    links,
	})
}

// links are the pages that the account page leads to.
func links(context.Context) []auth.Link {
	return []auth.Link{{Path: "/profile", Title: "Profile", Text: "How others see you."}}
}

// policies are rules about single records, which permissions of roles cannot express. identity.Can(ctx, action,
// subject) checks them:
//
//	identity.Allow(p, "posts.update", func(_ context.Context, actor identity.Actor, post models.Post) bool {
//		return actor.Is(post.AuthorID)
//	})
func policies() *identity.Policies {
	p := identity.NewPolicies()
	return p
}
