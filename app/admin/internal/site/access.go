package site

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// accessAction is what every page of the admin needs.
const accessAction = "admin.access"

// requireAccess lets users through who are signed in and may use the admin.
//
// Threat: a leaked access token opens the admin.
func (s *Site) requireAccess(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		actor, known, err := identity.Resolve(ctx)
		var refused *problem.Error
		switch {
		case errors.As(err, &refused): // such as 401 for a token that is not valid
			return err
		case err != nil:
			return problem.Unavailable(err)
		case !known:
			return s.signIn(c)
		case actor.Token:
			return problem.Forbidden(words.T(ctx, "access.token"))
		case !s.registry.Can(ctx, accessAction, nil):
			return problem.Forbidden(words.T(ctx, "access.forbidden"))
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return next(c)
	}
}

// signIn redirects browsers to the log-in, which leads back to the page that was asked for.
func (s *Site) signIn(c echo.Context) error {
	r := c.Request()
	if !web.WantsHTML(r) || s.cfg.SignIn == "" {
		return problem.Unauthorized("")
	}
	next := s.registry.Base()
	if r.Method == http.MethodGet && web.IsLocal(r.URL.RequestURI()) {
		next = r.URL.RequestURI()
	}
	separator := "?"
	if strings.Contains(s.cfg.SignIn, "?") {
		separator = "&"
	}
	return web.Redirect(c, s.cfg.SignIn+separator+"next="+url.QueryEscape(next))
}
