package api

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

// Actor is a request dependency: embedded in the input of an endpoint, it holds the actor, and rejects unauthenticated
// requests (401). The document says that the endpoint requires authentication.
type Actor = identity.Actor

// OptionalActor is like [Actor] and accepts unauthenticated requests.
type OptionalActor struct {
	Actor
	// Known reports whether the request is authenticated.
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

// requiresFullScope reports whether access tokens need the scope "*": the endpoint uses the actor, but names no
// permission.
func (e *endpoint) requiresFullScope() bool {
	return e.permission == "" && !e.anyScope && e.input.dependsOnActor()
}

// unscoped returns a problem if the request has an access token with limited scopes.
//
// Threat: a token for reading posts is used for an action that its owner may do, but the token may not.
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

// resolverError returns a problem of the resolver unchanged, such as that of a revoked token. Any other error is
// temporary.
func resolverError(err error) error {
	if chosen := (*problem.Error)(nil); errors.As(err, &chosen) {
		return err
	}
	return problem.Unavailable(err)
}

// unauthorized returns the challenge (RFC 9110 §11.6.1). Bearer is the scheme of access tokens (RFC 6750); sessions
// have none.
func unauthorized() error {
	return problem.Unauthorized("").WithHeader("WWW-Authenticate", "Bearer")
}

// permit returns a problem unless the actor may do the action.
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
