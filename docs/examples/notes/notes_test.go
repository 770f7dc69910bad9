package notes_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/docs/examples/notes"
)

type config struct {
	covet.Config
	Notes notes.Config
	Admin admin.Config
}

// people stands for the accounts of an application: the token of a request lists what its user may do.
type people struct{}

var _ covet.MiddlewareProvider = people{}

func (people) Name() string { return "people" }

func (people) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "people", Position: covet.Identify, Func: func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			permissions := strings.Fields(token)
			actor := identity.Actor{ID: "1", Name: "Ada", Permissions: permissions}
			c.SetRequest(r.WithContext(identity.WithResolver(r.Context(), func(context.Context) (identity.Actor, bool, error) {
				return actor, len(permissions) > 0, nil
			})))
			return next(c)
		}
	}}}
}

func newApp(cfg config) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{
		Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}},
	})
	if err != nil {
		return nil, err
	}
	if err := a.Use(notes.New(cfg.Notes), people{}, admin.New(cfg.Admin, admin.Options{})); err != nil {
		return nil, err
	}
	a.Echo.GET("/", func(c echo.Context) error {
		pinned, err := notes.Pinned(c.Request().Context())
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, "home "+pinned)
	})
	return a, nil
}

func TestNotes(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	guest := a.Client()
	if page := guest.Get("/admin/notes"); page.URL().Path != "/login" {
		t.Errorf("a guest gets %s", page.URL())
	}
	staff := a.Client().Bearer("admin.access notes.read notes.create")
	staff.Get("/admin/notes").Form("/admin/notes").Fill("body", "Closed on <Monday>").Fill("pinned", "true").Submit().MustStatus(http.StatusOK)
	if page := staff.Get("/admin"); page.Find(`main a[href="/admin/notes"]`).Text() != "1" {
		t.Errorf("the dashboard lacks the widget:\n%s", page.Text("main"))
	}
	if page := staff.Get("/admin/notes"); !strings.Contains(page.Text("main li"), "Closed on <Monday>") {
		t.Errorf("the page lacks the note:\n%s", page.Text("main"))
	}
	staff.Post("/admin/notes", url.Values{"body": {""}}).MustStatus(http.StatusUnprocessableEntity)
	if got := guest.Get("/").Body(); got != "home Closed on <Monday>" {
		t.Errorf("the home page is %q", got)
	}
	guest.Get("/ready").MustStatus(http.StatusOK)
}

// Threat: a user of the admin without the permission reads or writes notes.
func TestNotesNeedPermissions(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	reader := a.Client().Bearer("admin.access notes.read")
	if page := reader.Get("/admin/notes").MustStatus(http.StatusOK); page.Find("textarea").Length() > 0 {
		t.Error("a user who may only read has the form")
	}
	note := url.Values{"body": {"x"}}
	reader.Post("/admin/notes", note).MustStatus(http.StatusForbidden)
	other := a.Client().Bearer("admin.access posts.read")
	other.Get("/admin/notes").MustStatus(http.StatusForbidden)
	other.Post("/admin/notes", note).MustStatus(http.StatusForbidden)
	outsider := a.Client().Bearer("notes.read notes.create")
	outsider.Post("/admin/notes", note).MustStatus(http.StatusForbidden)
	var n int64
	if err := a.DB.With(t.Context()).Model(&notes.Note{}).Count(&n).Error; err != nil || n != 0 {
		t.Errorf("%d notes are stored, %v", n, err)
	}
}

func TestOldNotesAreDeleted(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp, apptest.Set("notes.retention", "24h"))
	list := []notes.Note{{Body: "old", CreatedAt: time.Now().Add(-25 * time.Hour)}, {Body: "new"}}
	if err := a.DB.With(t.Context()).Create(&list).Error; err != nil {
		t.Fatal(err)
	}
	if _, err := a.Jobs.RunSchedule(t.Context(), "notes-prune"); err != nil {
		t.Fatal(err)
	}
	a.DrainJobs()
	var left []string
	if err := a.DB.With(t.Context()).Model(&notes.Note{}).Pluck("body", &left).Error; err != nil || len(left) != 1 || left[0] != "new" {
		t.Errorf("left are %q, %v", left, err)
	}
}

func TestNotesCommandAndWarning(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp)
	if err := a.DB.With(t.Context()).Create(&notes.Note{Body: "hello"}).Error; err != nil {
		t.Fatal(err)
	}
	m := notes.New(notes.Config{})
	if err := m.Routes(a.App); err != nil {
		t.Fatal(err)
	}
	if len(m.Warnings()) != 1 || len(notes.New(notes.Config{Retention: time.Hour}).Warnings()) != 0 {
		t.Errorf("warnings are %q", m.Warnings())
	}
	cmd := m.Commands(a.App)[0]
	var out strings.Builder
	cmd.SetOut(&out)
	cmd.SetArgs(nil)
	if err := cmd.ExecuteContext(t.Context()); err != nil || out.String() != "1\thello\n" {
		t.Errorf("the command printed %q, %v", out.String(), err)
	}
}
