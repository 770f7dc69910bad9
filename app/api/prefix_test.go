package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/problem"
)

// Errors are JSON by the route that matched: endpoints may share prefixes and paths with pages.
func TestProblemsByRoute(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, func(cfg config) (*covet.App, error) {
		cfg.API.Prefix = "/"
		return newApp(func(a *covet.App) {
			fails := func(context.Context, *struct{}) (*struct{}, error) { return nil, errors.New("secret") }
			api.Get(a, "/posts", fails)
			api.Post(a, "/mixed", fails)
			api.Get(a, "/posts/{id}", func(_ context.Context, in *struct {
				ID int64 `path:"id" minimum:"1"`
			},
			) (*struct{}, error) {
				return nil, problem.NotFound("")
			})
			api.Get(a, "/panics", func(context.Context, *struct{}) (*struct{}, error) { panic("secret") })
			api.Get(api.NewGroup(a, "/v1"), "/posts", fails)
			page := func(echo.Context) error { return problem.Forbidden("") }
			a.Echo.GET("/mixed", page)
			a.Echo.GET("/page/:id", page)
			a.Echo.GET("/v1/about", page)
		})(cfg)
	})
	for _, test := range []struct {
		method, path string
		status       int
		json         bool
	}{
		{http.MethodGet, "/posts", http.StatusInternalServerError, true},
		{http.MethodGet, "/posts/7", http.StatusNotFound, true},
		{http.MethodGet, "/posts/x", http.StatusUnprocessableEntity, true},
		{http.MethodGet, "/panics", http.StatusInternalServerError, true},
		{http.MethodDelete, "/posts", http.StatusMethodNotAllowed, true},
		{http.MethodPost, "/mixed", http.StatusInternalServerError, true},
		{http.MethodGet, "/v1/posts", http.StatusInternalServerError, true},
		{http.MethodGet, "/v1/nothing", http.StatusNotFound, true},
		{http.MethodGet, "/mixed", http.StatusForbidden, false},
		{http.MethodGet, "/page/7", http.StatusForbidden, false},
		{http.MethodGet, "/v1/about", http.StatusForbidden, false},
		{http.MethodGet, "/nothing", http.StatusNotFound, false},
	} {
		page := call(t, a, test.method, test.path, "", "", "Accept: text/html")
		got := page.Header().Get("Content-Type")
		want := "text/html"
		if test.json {
			want = "application/problem+json"
		}
		if page.Status() != test.status || !strings.HasPrefix(got, want) || strings.Contains(page.Body(), "secret") {
			t.Errorf("%s %s: status %d, %s, want %d, %s: %s", test.method, test.path, page.Status(), got, test.status, want, page.Body())
		}
	}
}
