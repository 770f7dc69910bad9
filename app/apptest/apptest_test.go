package apptest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/internal/testserver"
)

type config struct{ covet.Config }

const form = `<form method="post" action="/form" id="f">
	<input name="text" value="a"> <input type="hidden" name="hidden" value="b">
	<input type="submit" name="button" value="c">
	<input type="checkbox" name="on" checked> <input type="checkbox" name="off"> <input name="disabled" value="d" disabled>
	<input type="radio" name="radio" value="1"> <input type="radio" name="radio" value="2" checked>
	<select name="chosen"><option value="x">X</option><option value="y" selected>Y</option></select>
	<select name="first"><option>X</option><option>Y</option></select>
	<textarea name="area">line</textarea></form><a href="/here?x=1"> Go
	on </a>`

func newApp(cfg config) (*covet.App, error) {
	a, err := covet.New(cfg.Config,
		covet.Options{Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}})
	if err != nil {
		return nil, err
	}
	a.Echo.GET("/form", func(c echo.Context) error { return c.HTML(http.StatusOK, form) })
	a.Echo.POST("/form", func(c echo.Context) error {
		values, err := c.FormParams()
		if err != nil {
			return err
		}
		c.SetCookie(&http.Cookie{Name: "seen", Value: "yes"})
		return c.JSON(http.StatusOK, values)
	})
	a.Echo.GET("/here", func(c echo.Context) error {
		cookie, err := c.Cookie("seen")
		if err != nil {
			return c.String(http.StatusOK, "new "+c.QueryParam("x"))
		}
		return c.String(http.StatusOK, cookie.Value)
	})
	return a, nil
}

func TestForm(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, newApp).Client()
	var got map[string][]string
	client.Get("/form").Form("#f").Fill("text", "ä & b").Submit().MustStatus(http.StatusOK).JSON(&got)
	want := map[string][]string{
		"text": {"ä & b"}, "hidden": {"b"}, "on": {"on"}, "radio": {"2"}, "chosen": {"y"}, "first": {"X"}, "area": {"line"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if got := client.Get("/here").Body(); got != "yes" {
		t.Errorf("the cookie is lost: %q", got)
	}
}

func TestClientsAreIndependent(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	a.Client().Post("/form", nil).MustStatus(http.StatusOK)
	if got := a.Client().Get("/form").Click("Go on").Body(); got != "new 1" {
		t.Errorf("another client has the cookie: %q", got)
	}
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	for dialect, url := range map[string]func(testing.TB) string{
		"sqlite":   func(t testing.TB) string { return "sqlite:" + t.TempDir() + "/test.db" },
		"postgres": testserver.Postgres,
		"mysql":    testserver.MySQL,
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			a := apptest.New(t, newApp, apptest.Set("database.url", url(t)), apptest.Set("app.name", "Test"))
			if a.DB.Dialect() != dialect || a.Config.App.Name != "Test" {
				t.Errorf("it runs on %s as %s", a.DB.Dialect(), a.Config.App.Name)
			}
			body := a.Client().Get("/ready").MustStatus(http.StatusOK).Body()
			if !strings.Contains(body, `"database":{"status":"ok"`) {
				t.Errorf("ready = %s", body)
			}
		})
	}
}
