// Package request reads what browsers send to the admin, and checks what must not be trusted in it.
package request

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// maxFlash bounds a message after a redirect, in characters: it travels in a cookie.
const maxFlash = 500

// Form reads a submitted form: its body only, and only text that every database stores. Other media types are refused
// with 415, other text with 400.
func Form(c echo.Context) (url.Values, error) {
	r := c.Request()
	mediaType, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(mediaType) != "application/x-www-form-urlencoded" {
		return nil, problem.Status(http.StatusUnsupportedMediaType)
	}
	if err := r.ParseForm(); err != nil {
		if known := problem.From(err); known.Code != "internal" {
			return nil, known
		}
		return nil, problem.BadRequest("").WithCause(err)
	}
	return r.PostForm, checkText(r.Context(), r.PostForm)
}

// checkText returns a problem with status 400 unless every value is text that databases store.
func checkText(ctx context.Context, form url.Values) error {
	for _, list := range form {
		for _, value := range list {
			if !Storable(value) {
				return Bad(words.T(ctx, "request.not_text"))
			}
		}
	}
	return nil
}

// Storable reports whether every database stores text as it is: valid UTF-8 without NUL.
func Storable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// Bad returns a problem with status 400 whose detail the page shows.
func Bad(detail string) error { return problem.New(http.StatusBadRequest, "bad_request", detail) }

// Refusal returns the problem by which the application refuses a change, to be shown beside the form: one
// with status 400, 409 or 422. It reports false for any other error.
func Refusal(err error) (p *problem.Error, ok bool) {
	if !errors.As(err, &p) {
		return nil, false
	}
	switch p.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return p, true
	}
	return p, false
}

// Back returns target if it is an address at or below base, and fallback otherwise.
//
// Threat: a form that redirects to another site in the name of the admin.
func Back(base, target, fallback string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || path.Clean(u.Path) != u.Path || strings.Contains(target, "\\") {
		return fallback
	}
	if u.Path != base && !strings.HasPrefix(u.Path, base+"/") {
		return fallback
	}
	return u.RequestURI()
}

// Redirect shows message once on the page at the path to.
func Redirect(c echo.Context, message, to string) error {
	if err := web.Flash(c, format.CutTo(message, maxFlash)); err != nil {
		return err
	}
	return web.Redirect(c, to)
}
