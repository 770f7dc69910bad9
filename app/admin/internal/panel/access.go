package panel

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// access lets in who is signed in and may use the admin.
//
// Threat: an access token that leaked from a program opens the admin.
func (s *Server) access(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		actor, known, err := identity.Resolve(ctx)
		var refused *problem.Error
		switch {
		case errors.As(err, &refused): // such as 401 for a token that is wrong
			return err
		case err != nil:
			return problem.Unavailable(err)
		case !known:
			return s.signIn(c)
		case actor.Token:
			return problem.Forbidden("Access tokens do not open the admin. Sign in with a browser.")
		case !s.Can(ctx, "admin.access", nil):
			return problem.Forbidden("You may not use the admin.")
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c)
	}
}

// signIn sends browsers to the log-in, and from there back to what they asked for.
func (s *Server) signIn(c echo.Context) error {
	r := c.Request()
	if !web.WantsHTML(r) || s.SignIn == "" {
		return problem.Unauthorized("")
	}
	next := s.Base
	if r.Method == http.MethodGet && web.IsLocal(r.URL.RequestURI()) {
		next = r.URL.RequestURI()
	}
	separator := "?"
	if strings.Contains(s.SignIn, "?") {
		separator = "&"
	}
	return web.Redirect(c, s.SignIn+separator+"next="+url.QueryEscape(next))
}
