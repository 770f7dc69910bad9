// Package identity says who is acting: in a request, a job or a command. Log,
// audit, admin, API and policies share its Actor, so that none of them needs to
// know how people sign in.
//
//	if actor, ok := identity.From(ctx); ok {
//		log.InfoContext(ctx, "publishing", "actor", actor.ID)
//	}
package identity

import "context"

// Actor is who acts. The zero Actor is nobody.
type Actor struct {
	// ID identifies the actor for good, such as the primary key of a user.
	ID string
	// Name is what people call the actor. It may be empty.
	Name string
	// Email is the actor's address. It may be empty.
	Email string
}

type contextKey struct{}

// With returns a context in which actor acts.
func With(ctx context.Context, actor Actor) context.Context {
	return context.WithValue(ctx, contextKey{}, actor)
}

// From returns who acts in ctx. It reports false when nobody known does.
func From(ctx context.Context) (Actor, bool) {
	actor, ok := ctx.Value(contextKey{}).(Actor)
	return actor, ok
}
