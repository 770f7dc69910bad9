package admin_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
)

// sectionApp is an application that is not started: sections need no server and no tables.
type sectionApp struct {
	t   *testing.T
	app *covet.App
	log *bytes.Buffer
}

func newSectionApp(t *testing.T, modules ...covet.Module) *sectionApp {
	t.Helper()
	s := &sectionApp{t: t, log: &bytes.Buffer{}}
	cfg := covet.Config{
		Database:  database.Config{URL: "sqlite::memory:"},
		SecretKey: "only-for-tests-0123456789-abcdefghijklmnop",
	}
	cfg.App.Name, cfg.Log.Level, cfg.Override.LogOutput = "Notebook", "error", s.log
	var err error
	if s.app, err = covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.app.Stop(context.Background()) })
	if err := s.app.Use(modules...); err != nil {
		t.Fatal(err)
	}
	return s
}

// user has admin.access and the permissions.
func user(permissions ...string) *identity.Actor {
	return &identity.Actor{ID: "1", Name: "Ada", Permissions: append(permissions, "admin.access")}
}

// do answers a request of a browser; a nil actor is signed out.
func (s *sectionApp) do(actor *identity.Actor, method, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if actor != nil {
		r = r.WithContext(identity.With(r.Context(), *actor))
	}
	w := httptest.NewRecorder()
	s.app.Echo.ServeHTTP(w, r)
	return w
}

// page answers GET, which must succeed.
func (s *sectionApp) page(actor *identity.Actor, path string) *goquery.Document {
	s.t.Helper()
	w := s.do(actor, http.MethodGet, path, nil)
	if w.Code != http.StatusOK {
		s.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	document, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return document
}

func textOf(document *goquery.Document, selector string) string {
	return strings.Join(strings.Fields(document.Find(selector).Text()), " ")
}

func newAdmin() *admin.Module { return admin.New(admin.Config{}, admin.Options{}) }

func TestSectionBeforeAndAfterTheAdmin(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(covet.Module) []covet.Module{
		"before": func(m covet.Module) []covet.Module { return []covet.Module{m, newAdmin()} },
		"after":  func(m covet.Module) []covet.Module { return []covet.Module{newAdmin(), m} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSectionApp(t, order(&notes{list: []string{"Buy <milk>"}})...)
			ada := user("notes.*")
			page := s.page(ada, "/admin/notes")
			if got := textOf(page, "title"); got != "Notes · Notebook" {
				t.Errorf("title = %q", got)
			}
			if got := textOf(page, ".notes"); got != "Buy <milk>" {
				t.Errorf("notes = %q", got)
			}
			if got := textOf(page, "nav.crumbs li"); got != "AdminNotes" {
				t.Errorf("breadcrumbs = %q", got)
			}
			if link := page.Find(`nav.side a[aria-current="true"], nav.side a[aria-current]`); link.AttrOr("href", "") != "/admin/notes" || link.Length() != 1 {
				t.Errorf("current link = %q", link.Text())
			}
			w := s.do(ada, http.MethodPost, "/admin/notes", url.Values{"text": {"Call Bob"}})
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/admin/notes" {
				t.Errorf("POST: %d to %q", w.Code, w.Header().Get("Location"))
			}
			if got := textOf(s.page(ada, "/admin"), "main"); !strings.Contains(got, "2 notes") {
				t.Errorf("the dashboard lacks the widget: %q", got)
			}
		})
	}
}

func TestSectionWithoutAnAdmin(t *testing.T) {
	t.Parallel()
	s := newSectionApp(t, &notes{})
	if w := s.do(user("*"), http.MethodGet, "/admin/notes", nil); w.Code != http.StatusNotFound {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestSectionAccess(t *testing.T) {
	t.Parallel()
	s := newSectionApp(t, &notes{list: []string{"Buy milk"}}, newAdmin())
	token := user("*")
	token.Token = true
	for name, c := range map[string]struct {
		actor        *identity.Actor
		get, post    int
		nav, widget  bool
		noDashboard  bool
		signInTarget string
	}{
		"everything":    {actor: user("*"), get: 200, post: 303, nav: true, widget: true},
		"no permission": {actor: user(), get: 403, post: 403},
		"reading only":  {actor: user("notes.read"), get: 200, post: 403, nav: true, widget: true},
		"counting only": {actor: user("notes.count"), get: 403, post: 403, widget: true},
		"creating only": {actor: user("notes.create"), get: 403, post: 403},
		"no admin.access": {
			actor: &identity.Actor{ID: "1", Permissions: []string{"notes.*"}}, get: 403, post: 403,
			noDashboard: true,
		},
		"an access token":   {actor: token, get: 403, post: 403, noDashboard: true},
		"nobody, signed in": {get: 303, post: 303, noDashboard: true, signInTarget: "/login?next=%2Fadmin%2Fnotes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := s.do(c.actor, http.MethodGet, "/admin/notes", nil)
			if got.Code != c.get {
				t.Errorf("GET: %d, want %d", got.Code, c.get)
			}
			if target := got.Header().Get("Location"); target != c.signInTarget {
				t.Errorf("GET leads to %q, want %q", target, c.signInTarget)
			}
			if got.Code != 200 && strings.Contains(got.Body.String(), "milk") {
				t.Error("the response shows a note")
			}
			if got := s.do(c.actor, http.MethodPost, "/admin/notes", url.Values{"text": {"Call Bob"}}); got.Code != c.post {
				t.Errorf("POST: %d, want %d", got.Code, c.post)
			}
			if c.noDashboard {
				return
			}
			page := s.page(c.actor, "/admin")
			if nav := page.Find(`nav.side a[href="/admin/notes"]`).Length() == 1; nav != c.nav {
				t.Errorf("link in the navigation: %t, want %t", nav, c.nav)
			}
			if widget := strings.Contains(textOf(page, "main"), "notes"); widget != c.widget {
				t.Errorf("widget: %t, want %t", widget, c.widget)
			}
		})
	}
}

// broken is a module whose widgets fail in every way; the last one works.
type broken struct{}

func (broken) Name() string { return "broken" }

func (broken) AdminSections() []covet.Section {
	component := func(err error) (templ.Component, error) {
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, "half a widget")
			return err
		}), nil
	}
	return []covet.Section{{Name: "broken", Widgets: []covet.Widget{
		{Title: "Returns", Render: func(context.Context, covet.Admin) (templ.Component, error) { return nil, errors.New("secret cause") }},
		{Title: "Renders", Render: func(context.Context, covet.Admin) (templ.Component, error) { return component(errors.New("torn")) }},
		{Title: "Panics", Alert: true, Render: func(context.Context, covet.Admin) (templ.Component, error) { panic("boom") }},
		{Title: "Absent", Render: func(context.Context, covet.Admin) (templ.Component, error) { return nil, nil }},
		{Title: "Works", Render: func(context.Context, covet.Admin) (templ.Component, error) { return templ.Raw("<p>fine</p>"), nil }},
	}}}
}

func TestFailingWidgets(t *testing.T) {
	t.Parallel()
	s := newSectionApp(t, newAdmin(), broken{})
	got := textOf(s.page(user("broken.read"), "/admin"), "main")
	for _, want := range []string{"Returns is unavailable", "Renders is unavailable", "Panics is unavailable", "fine"} {
		if !strings.Contains(got, want) {
			t.Errorf("the dashboard lacks %q: %s", want, got)
		}
	}
	for _, not := range []string{"secret cause", "torn", "boom", "half a widget", "Absent"} {
		if strings.Contains(got, not) {
			t.Errorf("the dashboard shows %q: %s", not, got)
		}
	}
	for _, want := range []string{"secret cause", "torn", "panic: boom", "section=broken"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, s.log)
		}
	}
}

type pagesAt struct{ name string }

func (p pagesAt) Name() string { return "pages" }

func (p pagesAt) AdminSections() []covet.Section {
	return []covet.Section{{Name: p.name, Routes: func(g *echo.Group, _ covet.Admin) error {
		g.GET("", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
		return nil
	}}}
}

func TestSectionsAtTakenAddresses(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"tags":   "give the resource another Name",
		"assets": "serves its assets",
		"jobs":   "another section has this name",
	} {
		err := use(t, func(m *admin.Module) { admin.Register(m, admin.Resource[Tag]{}) }, pagesAt{name})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a section at %s: %v", name, err)
		}
	}
}

func TestSectionPermissionsAreOfferedToRoles(t *testing.T) {
	accounts(t, func(t *testing.T, o *office) {
		o.signedIn(o.root)
		page := o.Client().Get("/admin/roles/new").MustStatus(ok)
		for _, want := range []string{"jobs.retry", "Retry failed and cancelled jobs.", "audit.read", "users.*", "users.send-password-link"} {
			if !strings.Contains(page.Text(".grants"), want) {
				t.Errorf("the form lacks %q: %s", want, page.Text(".grants"))
			}
		}
		if page.Find(`.grant input[name=permissions][value="users.disable"]`).Length() != 1 {
			t.Error("a permission is no checkbox")
		}
	})
}
