package form

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/text"
)

// Create answers the request to create a record.
func (f *Forms) Create(c echo.Context) error {
	r, err := f.Registry.Requested(c, meta.Create)
	if err != nil {
		return err
	}
	e, err := f.newEdit(c, r)
	if err != nil {
		return err
	}
	e.creating = true
	if e.form.Has("_lookup") {
		return f.show(c, e, http.StatusOK)
	}
	failure := e.save(c.Request().Context(), e.create)
	if err := e.explain(c.Request().Context(), failure); err != nil {
		return err
	}
	if failure != nil {
		return f.show(c, e, http.StatusUnprocessableEntity)
	}
	return f.saved(c, e)
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
	e, err := f.newEdit(c, r)
	if err != nil {
		return err
	}
	failure := e.save(c.Request().Context(), func(ctx context.Context) error { return e.update(ctx, key) })
	if err := e.explain(c.Request().Context(), failure); err != nil {
		return err
	}
	switch {
	case failure != nil && e.form.Has("_lookup"):
		return f.show(c, e, http.StatusOK)
	case failure != nil && len(e.conflicts) > 0:
		return f.show(c, e, http.StatusConflict)
	case failure != nil:
		return f.show(c, e, http.StatusUnprocessableEntity)
	}
	return f.saved(c, e)
}

// newEdit reads the form of a request.
func (f *Forms) newEdit(c echo.Context, r *meta.Resource) (*edit, error) {
	sent, err := request.Upload(c, rulesOf(r))
	if err != nil {
		return nil, err
	}
	return &edit{
		Forms: f, resource: r, form: sent.Values, zone: text.LocaleOf(c.Request().Context()).Zone(), uploads: sent.Files, errs: sent.Faults, stored: map[string]string{},
	}, nil
}

// save stores the files of the form, and calls change in a transaction.
func (e *edit) save(ctx context.Context, change func(ctx context.Context) error) error {
	failure := e.storeFiles(ctx)
	if failure == nil {
		failure = e.DB.Transaction(ctx, change)
	}
	e.settleFiles(ctx, failure)
	return failure
}

// saved reports the success, and leads to the record, or to the dashboard if the user may not read it.
func (f *Forms) saved(c echo.Context, e *edit) error {
	ctx, r := c.Request().Context(), e.resource
	to := f.Registry.Base()
	if f.Registry.Allows(ctx, r, meta.Read, e.record) {
		to = f.Registry.RecordPath(r, r.KeyOf(ctx, e.record))
	}
	title := format.Cut(r.TitleOf(ctx, e.record))
	if e.creating {
		return request.Redirect(c, words.T(ctx, "form.created", "record", title), to)
	}
	return request.Redirect(c, words.T(ctx, "form.saved", "record", title), to)
}
