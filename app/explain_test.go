package app_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/config"
)

// newFailingApp returns an application whose handler logs, asks the database, and fails.
func newFailingApp(t *testing.T, env string) *covet.App {
	t.Helper()
	cfg := testConfig(t)
	cfg.App.Env, cfg.Override.LogOutput = env, io.Discard
	cfg.Database.Record = true // as if a configuration could say so
	a := newApp(t, cfg)
	a.Echo.GET("/fail", func(c echo.Context) error {
		ctx := c.Request().Context()
		a.Log.InfoContext(ctx, "looking for it", "name", "<b>it</b>")
		var names []string
		if err := a.DB.With(ctx).Raw("SELECT name FROM sqlite_master WHERE name = ? OR name = ?",
			"hunter2", "goose").Scan(&names).Error; err != nil {
			return err
		}
		return problem.Internal(errors.Join(errors.New("not found"), a.DB.With(ctx).Exec("DELETE FROM nowhere").Error))
	})
	return a
}

func TestErrorPageShowsStatementsAndLog(t *testing.T) {
	t.Parallel()
	a := newFailingApp(t, config.Development)
	base := start(t, a, covet.Roles{Web: true})
	a.Log.InfoContext(t.Context(), "a line of nobody")
	got := do(t, http.MethodGet, base+"/fail", "text/html")
	for _, want := range []string{
		"SQL of this request: 2 statements", "SELECT name FROM sqlite_master WHERE name = ? OR name = ?", "0 rows",
		"DELETE FROM nowhere", "no such table", "Log of this request", "looking for it name=", "a line of nobody",
		"explain_test.go:",
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	own, _, _ := strings.Cut(got.body, "Log of the application")
	for _, unwanted := range []string{"hunter2", "<b>it</b>"} { // parameters may be secrets; the log may say anything
		if strings.Contains(got.body, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
	if strings.Contains(own, "a line of nobody") {
		t.Error("the log of others comes first")
	}
	got = do(t, http.MethodGet, base+"/fail", "application/json")
	if got.header.Get("Content-Type") != problem.ContentType || strings.Contains(got.body, "sqlite_master") {
		t.Errorf("problem = %s", got.body)
	}
}

// Threat: what developers are shown stays in the memory of a server, and gets onto its pages.
func TestNothingIsRecordedOutsideDevelopment(t *testing.T) {
	t.Parallel()
	for _, env := range []string{config.Test, config.Production} {
		a := newFailingApp(t, env)
		if a.Config.Database.Record || a.Config.Log.Ring != nil {
			t.Errorf("%s: statements are recorded: %v, lines are kept: %v", env, a.Config.Database.Record,
				a.Config.Log.Ring != nil)
		}
		base := start(t, a, covet.Roles{Web: true})
		got := do(t, http.MethodGet, base+"/fail", "text/html")
		for _, unwanted := range []string{"SELECT", "looking for it", "explain_test.go", "no such table"} {
			if got.status != http.StatusInternalServerError || strings.Contains(got.body, unwanted) {
				t.Errorf("%s: %d, the page has %q", env, got.status, unwanted)
			}
		}
	}
}

// Threats: a peer in the network that writes localhost into Host, a tunnel that does, an address that is forged.
func TestPagesForDevelopersAreForThisMachine(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.App.Env = config.Development
	cfg.TrustedProxies = []string{"private"} // which believes what the network says
	a := newApp(t, cfg)
	a.Echo.GET("/fail", func(echo.Context) error { return errors.New("hunter2") })
	const here, lan = "127.0.0.1:50000", "192.168.1.20:50000"
	for name, test := range map[string]struct {
		peer    string
		headers map[string]string
		want    bool
	}{
		"this machine":              {here, nil, true},
		"by version 6":              {"[::1]:50000", nil, true},
		"by the dev server":         {here, map[string]string{"X-Forwarded-For": "127.0.0.1"}, true},
		"the network":               {lan, nil, false},
		"the network, forging":      {lan, map[string]string{"X-Forwarded-For": "127.0.0.1"}, false},
		"network by the dev server": {here, map[string]string{"X-Forwarded-For": "192.168.1.20"}, false},
		"a tunnel":                  {here, map[string]string{"X-Forwarded-For": "203.0.113.7"}, false},
		"a tunnel by the dev server": {
			here,
			map[string]string{"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=unknown"},
			false,
		},
		"nonsense": {here, map[string]string{"X-Forwarded-For": "localhost"}, false},
	} {
		for _, path := range []string{"/dev/mail", "/fail"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.RemoteAddr, r.Host = test.peer, "localhost:8000"
			r.Header.Set("Accept", "text/html")
			for name, value := range test.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			a.Echo.ServeHTTP(w, r)
			shown := w.Code == http.StatusOK || strings.Contains(w.Body.String(), "hunter2")
			if shown != test.want {
				t.Errorf("%s, %s: %d, shown: %v", name, path, w.Code, shown)
			}
		}
	}
}
