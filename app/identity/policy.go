package identity

import (
	"context"
	"fmt"
	"regexp"
)

// Policies are the rules of an application that no permission can express:
//
//	policies := identity.NewPolicies()
//	identity.Allow(policies, "posts.update", func(ctx context.Context, actor identity.Actor, post models.Post) bool {
//		return post.AuthorID == actor.ID
//	})
//
// Rules are registered before the application serves, and only read afterwards.
type Policies struct {
	rules []rule
}

// rule decides about subjects of one type. It returns false for any other.
type rule struct {
	pattern string // of actions, as in permissions
	anyone  bool
	allows  func(ctx context.Context, actor Actor, subject any) bool
}

// NewPolicies returns no rules: only permissions allow anything.
func NewPolicies() *Policies { return &Policies{} }

// Allow adds a rule for somebody who is known: action, "posts.update" or "posts.*",
// is allowed when it returns true. The rule is asked about subjects of type T or *T
// only, and never about nobody, so that an empty owner is not taken for theirs.
func Allow[T any](p *Policies, action string, allows func(ctx context.Context, actor Actor, subject T) bool) {
	p.add(action, false, typed(allows))
}

// AllowAnyone adds a rule for everybody, whether they are known or not; nobody is
// the zero Actor.
func AllowAnyone[T any](p *Policies, action string, allows func(ctx context.Context, actor Actor, subject T) bool) {
	p.add(action, true, typed(allows))
}

func (p *Policies) add(action string, anyone bool, allows func(context.Context, Actor, any) bool) {
	if action == "" {
		panic("identity: a rule needs an action, such as posts.update")
	}
	p.rules = append(p.rules, rule{pattern: action, anyone: anyone, allows: allows})
}

func typed[T any](allows func(context.Context, Actor, T) bool) func(context.Context, Actor, any) bool {
	return func(ctx context.Context, actor Actor, subject any) bool {
		switch s := subject.(type) {
		case T:
			return allows(ctx, actor, s)
		case *T:
			return s != nil && allows(ctx, actor, *s)
		}
		return false
	}
}

// allow reports whether a rule allows the action on subject.
func (p *Policies) allow(ctx context.Context, actor Actor, known bool, action string, subject any) bool {
	if p == nil {
		return false
	}
	for _, r := range p.rules {
		if (known || r.anyone) && matches(r.pattern, action) && r.allows(ctx, actor, subject) {
			return true
		}
	}
	return false
}

type policiesKey struct{}

// WithPolicies returns a context in which [Can] asks these policies, too.
func WithPolicies(ctx context.Context, p *Policies) context.Context {
	return context.WithValue(ctx, policiesKey{}, p)
}

// Can reports whether whoever acts in ctx may do action, "posts.update", on
// subject, which is nil for actions on nothing in particular, "posts.create". It
// is false when who acts could not be found out.
func Can(ctx context.Context, action string, subject any) bool {
	actor, known, err := Resolve(ctx)
	if err != nil || (known && !actor.InScope(action)) {
		return false
	}
	if known && actor.Permits(action) {
		return true
	}
	policies, _ := ctx.Value(policiesKey{}).(*Policies)
	return policies.allow(ctx, actor, known, action, subject)
}

var permission = regexp.MustCompile(`^([a-z0-9_-]+\.)*([a-z0-9_-]+|\*)$`)

// CheckPermission returns an error unless text is a permission: words of lower-case
// letters, digits, "-" and "_" joined by dots, the last of which may be "*".
func CheckPermission(text string) error {
	if !permission.MatchString(text) {
		return fmt.Errorf("%q is no permission; write it as posts.update, posts.* or *", text)
	}
	return nil
}
