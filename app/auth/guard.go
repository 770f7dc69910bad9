package auth

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// Required lets only those pass who are signed in, in a browser or with an access token. A browser is sent to the
// log-in and back; a program is answered 401 with WWW-Authenticate (RFC 9110 §11.6.1).
//
//	e.GET("/posts/new", h.New, auth.Required())
func Required() echo.MiddlewareFunc {
	return guard(func(echo.Context, identity.Actor) error { return nil })
}

// RequiredSession is Required that refuses access tokens with 403: for pages on which people change their account, and
// for whatever a stolen token should not reach.
func RequiredSession() echo.MiddlewareFunc {
	return guard(func(c echo.Context, actor identity.Actor) error {
		if actor.Token {
			return problem.Forbidden(texts.T(c.Request().Context(), "tokens.refused"))
		}
		return nil
	})
}

// RequiredTo is Required that answers 403 to those who may not do action, "posts.create", on nothing in particular.
func RequiredTo(action string) echo.MiddlewareFunc {
	return guard(func(c echo.Context, _ identity.Actor) error {
		if !identity.Can(c.Request().Context(), action, nil) {
			return problem.Forbidden("")
		}
		return nil
	})
}

func guard(allow func(echo.Context, identity.Actor) error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			actor, ok, err := identity.Resolve(c.Request().Context())
			if err != nil {
				return err
			}
			c.Response().Header().Add("Vary", "Cookie")
			if !ok {
				return signInFirst(c)
			}
			if err := allow(c, actor); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// signInFirst sends a browser to the log-in. Only what was read can be gone back to.
func signInFirst(c echo.Context) error {
	r := c.Request()
	if !web.WantsHTML(r) {
		return problem.Unauthorized("").WithHeader(echo.HeaderWWWAuthenticate, "Bearer")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return web.Redirect(c, loginPath)
	}
	return web.Redirect(c, loginPath+"?next="+url.QueryEscape(r.URL.RequestURI()))
}
