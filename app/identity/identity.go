// Package identity says who is acting, in a request, a job or a command, and what
// they may do. Log, audit, admin, API and the application's own policies share it,
// so that none of them needs to know how people sign in.
//
//	if !identity.Can(ctx, "posts.update", post) {
//		return problem.Forbidden("")
//	}
//
// Actions are named resource and verb, "posts.update". An actor may do one when a
// permission of theirs covers it, or when a policy of the application, a Go
// function registered with [Allow], says so for this subject. What nothing allows
// is forbidden. The scopes of an access token narrow both.
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

// Actor is who acts. The zero Actor is nobody.
type Actor struct {
	// ID identifies the actor for good: for people, the primary key of the user.
	ID string
	// Name is what people call the actor. It may be empty.
	Name string
	// Email is the actor's address. It may be empty.
	Email string
	// Permissions are what the actor's roles allow: "posts.update", "posts.*" for
	// everything about posts, or "*" for everything. Defaults to nothing.
	Permissions []string
	// Scopes are the only actions that this actor's access token is for, written as
	// permissions are. Nil means no narrowing: the actor signed in without a token.
	Scopes []string
	// Token reports that the actor came with an access token, not with a session.
	Token bool
	// SignedInAt is when the actor last proved who they are. It is zero for tokens
	// and commands.
	SignedInAt time.Time
}

// Is reports whether the actor is the user with this primary key. Nobody is 0.
func (a Actor) Is(id int64) bool { return id != 0 && a.ID == strconv.FormatInt(id, 10) }

// UserID returns the primary key of the user who acts, for a column that refers to
// them. It is 0 for nobody, and for an actor who is no user.
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

// Resolver finds out who acts. It reports false when nobody known does, and an
// error when it could not find out.
type Resolver func(ctx context.Context) (Actor, bool, error)

type actorKey struct{}

// source is who acts in a context, found out when it is first asked for.
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

// WithResolver returns a context in which resolve finds out who acts, once, when
// somebody asks: a request that nobody asks about costs no look-up.
func WithResolver(ctx context.Context, resolve Resolver) context.Context {
	return context.WithValue(ctx, actorKey{}, &source{resolve: resolve})
}

// Resolve returns who acts in ctx. It reports false when nobody known does, and an
// error when that could not be found out, as when the database is away.
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

// From returns who acts in ctx. It reports false when nobody known does, or when
// that could not be found out.
func From(ctx context.Context) (Actor, bool) {
	actor, ok, err := Resolve(ctx)
	return actor, ok && err == nil
}

// Shown reports whether the request of ctx shows a credential, such as a session or an access token, valid or not. It
// looks nothing up.
func Shown(ctx context.Context) bool {
	_, ok := ctx.Value(actorKey{}).(*source)
	return ok
}

// Known is [From] that never looks anything up: it reports false unless somebody
// has asked before. It is for logs.
func Known(ctx context.Context) (Actor, bool) {
	s, ok := ctx.Value(actorKey{}).(*source)
	if !ok || !s.done.Load() {
		return Actor{}, false
	}
	return s.actor, s.known && s.err == nil
}
