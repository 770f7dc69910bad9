// covet:file auth

package app

import "github.com/covetgo/covet/app/identity"

// policies are the rules that no permission of a role can express. They are asked by identity.Can(ctx, action, subject):
//
//	identity.Allow(p, "posts.update", func(_ context.Context, actor identity.Actor, post models.Post) bool {
//		return strconv.FormatInt(post.AuthorID, 10) == actor.ID
//	})
func policies() *identity.Policies {
	p := identity.NewPolicies()
	return p
}
