package api

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

// Actor is a request dependency: embedded in the input of an endpoint, it holds
// who acts, and refuses requests of nobody (401). The document says that one has
// to be signed in.
type Actor = identity.Actor

// OptionalActor is like [Actor] and lets requests of nobody pass.
type OptionalActor struct {
	Actor
	// Known reports whether somebody known acts.
	Known bool
}

func resolveActor(ctx context.Context, v reflect.Value) error {
	actor, known, err := identity.Resolve(ctx)
	if err != nil {
		return resolverError(err)
	}
	if !known {
		return unauthorized()
	}
	v.Set(reflect.ValueOf(actor))
	return nil
}

func resolveOptionalActor(ctx context.Context, v reflect.Value) error {
	actor, known, err := identity.Resolve(ctx)
	if err != nil {
		return resolverError(err)
	}
	v.Set(reflect.ValueOf(OptionalActor{actor, known}))
	return nil
}

// requiresFullScope reports whether access tokens need the scope "*": the endpoint asks who
// acts, and does not say what for.
func (e *endpoint) requiresFullScope() bool {
	return e.permission == "" && !e.anyScope && e.input.dependsOnActor()
}

// unscoped returns a problem when whoever acts came with an access token that is
// made for some actions only.
//
// Threat: a token for reading posts, used where its owner may do more.
func unscoped(ctx context.Context) error {
	actor, known, err := identity.Resolve(ctx)
	switch {
	case err != nil:
		return resolverError(err)
	case !known, !actor.Token && actor.Scopes == nil, slices.Contains(actor.Scopes, "*"):
		return nil
	}
	return problem.Forbidden("").WithText(texts, "scope")
}

// resolverError returns the problem of a resolver that says what is wrong, such as a
// token that was revoked, as it is. Anything else may work again later.
func resolverError(err error) error {
	if chosen := (*problem.Error)(nil); errors.As(err, &chosen) {
		return err
	}
	return problem.Unavailable(err)
}

// unauthorized tells how to become known (RFC 9110 §11.6.1). Bearer is the scheme
// of access tokens (RFC 6750); for sessions there is none.
func unauthorized() error {
	return problem.Unauthorized("").WithHeader("WWW-Authenticate", "Bearer")
}

// permit returns a problem unless whoever acts may do the action.
func permit(ctx context.Context, action string) error {
	_, known, err := identity.Resolve(ctx)
	switch {
	case err != nil:
		return resolverError(err)
	case identity.Can(ctx, action, nil):
		return nil
	case !known:
		return unauthorized()
	}
	return problem.Forbidden("")
}
