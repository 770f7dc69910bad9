package admin_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// notes is a battery with a section in the admin: it does not import the admin, and works without it.
type notes struct {
	mu   sync.Mutex
	list []string
	fail error // of the widget
}

var (
	_ covet.Module          = (*notes)(nil)
	_ covet.SectionProvider = (*notes)(nil)
)

// Name is "notes".
func (n *notes) Name() string { return "notes" }

// AdminSections declares the section: two permissions, a link, a page with a form, and a widget.
func (n *notes) AdminSections() []covet.Section {
	return []covet.Section{{
		Name:   "notes",
		Access: []string{"notes.read", "notes.count"},
		Permissions: []covet.Permission{
			{Name: "notes.read", Description: "Read notes."},
			{Name: "notes.count", Description: "See how many notes there are."},
			{Name: "notes.create", Description: "Write notes."},
		},
		Nav:     []covet.NavEntry{{Title: "Notes", Group: "Content", Access: []string{"notes.read"}}},
		Routes:  n.routes,
		Widgets: []covet.Widget{{Title: "Notes", Render: n.widget}},
	}}
}

func (n *notes) routes(g *echo.Group, admin covet.Admin) error {
	g.GET("", func(c echo.Context) error { return n.show(c, admin) })
	g.POST("", func(c echo.Context) error { return n.create(c, admin) })
	return nil
}

// show lists the notes. The group lets users through who may read or count them; this page needs more.
func (n *notes) show(c echo.Context, admin covet.Admin) error {
	ctx := c.Request().Context()
	if !admin.Can(ctx, "notes.read", nil) {
		return problem.Forbidden("")
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return admin.Render(c, http.StatusOK, covet.Page{
		Title:       "Notes",
		Breadcrumbs: []covet.Breadcrumb{{Title: "Notes"}},
		Content:     notesPage(n.list, admin.Path(), admin.Can(ctx, "notes.create", nil)),
	})
}

func (n *notes) create(c echo.Context, admin covet.Admin) error {
	if !admin.Can(c.Request().Context(), "notes.create", nil) {
		return problem.Forbidden("")
	}
	n.mu.Lock()
	n.list = append(n.list, c.FormValue("text"))
	n.mu.Unlock()
	if err := web.Flash(c, "The note is saved."); err != nil {
		return err
	}
	return web.Redirect(c, admin.Path())
}

func (n *notes) widget(context.Context, covet.Admin) (templ.Component, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil {
		return nil, n.fail
	}
	if len(n.list) == 0 {
		return nil, nil //nolint:nilnil // leaves the widget out
	}
	return templ.Raw("<p>" + strconv.Itoa(len(n.list)) + " notes</p>"), nil
}

// notesPage would be a templ component of the battery.
func notesPage(list []string, path string, form bool) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		text := `<div class="head"><h1>Notes</h1></div><ul class="notes">`
		for _, note := range list {
			text += "<li>" + templ.EscapeString(note) + "</li>"
		}
		text += "</ul>"
		if form {
			text += `<form method="post" action="` + templ.EscapeString(path) + `"><input name="text"><button>Save note</button></form>`
		}
		_, err := io.WriteString(w, text)
		return err
	})
}

// A module declares its section in the kernel; the admin of the application shows it.
func Example_section() {
	a, err := covet.New(covet.Config{Database: database.Config{URL: "sqlite::memory:"}},
		covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	battery := &notes{list: []string{"Buy milk"}}
	if err := a.Use(battery, admin.New(admin.Config{}, admin.Options{})); err != nil {
		fmt.Println(err)
		return
	}
	ada := identity.Actor{ID: "1", Permissions: []string{"admin.access", "notes.read"}}
	request := httptest.NewRequest(http.MethodGet, "/admin/notes", nil)
	response := httptest.NewRecorder()
	a.Echo.ServeHTTP(response, request.WithContext(identity.With(request.Context(), ada)))
	fmt.Println(response.Code)
	// Output: 200
}
