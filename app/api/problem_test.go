package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
)

type failInput struct {
	Kind string `path:"kind"`
}

func fail(ctx context.Context, in *failInput) (*struct{}, error) {
	switch in.Kind {
	case "plain":
		return nil, errors.New("secret: connection to 10.0.0.1")
	case "missing":
		return nil, gorm.ErrRecordNotFound
	case "file":
		_, err := storage.NewFolder("nowhere").Open(ctx, "secret.png")
		return nil, err
	case "duplicate":
		return nil, gorm.ErrDuplicatedKey
	case "dangling":
		return nil, gorm.ErrForeignKeyViolated
	case "http":
		return nil, echo.NewHTTPError(http.StatusTeapot, "secret")
	case "problem":
		p := problem.New(http.StatusConflict, "sold_out", "There is none left.").WithHeader("Retry-After", "60")
		p.Fields = []problem.Field{{Pointer: "/seat", Detail: "Taken."}}
		return nil, p
	}
	panic("secret")
}

// Threat: causes tell an attacker about the inside.
func TestProblems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp(func(a *covet.App) { api.Get(a, "/fail/{kind}", fail) }), apptest.Set("log.level", "error"))
	tests := []struct {
		path     string
		status   int
		code     string
		pointers []string
	}{
		{"/api/fail/plain", 500, "internal", nil},
		{"/api/fail/panic", 500, "internal", nil},
		{"/api/fail/missing", 404, "not_found", nil},
		{"/api/fail/file", 404, "not_found", nil},
		{"/api/fail/duplicate", 409, "conflict", nil},
		{"/api/fail/dangling", 409, "conflict", nil},
		{"/api/fail/http", 418, "status_418", nil},
		{"/api/fail/problem", 409, "sold_out", []string{"/seat"}},
		{"/api/nowhere", 404, "not_found", nil},
		{"/api", 404, "not_found", nil},
	}
	for _, tt := range tests {
		for _, accept := range []string{"application/json", "text/html,application/xhtml+xml,*/*;q=0.8"} {
			page := call(t, a, "GET", tt.path, "", "", "Accept: "+accept)
			if d := refused(t, page, tt.status, tt.pointers...); d.Code != tt.code {
				t.Errorf("%s: code = %q, want %q", tt.path, d.Code, tt.code)
			}
			if strings.Contains(page.Body(), "secret") {
				t.Errorf("%s: %s", tt.path, page.Body())
			}
		}
	}
	page := call(t, a, "DELETE", "/api/fail/plain", "", "", "Accept: text/html")
	refused(t, page, http.StatusMethodNotAllowed)
	if allow := page.Header().Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow = %q", allow)
	}
	if page := call(t, a, "GET", "/elsewhere", "", "",
		"Accept: text/html").MustStatus(404); !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Errorf("outside of the prefix the answer is %s", page.Header().Get("Content-Type"))
	}
}
