package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

type config struct {
	covet.Config
	API api.Config
}

// newApp returns how to make an application with endpoints.
func newApp(endpoints func(a *covet.App)) func(config) (*covet.App, error) {
	return func(cfg config) (*covet.App, error) {
		a, err := covet.New(cfg.Config,
			covet.Options{Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}})
		if err != nil {
			return nil, err
		}
		a.Echo.Use(signIn)
		if err := a.Use(api.New(cfg.API, api.Options{})); err != nil {
			return nil, err
		}
		endpoints(a)
		return a, nil
	}
}

// signIn makes the header X-Actor say who acts: a name and the scopes of a token.
func signIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		name, scopes, token := strings.Cut(c.Request().Header.Get("X-Actor"), " ")
		ctx := identity.WithResolver(c.Request().Context(), func(context.Context) (identity.Actor, bool, error) {
			actor := identity.Actor{ID: name, Name: name}
			switch name {
			case "":
				return identity.Actor{}, false, nil
			case "broken":
				return identity.Actor{}, false, errors.New("database is away: secret")
			case "revoked":
				refusal := problem.Unauthorized("This access token was revoked.").WithHeader("WWW-Authenticate", "Bearer")
				return identity.Actor{}, false, fmt.Errorf("looking up the token: %w", refusal)
			case "documentalist":
				actor.Permissions = []string{"api.docs"}
			case "editor":
				actor.Permissions = []string{"posts.*"}
			}
			if token {
				actor.Token, actor.Scopes = true, strings.Fields(scopes)
			}
			return actor, true, nil
		})
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// call sends a request, with headers as "Name: value".
func call(t *testing.T, a *apptest.App, method, path, contentType, body string, headers ...string) *apptest.Page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body = http.NoBody
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Add(name, v)
	}
	return a.Client().Do(r)
}

// details are the members of a problem.
type details struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []problem.Field
}

// answered holds that the page has a status.
func answered(t *testing.T, page *apptest.Page, status int) {
	t.Helper()
	if page.Status() != status {
		t.Fatalf("status = %d, want %d\n%s", page.Status(), status, page.Body())
	}
}

// refused holds that the page is a problem with a status, pointing where it should.
func refused(t *testing.T, page *apptest.Page, status int, pointers ...string) details {
	t.Helper()
	answered(t, page, status)
	if got := page.Header().Get("Content-Type"); got != problem.ContentType {
		t.Errorf("Content-Type = %q, want a problem\n%s", got, page.Body())
	}
	var d details
	page.JSON(&d)
	if d.Status != status || d.Title == "" || d.Code == "" {
		t.Errorf("problem = %+v", d)
	}
	var got []string
	for _, f := range d.Errors {
		got = append(got, f.Pointer)
	}
	if strings.Join(got, " ") != strings.Join(pointers, " ") {
		t.Errorf("pointers = %q, want %q\n%s", got, pointers, page.Body())
	}
	return d
}

// serve answers a GET without a server.
func serve(a *covet.App, path, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	return w
}
