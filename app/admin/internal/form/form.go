// Package form shows one record, and saves what users change in it.
//
// A form remembers a fingerprint of each field that it showed. When it is sent, the record is locked and compared with
// them, so that the changes of another user are never overwritten without notice (409).
package form

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/bulk"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
)

const (
	// maxReferring bounds how many referring records are counted, and shownReferring how many are listed.
	maxReferring, shownReferring = 1000, 10
	// shownEvents is how many events of its history the page of a record shows.
	shownEvents = 5
)

// renderer writes a page inside the layout of the admin.
type renderer interface {
	Render(c echo.Context, status int, page covet.Page) error
}

// history reads the changes of a record.
type history interface {
	Changes(ctx context.Context, r *meta.Resource, key string, limit int) ([]views.Event, error)
}

// recorder writes the audit log.
type recorder interface {
	Record(ctx context.Context, event audit.Event) error
}

// Forms answers the requests about one record.
type Forms struct {
	Registry  *registry.Registry
	Store     *store.Store
	DB        *database.DB
	Relations *relation.Reader
	History   history
	Audit     recorder
	Pages     renderer
	Files     storage.Store
	Log       *slog.Logger
}

// New answers the request for the form of a new record.
func (f *Forms) New(c echo.Context) error {
	r, err := f.Registry.Requested(c, meta.Create)
	if err != nil {
		return err
	}
	return f.show(c, &edit{Forms: f, resource: r, creating: true}, http.StatusOK)
}

// Show answers the request for the page of a record.
func (f *Forms) Show(c echo.Context) error {
	r, record, err := f.requestedRecord(c)
	if err != nil {
		return err
	}
	e := &edit{Forms: f, resource: r, record: record}
	if e.before, err = f.valuesOf(c.Request().Context(), r, record); err != nil {
		return err
	}
	return f.show(c, e, http.StatusOK)
}

// requestedRecord returns the record of a request, which the user may read.
func (f *Forms) requestedRecord(c echo.Context) (*meta.Resource, any, error) {
	r, err := f.Registry.Requested(c, meta.Read)
	if err != nil {
		return nil, nil, err
	}
	key, err := f.Registry.Key(c, r)
	if err != nil {
		return nil, nil, err
	}
	ctx := c.Request().Context()
	record, err := f.Store.Get(ctx, r, key)
	if err != nil {
		return nil, nil, err
	}
	if !f.Registry.Allows(ctx, r, meta.Read, record) {
		return nil, nil, problem.Forbidden("")
	}
	return r, record, nil
}

// show renders the form of an edit: the first time, after a search for a relation, or because something is wrong.
func (f *Forms) show(c echo.Context, e *edit, status int) error {
	ctx, r := c.Request().Context(), e.resource
	if e.creating {
		e.record = r.New()
		e.before = emptyValues(ctx, r, e.record)
	} else if e.form != nil { // the record as it is stored, without what was assigned to it
		record, err := f.Store.Get(ctx, r, r.Key.Value(ctx, e.record))
		if err != nil {
			return err
		}
		e.record = record
		if e.before, err = f.valuesOf(ctx, r, record); err != nil {
			return err
		}
	}
	view, err := f.view(ctx, e)
	if err != nil {
		return err
	}
	crumb := covet.Breadcrumb{Title: view.Title, URL: view.Action}
	if e.creating {
		crumb.Title = words.T(ctx, "form.new")
	}
	return f.Pages.Render(c, status, covet.Page{
		Title: view.Title, Breadcrumbs: []covet.Breadcrumb{f.Registry.ListCrumb(ctx, r), crumb}, Content: views.FormPage(view),
	})
}

func (f *Forms) view(ctx context.Context, e *edit) (views.Form, error) {
	r := e.resource
	v := views.Form{
		Eyebrow: r.LabelIn(ctx), Messages: e.notes, Conflict: len(e.conflicts) > 0, Back: f.Registry.Path(r),
		BulkURL: f.Registry.Path(r, "bulk"), Version: version(f.remembered(ctx, r), e.before),
	}
	if e.form.Has("_lookup") { // nothing was saved: conflicts are still to be reported
		v.Version = e.form.Get("_version")
	}
	writable := true
	if e.creating {
		v.Eyebrow, v.Title = r.PluralIn(ctx), words.T(ctx, "new", "record", r.RecordIn(ctx))
		v.Action, v.Save = f.Registry.Path(r, "new"), words.T(ctx, "form.create")
	} else {
		v.Key = r.KeyOf(ctx, e.record)
		v.Title, v.Action = format.Cut(r.TitleOf(ctx, e.record)), f.Registry.RecordPath(r, v.Key)
		if writable = f.Registry.Allows(ctx, r, meta.Update, e.record); writable {
			v.Save = words.T(ctx, "form.save")
		}
		if err := f.addSurroundings(ctx, e, &v); err != nil {
			return v, err
		}
	}
	for _, section := range r.Sections {
		shown := views.Section{Title: section.TitleIn(ctx, r), Description: section.DescriptionIn(ctx, r)}
		for _, field := range section.Fields {
			control, ok, err := f.control(ctx, e, field, writable)
			if err != nil {
				return v, err
			}
			if ok {
				v.Multipart = v.Multipart || control.Type == "file"
				shown.Controls = append(shown.Controls, control)
			}
		}
		v.Sections = append(v.Sections, shown)
	}
	v.Differences = e.differences(ctx)
	if !v.Conflict {
		v.Focus()
	}
	return v, nil
}

// addSurroundings adds what stands beside the form of a record: buttons, related records, recent changes.
func (f *Forms) addSurroundings(ctx context.Context, e *edit, v *views.Form) error {
	r := e.resource
	if r.DeletedAt != nil {
		if at := r.DeletedAt.Value(ctx, e.record); at != nil {
			v.Deleted = words.T(ctx, "form.deleted", "at", r.DeletedAt.Shown(ctx, at))
		}
	}
	v.Buttons = bulk.ButtonsOf(ctx, f.Registry, r, e.record, v.Deleted != "")
	var err error
	if v.Related, err = f.referring(ctx, r, e.record, v.Key); err != nil {
		return err
	}
	v.HistoryURL = f.Registry.RecordPath(r, v.Key, "history")
	v.History, err = f.History.Changes(ctx, r, v.Key, shownEvents)
	return err
}

// referring lists the records that refer to this one, as far as the user may read them.
func (f *Forms) referring(ctx context.Context, r *meta.Resource, record any, key string) ([]views.Related, error) {
	var list []views.Related
	for _, d := range r.HasMany {
		if d.Related == nil || !f.Registry.Allows(ctx, d.Related, meta.Read, nil) {
			continue
		}
		records, n, err := f.Store.Referring(ctx, d, []any{r.Key.Value(ctx, record)}, shownReferring, maxReferring)
		if err != nil {
			return nil, err
		}
		related := views.Related{Title: d.LabelIn(ctx)}
		for _, other := range records {
			if f.Registry.Allows(ctx, d.Related, meta.Read, other) {
				link := views.Link{Text: format.Cut(d.Related.TitleOf(ctx, other))}
				link.URL = f.Registry.RecordPath(d.Related, d.Related.KeyOf(ctx, other))
				related.Links = append(related.Links, link)
			}
		}
		if field := d.Related.Column(d.Foreign.DBName); field != nil && query.Filterable(d.Related, field) && n > 0 {
			related.All = words.T(ctx, "all", "n", words.AtMost(ctx, n, maxReferring))
			related.AllURL = query.Address(f.Registry.Path(d.Related), nil, "filter."+field.Column, key)
		}
		list = append(list, related)
	}
	return list, nil
}

// remembered are the fields of a form that users can change, as far as this user may see them.
//
// Threat: a fingerprint tells which records that the user may not read a relation holds: there are not many to try.
func (f *Forms) remembered(ctx context.Context, r *meta.Resource) []*meta.Field {
	return slices.DeleteFunc(fieldsOf(r), func(field *meta.Field) bool {
		return field.ReadOnly || !field.Visible() || !f.Registry.Reads(ctx, field)
	})
}

// editable reports whether the user may change a field of a record.
//
// Threat: mass assignment. Whatever else a form sends is ignored.
func (f *Forms) editable(ctx context.Context, field *meta.Field, record any) bool {
	switch {
	case field.ReadOnly, !field.Visible():
		return false
	case field.Locked != nil && field.Locked(ctx, record) != "":
		return false
	case field.Guard != "" && !f.Registry.Can(ctx, field.Guard, record):
		return false
	case field.Kind == meta.Many && field.Related == nil:
		return false
	}
	return f.Registry.Reads(ctx, field)
}
