package request_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/problem"
)

// Threat: a form that redirects to another site in the name of the admin.
func TestBack(t *testing.T) {
	t.Parallel()
	const fallback = "/admin/posts"
	for target, want := range map[string]string{
		"": fallback, "/admin": "/admin", "/admin/posts/7": "/admin/posts/7",
		"/admin/posts?q=a+b&after=x": "/admin/posts?q=a+b&after=x",
		"/admin/posts#top":           "/admin/posts", "/": fallback, "/login": fallback, "/administrators": fallback,
		"/admin2/x":            fallback,
		"//evil.example/admin": fallback, "https://evil.example/admin": fallback, "javascript:alert(1)": fallback,
		"admin":           fallback,
		"/admin/../login": fallback, "/admin/%2e%2e/login": fallback, "/admin//evil.example": fallback,
		"/admin/..%2flogin":      fallback,
		"\\\\evil.example/admin": fallback, "/admin/\\evil.example": fallback, "/admin/posts\x00": fallback,
		"/admin/%zz": fallback,
		"/admin/":    fallback, "http:/admin": fallback,
	} {
		if got := request.Back("/admin", target, fallback); got != want {
			t.Errorf("Back(%q) = %q, want %q", target, got, want)
		}
	}
}

func FuzzBack(f *testing.F) {
	for _, target := range []string{"/admin/posts", "//x/admin", "/admin/../x", "/admin\\x", "/admin?x=//y"} {
		f.Add(target)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := request.Back("/admin", target, "/admin")
		if path, _, _ := strings.Cut(got, "?"); path != "/admin" && !strings.HasPrefix(path, "/admin/") ||
			strings.ContainsAny(path, "\\\n\r\t") {
			t.Errorf("Back(%q) = %q", target, got)
		}
	})
}

func TestForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		contentType, body string
		status            int
	}{
		"a form":             {"application/x-www-form-urlencoded", "title=One&tags=1&tags=2", 0},
		"with a charset":     {"application/x-www-form-urlencoded; charset=utf-8", "title=One&tags=1&tags=2", 0},
		"with spaces":        {" application/x-www-form-urlencoded ; charset=utf-8", "title=One&tags=1&tags=2", 0},
		"JSON":               {"application/json", `{"title":"One"}`, http.StatusUnsupportedMediaType},
		"multipart":          {"multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
		"no type":            {"", "title=One", http.StatusUnsupportedMediaType},
		"a malformed escape": {"application/x-www-form-urlencoded", "title=%zz", http.StatusBadRequest},
		"NUL":                {"application/x-www-form-urlencoded", "title=a%00b", http.StatusBadRequest},
		"invalid UTF-8":      {"application/x-www-form-urlencoded", "title=%ff", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/posts?title=Two&x=y",
				strings.NewReader(c.body))
			r.Header.Set("Content-Type", c.contentType)
			form, err := request.Form(echo.New().NewContext(r, httptest.NewRecorder()))
			if c.status != 0 {
				if p := problem.From(err); err == nil || p.Status != c.status {
					t.Errorf("%v, want %d", err, c.status)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if form.Get("title") != "One" || len(form["tags"]) != 2 || form.Has("x") {
				t.Errorf("form = %v; the address does not count", form)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err error
		ok  bool
	}{
		{nil, false},
		{errors.New("x"), false},
		{problem.Conflict("taken"), true},
		{fmt.Errorf("checking: %w", problem.Conflict("taken")), true},
		{request.Bad("wrong"), true},
		{problem.New(http.StatusUnprocessableEntity, "x", "y"), true},
		{problem.Forbidden("no"), false},
		{problem.NotFound(""), false},
		{problem.Unavailable(errors.New("down")), false},
	} {
		if _, ok := request.Refusal(c.err); ok != c.ok {
			t.Errorf("%v: %t, want %t", c.err, ok, c.ok)
		}
	}
}
