package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/identity"
)

// Context returns ctx with the policies of the application, which identity.Can asks.
func (m *Module) Context(ctx context.Context) context.Context {
	if m.policies == nil {
		return ctx
	}
	return identity.WithPolicies(ctx, m.policies)
}

// Middleware gives every request that has a session or an access token a way to find out whose.
func (m *Module) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "identify", Position: covet.Identify, Func: m.identify}}
}

func (m *Module) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if ctx := m.resolver.With(r.Context(), r.Header, m.cookies.Session(r)); ctx != r.Context() {
			c.SetRequest(r.WithContext(ctx))
		}
		return next(c)
	}
}

// errModel is an error of the programmer.
var errModel = errors.New("the module auth was made for another model")

// Current returns the row of the user who sends the request of ctx, in the application's own model. It reports false
// when nobody is signed in, and returns an error when that could not be found out. Associations are not loaded.
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
