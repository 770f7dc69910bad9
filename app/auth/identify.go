package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

type lookupKey struct{}

// lookup finds out who sends a request, once, when somebody asks.
type lookup struct {
	module  *Module
	session string // what the cookie holds, or empty
	bearer  string // what the Authorization header holds
	token   bool   // whether there is such a header

	once   sync.Once
	person *person
	err    error
}

// identify gives every request its policies and, when it shows a session or a token, a way to find out whose.
func (m *Module) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx := r.Context()
		if m.policies != nil {
			ctx = identity.WithPolicies(ctx, m.policies)
		}
		l := &lookup{module: m, session: m.sessionCookie(r)}
		l.bearer, l.token = bearer(r)
		if l.token || l.session != "" {
			ctx = context.WithValue(ctx, lookupKey{}, l)
			ctx = identity.WithResolver(ctx, l.resolve)
		}
		if ctx != r.Context() {
			c.SetRequest(r.WithContext(ctx))
		}
		return next(c)
	}
}

// bearer returns the token of an Authorization header (RFC 6750 §2.1). Other schemes are not ours.
func bearer(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// find returns who sends the request, or nil.
//
// Threat: a program whose token has ended goes on as a guest, or as whoever the browser around it is.
func (l *lookup) find(ctx context.Context) (*person, error) {
	l.once.Do(func() {
		if !l.token {
			l.person, l.err = l.module.sessionPerson(ctx, l.session)
			return
		}
		l.person, l.err = l.module.tokenPerson(ctx, l.bearer)
		if l.person == nil && l.err == nil {
			l.err = problem.Unauthorized("The access token is wrong, revoked or expired.").
				WithHeader(echo.HeaderWWWAuthenticate, `Bearer error="invalid_token"`)
		}
	})
	return l.person, l.err
}

func (l *lookup) resolve(ctx context.Context) (identity.Actor, bool, error) {
	p, err := l.find(ctx)
	if p == nil {
		return identity.Actor{}, false, err
	}
	return p.actor(), true, err
}

// personOf returns who sends the request of ctx, or nil.
func personOf(ctx context.Context) (*person, error) {
	l, ok := ctx.Value(lookupKey{}).(*lookup)
	if !ok {
		return nil, nil //nolint:nilnil // nobody is no error
	}
	return l.find(ctx)
}

// errModel is a fault of the programmer.
var errModel = errors.New("the module auth was made for another model")

// Current returns the row of the person who sends the request of ctx, in the application's own model. It reports false
// when nobody is signed in, and returns an error when that could not be found out. Associations are not loaded.
//
//	user, ok, err := auth.Current[models.User](ctx)
func Current[U any, P Account[U]](ctx context.Context) (U, bool, error) {
	var none U
	p, err := personOf(ctx)
	if err != nil || p == nil {
		return none, false, err
	}
	user, ok := p.model.(*U)
	if !ok {
		return none, false, fmt.Errorf("finding the current user as %T: %w", none, errModel)
	}
	return *user, true, nil
}
