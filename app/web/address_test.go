package web_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/web"
)

// shownAt renders a page for a request, and returns what text says about it.
func shownAt(t *testing.T, base, target string, text func(ctx context.Context) string) string {
	t.Helper()
	e := echo.New()
	e.Renderer = &web.Renderer{BaseURL: base}
	rec := httptest.NewRecorder()
	page := templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text(ctx))
		return err
	})
	if err := web.Render(e.NewContext(httptest.NewRequest(http.MethodGet, target, nil), rec), http.StatusOK, page); err != nil {
		t.Fatal(err)
	}
	return rec.Body.String()
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/":                        "https://blog.example.com/",
		"/posts?q=secret&utm=x":    "https://blog.example.com/posts",
		"/posts?q=a&page=2":        "https://blog.example.com/posts?page=2",
		"/posts?page=%22%3E%3Cb":   "https://blog.example.com/posts?page=%22%3E%3Cb",
		"/posts/a%20b":             "https://blog.example.com/posts/a%20b",
		"//evil.example/x":         "https://blog.example.com//evil.example/x",
		"http://evil.example/path": "https://blog.example.com/path",
	} {
		if got := shownAt(t, "https://blog.example.com", target, web.Canonical); got != want {
			t.Errorf("%s: %q, want %q", target, got, want)
		}
	}
	if got := shownAt(t, "", "/posts", web.Canonical); got != "" {
		t.Errorf("without an address: %q", got)
	}
	if got := web.Canonical(t.Context()); got != "" {
		t.Errorf("outside of a page: %q", got)
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ target, path, want string }{
		{"/", "/", "page"},
		{"/posts", "/", ""},
		{"/posts", "/posts", "page"},
		{"/posts?page=2", "/posts", "page"},
		{"/posts/1/edit", "/posts", "true"},
		{"/posters", "/posts", ""},
		{"/", "/posts", ""},
	} {
		got := shownAt(t, "", test.target, func(ctx context.Context) string { return web.Current(ctx, test.path) })
		if got != test.want {
			t.Errorf("%s on %s: %q, want %q", test.path, test.target, got, test.want)
		}
	}
}
