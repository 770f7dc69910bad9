// Package identity provides the actor of a request, a job or a command, and authorization. Log, audit, admin, API and
// the application's own policies share it and are independent of how users sign in.
//
//	if !identity.Can(ctx, "posts.update", post) {
//		return problem.Forbidden("")
//	}
//
// Actions are named resource and verb, "posts.update". An actor may do one if one of their permissions covers it, or if
// a policy of the application, a Go function registered with [Allow], allows it for the subject. Everything else is
// forbidden. The scopes of an access token restrict both.
package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Actor is the user or program that acts. The zero Actor is an unauthenticated guest.
type Actor struct {
	// ID identifies the actor permanently: for users, their primary key.
	ID string
	// Name is the display name of the actor. It may be empty.
	Name string
	// Email is the actor's address. It may be empty.
	Email string
	// Permissions are what the actor's roles allow: "posts.update", "posts.*" for
	// everything about posts, or "*" for everything. Defaults to nothing.
	Permissions []string
	// Scopes restrict the actor's access token to these actions, in the form of permissions. Nil means no restriction:
	// the actor signed in without a token.
	Scopes []string
	// Token reports that the request has an access token instead of a session.
	Token bool
	// SignedInAt is when the actor last authenticated. It is zero for tokens and commands.
	SignedInAt time.Time
}

// Is reports whether the actor is the user with this primary key. It is false for 0.
func (a Actor) Is(id int64) bool { return id != 0 && a.ID == strconv.FormatInt(id, 10) }

// UserID returns the primary key of the acting user, for a column that refers to them. It is 0 for guests, and for
// actors that are not users.
func (a Actor) UserID() int64 {
	id, err := strconv.ParseInt(a.ID, 10, 64)
	if err != nil || id < 0 || !a.Is(id) {
		return 0
	}
	return id
}

// Permits reports whether a permission of the actor covers the action, and no
// scope excludes it.
func (a Actor) Permits(action string) bool {
	return a.InScope(action) && covers(a.Permissions, action)
}

// InScope reports whether the actor's scopes, if any narrow them, cover the action.
func (a Actor) InScope(action string) bool {
	return a.Scopes == nil || covers(a.Scopes, action)
}

func covers(patterns []string, action string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, action) })
}

// matches reports whether the pattern is the action, "*", or a prefix of it that
// ends in ".*".
func matches(pattern, action string) bool {
	prefix, open := strings.CutSuffix(pattern, "*")
	return pattern == action || pattern == "*" ||
		(open && strings.HasSuffix(prefix, ".") && strings.HasPrefix(action, prefix))
}

// Resolver determines the actor. It reports false without an authenticated actor, and an error if authentication failed
// temporarily.
type Resolver func(ctx context.Context) (Actor, bool, error)

type actorKey struct{}

// source is the actor of a context, resolved at first use.
type source struct {
	resolve Resolver
	once    sync.Once
	done    atomic.Bool
	actor   Actor
	known   bool
	err     error
}

// With returns a context in which actor acts.
func With(ctx context.Context, actor Actor) context.Context {
	return WithResolver(ctx, func(context.Context) (Actor, bool, error) { return actor, true, nil })
}

// WithResolver returns a context in which resolve determines the actor, once, when the actor is first needed: a request
// that never needs it costs no look-up.
func WithResolver(ctx context.Context, resolve Resolver) context.Context {
	return context.WithValue(ctx, actorKey{}, &source{resolve: resolve})
}

// Resolve returns the actor of ctx. It reports false without an authenticated actor, and an error if that is unknown,
// for example because the database is unavailable.
func Resolve(ctx context.Context) (Actor, bool, error) {
	s, ok := ctx.Value(actorKey{}).(*source)
	if !ok {
		return Actor{}, false, nil
	}
	s.once.Do(func() {
		s.actor, s.known, s.err = s.resolve(ctx)
		s.done.Store(true)
	})
	return s.actor, s.known, s.err
}

// From returns the actor of ctx. It reports false without an authenticated actor, or if that is unknown.
func From(ctx context.Context) (Actor, bool) {
	actor, ok, err := Resolve(ctx)
	return actor, ok && err == nil
}

// Shown reports whether the request of ctx has a credential, such as a session or an access token, valid or not. It
// does no look-up.
func Shown(ctx context.Context) bool {
	_, ok := ctx.Value(actorKey{}).(*source)
	return ok
}

// Known is [From] without a look-up: it reports false unless the actor has been resolved before. It is for logs.
func Known(ctx context.Context) (Actor, bool) {
	s, ok := ctx.Value(actorKey{}).(*source)
	if !ok || !s.done.Load() {
		return Actor{}, false
	}
	return s.actor, s.known && s.err == nil
}
