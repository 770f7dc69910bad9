package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"

	"github.com/covetgo/covet/scaffold/skeleton/app"
)

func TestHome(t *testing.T) {
	t.Parallel()
	page := apptest.New(t, app.New).Client().Get("/").MustStatus(http.StatusOK)

	if got := page.Text("h1"); got != "Welcome to Covet App" {
		t.Errorf("heading = %q", got)
	}
	stylesheet := page.Attr("link[rel=stylesheet]", "href")
	page.Client().Get(stylesheet).MustStatus(http.StatusOK)
}

func TestUnknownAddress(t *testing.T) {
	t.Parallel()
	page := apptest.New(t, app.New).Client().Get("/nowhere").MustStatus(http.StatusNotFound)

	if got := page.Text("h1"); got != "Page not found" {
		t.Errorf("heading = %q", got)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	client := apptest.New(t, app.New).Client()

	client.Get("/health").MustStatus(http.StatusOK)
	if body := client.Get("/ready").MustStatus(http.StatusOK).Body(); !strings.Contains(body, `"database"`) {
		t.Errorf("ready = %s", body)
	}
}
