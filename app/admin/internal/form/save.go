package form

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/request"
)

// Create answers the request to create a record.
func (f *Forms) Create(c echo.Context) error {
	r, err := f.Registry.Requested(c, meta.Create)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	e := &edit{Forms: f, resource: r, form: form, creating: true, errs: map[string]string{}}
	if form.Has("_lookup") {
		return f.show(c, e, http.StatusOK)
	}
	failure := f.DB.Transaction(c.Request().Context(), e.create)
	if err := e.explain(failure); err != nil {
		return err
	}
	if failure != nil {
		return f.show(c, e, http.StatusUnprocessableEntity)
	}
	return f.saved(c, e, "created")
}

// Update answers the request to change a record.
func (f *Forms) Update(c echo.Context) error {
	r, err := f.Registry.Requested(c, meta.Update)
	if err != nil {
		return err
	}
	key, err := f.Registry.Key(c, r)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	e := &edit{Forms: f, resource: r, form: form, errs: map[string]string{}}
	failure := f.DB.Transaction(c.Request().Context(), func(ctx context.Context) error { return e.update(ctx, key) })
	if err := e.explain(failure); err != nil {
		return err
	}
	switch {
	case failure != nil && form.Has("_lookup"):
		return f.show(c, e, http.StatusOK)
	case failure != nil && len(e.conflicts) > 0:
		return f.show(c, e, http.StatusConflict)
	case failure != nil:
		return f.show(c, e, http.StatusUnprocessableEntity)
	}
	return f.saved(c, e, "saved")
}

// saved reports the success, and leads to the record, or to the dashboard if the user may not read it.
func (f *Forms) saved(c echo.Context, e *edit, verb string) error {
	ctx, r := c.Request().Context(), e.resource
	to := f.Registry.Base()
	if f.Registry.Allows(ctx, r, meta.Read, e.record) {
		to = f.Registry.RecordPath(r, r.KeyOf(ctx, e.record))
	}
	return request.Redirect(c, fmt.Sprintf("%s is %s.", format.Cut(r.TitleOf(ctx, e.record)), verb), to)
}
