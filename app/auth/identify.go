package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/identity"
)

// identify gives every request its policies and, if it has a session or an access token, a way to find out whose.
func (m *Module) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		ctx := r.Context()
		if m.policies != nil {
			ctx = identity.WithPolicies(ctx, m.policies)
		}
		ctx = m.resolver.With(ctx, r.Header, m.cookies.Session(r))
		if ctx != r.Context() {
			c.SetRequest(r.WithContext(ctx))
		}
		return next(c)
	}
}

// errModel is an error of the programmer.
var errModel = errors.New("the module auth was made for another model")

// Current returns the row of the user who sends the request of ctx, in the application's own model. It reports false when
// nobody is signed in, and returns an error when that could not be found out. Associations are not loaded.
//
//	user, ok, err := auth.Current[models.User](ctx)
func Current[U any, P Account[U]](ctx context.Context) (U, bool, error) {
	var none U
	holder, err := identify.From(ctx)
	if err != nil || holder == nil {
		return none, false, err
	}
	user, ok := holder.Model.(*U)
	if !ok {
		return none, false, fmt.Errorf("finding the current user as %T: %w", none, errModel)
	}
	return *user, true, nil
}
