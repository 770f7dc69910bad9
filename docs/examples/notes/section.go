package notes

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// AdminSections returns the section "notes": a page with the notes and a form, and their number on the dashboard.
func (m *Module) AdminSections() []covet.Section {
	return []covet.Section{{
		Name:        "notes",
		Nav:         []covet.NavEntry{{Title: "Notes"}},
		Permissions: []covet.Permission{{Name: "notes.create", Description: "Write and pin notes."}},
		Widgets:     []covet.Widget{{Title: "Notes", Render: m.widget}},
		Routes: func(g *echo.Group, admin covet.Admin) error {
			h := handler{m, admin}
			g.GET("", h.list)
			g.POST("", h.create)
			return nil
		},
	}}
}

func (m *Module) widget(ctx context.Context, admin covet.Admin) (templ.Component, error) {
	var n int64
	if err := m.db.With(ctx).Model(&Note{}).Count(&n).Error; err != nil {
		return nil, err
	}
	return count(n, admin.Path()), nil //nolint:contextcheck // a component gets its context when it is rendered
}

type handler struct {
	*Module
	admin covet.Admin
}

func (h handler) list(c echo.Context) error {
	return h.show(c, http.StatusOK, Note{}, nil)
}

func (h handler) create(c echo.Context) error {
	if !h.admin.Can(c.Request().Context(), "notes.create", nil) {
		return problem.Forbidden("You need the permission notes.create to write notes.")
	}
	var form struct {
		Body   string `form:"body" required:"true" maxLength:"500"`
		Pinned bool   `form:"pinned"`
	}
	errs, err := web.Bind(c, &form)
	if err != nil {
		return err
	}
	note := Note{Body: form.Body, Pinned: form.Pinned}
	if len(errs) > 0 {
		return h.show(c, http.StatusUnprocessableEntity, note, errs)
	}
	if err := h.db.With(c.Request().Context()).Create(&note).Error; err != nil {
		return err
	}
	return web.Redirect(c, h.admin.Path())
}

func (h handler) show(c echo.Context, status int, entered Note, errs map[string]string) error {
	ctx := c.Request().Context()
	var notes []Note
	if err := h.db.With(ctx).Order("id DESC").Limit(100).Find(&notes).Error; err != nil {
		return err
	}
	mayCreate := h.admin.Can(ctx, "notes.create", nil)
	return h.admin.Render(c, status, covet.Page{
		Title: "Notes", Breadcrumbs: []covet.Breadcrumb{{Title: "Notes"}},
		Content: page(notes, h.admin.Path(), mayCreate, entered, errs),
	})
}
