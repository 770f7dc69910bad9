package identity

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"

	"gorm.io/gorm/clause"
)

// Policies are the rules of an application that permissions cannot express:
//
//	policies := identity.NewPolicies()
//	identity.Allow(policies, "posts.*", func(ctx context.Context, actor identity.Actor, post models.Post) bool {
//		return actor.Is(post.UserID)
//	}).Where(identity.Owns("user_id"))
//
// Rules are registered before the application serves, and only read afterwards.
type Policies struct {
	rules []*Rule
}

// Rule decides about subjects of one type. [Rule.Where] adds a condition for lists.
type Rule struct {
	pattern   string // of actions, as in permissions
	anyone    bool
	subject   reflect.Type
	allows    func(ctx context.Context, actor Actor, subject any) bool // false for any other type
	condition Condition
}

// Condition returns the condition in SQL for the rows that a rule allows the actor.
type Condition func(ctx context.Context, actor Actor) clause.Expression

// NewPolicies returns no rules: only permissions allow anything.
func NewPolicies() *Policies { return &Policies{} }

// Allow adds a rule for signed-in users: action, "posts.update" or "posts.*", is allowed when the function returns
// true. It is called for subjects of type T or *T only, and never for the zero Actor, so that an empty owner does not
// match a visitor.
func Allow[T any](p *Policies, action string, allows func(ctx context.Context, actor Actor, subject T) bool) *Rule {
	return p.add(action, false, reflect.TypeFor[T](), typed(allows))
}

// AllowAnyone adds a rule for everyone, including guests, who are the zero Actor.
func AllowAnyone[T any](p *Policies, action string, allows func(ctx context.Context, actor Actor, subject T) bool) *Rule {
	return p.add(action, true, reflect.TypeFor[T](), typed(allows))
}

// Where gives the rule a condition in SQL, which must select exactly the rows that the function of the rule allows. The
// database then filters lists. Without it, lists read rows and call the function for each.
func (r *Rule) Where(condition Condition) *Rule {
	r.condition = condition
	return r
}

// Owns is the condition of a rule about owners: the column has the primary key of the user who acts, as [Actor.Is]
// compares it.
func Owns(column string) Condition {
	return func(_ context.Context, actor Actor) clause.Expression {
		if id := actor.UserID(); id != 0 {
			return clause.Eq{Column: clause.Column{Name: column}, Value: id}
		}
		return nothing
	}
}

// Everything is the condition of a rule that allows every row.
func Everything(context.Context, Actor) clause.Expression { return everything }

// IsEverything reports whether a condition of [Filter] selects every row.
func IsEverything(condition clause.Expression) bool {
	expression, ok := condition.(clause.Expr)
	return ok && expression.SQL == everything.SQL
}

var (
	everything = clause.Expr{SQL: "1 = 1"}
	nothing    = clause.Expr{SQL: "1 = 0"}
)

func (p *Policies) add(
	action string, anyone bool, subject reflect.Type, allows func(context.Context, Actor, any) bool,
) *Rule {
	if action == "" {
		panic("identity: a rule needs an action, such as posts.update")
	}
	r := &Rule{pattern: action, anyone: anyone, subject: subject, allows: allows}
	p.rules = append(p.rules, r)
	return r
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

// decides reports whether the rule applies to an action.
func (r *Rule) decides(known bool, action string) bool {
	return (known || r.anyone) && matches(r.pattern, action)
}

// allow reports whether a rule allows the action on subject.
func (p *Policies) allow(ctx context.Context, actor Actor, known bool, action string, subject any) bool {
	if p == nil {
		return false
	}
	for _, r := range p.rules {
		if r.decides(known, action) && r.allows(ctx, actor, subject) {
			return true
		}
	}
	return false
}

// about reports whether the rule is called for rows of a model: a struct type.
func (r *Rule) about(model reflect.Type) bool {
	switch r.subject.Kind() {
	case reflect.Interface:
		return model.Implements(r.subject) || reflect.PointerTo(model).Implements(r.subject)
	case reflect.Pointer:
		return r.subject.Elem() == model
	}
	return r.subject == model
}

// Filter returns a condition in SQL for the rows on which [Can] allows the actor of ctx the action. Model is a value
// of their type or a pointer to one. It reports false if a rule about this type has no condition: then read rows and
// call Can for each.
func Filter(ctx context.Context, action string, model any) (clause.Expression, bool) {
	actor, known, err := Resolve(ctx)
	switch {
	case err != nil, known && !actor.InScope(action):
		return nothing, true
	case known && actor.Permits(action):
		return everything, true
	}
	policies, _ := ctx.Value(policiesKey{}).(*Policies)
	if policies == nil {
		return nothing, true
	}
	t := reflect.TypeOf(model)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var conditions anyOf
	for _, r := range policies.rules {
		if !r.decides(known, action) || !r.about(t) {
			continue
		}
		if r.condition == nil {
			return nil, false
		}
		condition := r.condition(ctx, actor)
		if IsEverything(condition) {
			return condition, true
		}
		conditions = append(conditions, condition)
	}
	if len(conditions) == 0 {
		return nothing, true
	}
	return conditions, true
}

// anyOf is true where one of its conditions is. Those of clause.Or would be joined to what stands before them by OR.
type anyOf []clause.Expression

// Build implements clause.Expression.
func (a anyOf) Build(builder clause.Builder) {
	_ = builder.WriteByte('(') // into memory
	for i, condition := range a {
		if i > 0 {
			_, _ = builder.WriteString(" OR ")
		}
		_ = builder.WriteByte('(')
		condition.Build(builder)
		_ = builder.WriteByte(')')
	}
	_ = builder.WriteByte(')')
}

type policiesKey struct{}

// Actions returns the actions that rules are about, each once, as they were written: "posts.update", "posts.*".
func (p *Policies) Actions() []string {
	if p == nil {
		return nil
	}
	var actions []string
	for _, r := range p.rules {
		if !slices.Contains(actions, r.pattern) {
			actions = append(actions, r.pattern)
		}
	}
	return actions
}

// WithPolicies returns a context in which [Can] also uses these policies.
func WithPolicies(ctx context.Context, p *Policies) context.Context {
	return context.WithValue(ctx, policiesKey{}, p)
}

// Can reports whether the actor of ctx may do action, "posts.update", on
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
		return fmt.Errorf("%q is not a permission such as posts.update, posts.* or *", text)
	}
	return nil
}
