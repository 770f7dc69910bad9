package panel

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
)

func (s *Server) newForm(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Create)
	if err != nil {
		return err
	}
	e := &edit{server: s, resource: r, creating: true}
	return s.again(c, e, http.StatusOK)
}

func (s *Server) show(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	key, err := s.registry.Key(c, r)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	record, err := s.store.Get(ctx, r, key)
	if err != nil {
		return err
	}
	if !s.registry.Allows(ctx, r, meta.Read, record) {
		return problem.Forbidden("")
	}
	e := &edit{server: s, resource: r, record: record}
	if e.before, err = s.texts(ctx, r, record); err != nil {
		return err
	}
	return s.again(c, e, http.StatusOK)
}

// again shows the form of an edit: the first time, to choose a relation, or because something is wrong.
func (s *Server) again(c echo.Context, e *edit, status int) error {
	ctx := c.Request().Context()
	if e.creating {
		e.record = e.resource.New()
		var err error
		if e.before, err = s.zero(ctx, e.resource, e.record); err != nil {
			return err
		}
	} else if e.form != nil { // the record as it is, without what was assigned to it
		record, err := s.store.Get(ctx, e.resource, e.resource.Key.Value(ctx, e.record))
		if err != nil {
			return err
		}
		e.record = record
		if e.before, err = s.texts(ctx, e.resource, record); err != nil {
			return err
		}
	}
	view, err := s.formView(ctx, e)
	if err != nil {
		return err
	}
	crumb := covet.Breadcrumb{Title: view.Title, URL: view.Action}
	if e.creating {
		crumb.Title = "New"
	}
	return s.site.Render(c, status, covet.Page{
		Title: view.Title, Breadcrumbs: []covet.Breadcrumb{toList(s.registry, e.resource), crumb}, Content: views.FormPage(view),
	})
}

// zero returns what the form of a new record holds.
func (s *Server) zero(ctx context.Context, r *meta.Resource, record any) (texts, error) {
	t := texts{}
	for _, f := range formFields(r) {
		if f.Stored() {
			t[f.Column] = []string{f.Text(f.Value(ctx, record))}
		}
	}
	return t, nil
}

func (s *Server) formView(ctx context.Context, e *edit) (views.Form, error) {
	r := e.resource
	v := views.Form{
		Eyebrow: r.Label, Messages: e.notes, Conflict: len(e.moved) > 0, Back: s.registry.Path(r), BulkURL: s.registry.Path(r, "bulk"),
		Version: version(s.remembered(ctx, r), e.before),
	}
	if e.form.Has("_lookup") { // nothing was saved: what was changed meanwhile is still to be told
		v.Version = e.form.Get("_version")
	}
	writable := false
	if e.creating {
		v.Title = "New " + format.Lower(r.Label)
		v.Action, v.Save, writable = s.registry.Path(r, "new"), "Create", true
		v.Eyebrow = r.Plural
	} else {
		v.Title = format.Cut(r.TitleOf(ctx, e.record))
		v.Key = r.KeyOf(ctx, e.record)
		v.Action = s.registry.RecordPath(r, v.Key)
		if writable = s.registry.Allows(ctx, r, meta.Update, e.record); writable {
			v.Save = "Save"
		}
		if err := s.around(ctx, e, &v); err != nil {
			return v, err
		}
	}
	for _, section := range r.Sections {
		shown := views.Section{Title: section.Title, Description: section.Description}
		for _, f := range section.Fields {
			control, skip, err := s.control(ctx, e, f, writable)
			if err != nil {
				return v, err
			}
			if !skip {
				shown.Controls = append(shown.Controls, control)
			}
		}
		v.Sections = append(v.Sections, shown)
	}
	v.Differences = e.differences()
	return v, nil
}

// around adds what stands beside the form of a record that exists.
func (s *Server) around(ctx context.Context, e *edit, v *views.Form) error {
	r := e.resource
	if r.DeletedAt != nil {
		if at := r.DeletedAt.Value(ctx, e.record); at != nil {
			v.Deleted = "This record was deleted at " + r.DeletedAt.Shown(at) + " UTC. Lists do not show it."
		}
	}
	for _, b := range s.bulkButtons(ctx, r, v.Deleted != "") {
		if s.registry.Can(ctx, r.Action(b.Name), e.record) {
			v.Buttons = append(v.Buttons, b)
		}
	}
	var err error
	if v.Related, err = s.dependants(ctx, r, e.record, v.Key); err != nil {
		return err
	}
	v.HistoryURL = s.registry.RecordPath(r, v.Key, "history")
	v.History, err = s.history.Changes(ctx, r, v.Key, 5)
	return err
}

// dependants lists the records that refer to this one, as far as the actor may read them.
func (s *Server) dependants(ctx context.Context, r *meta.Resource, record any, key string) ([]views.Related, error) {
	var list []views.Related
	for _, d := range r.HasMany {
		if d.Related == nil || !s.registry.Allows(ctx, d.Related, meta.Read, nil) {
			continue
		}
		records, n, err := s.store.Referring(ctx, d, []any{r.Key.Value(ctx, record)}, 10, 1000)
		if err != nil {
			return nil, err
		}
		related := views.Related{Title: d.Label}
		for _, other := range records {
			if s.registry.Allows(ctx, d.Related, meta.Read, other) {
				otherKey := d.Related.KeyOf(ctx, other)
				related.Links = append(related.Links, views.Link{Text: format.Cut(d.Related.TitleOf(ctx, other)), URL: s.registry.RecordPath(d.Related, otherKey)})
			}
		}
		if f := d.Related.Column(d.Foreign.DBName); f != nil && filterable(d.Related, f) && n > 0 {
			related.All, related.AllURL = "All "+format.AtMost(n, 1000), with(s.registry.Path(d.Related), nil, "filter."+f.Column, key)
		}
		list = append(list, related)
	}
	return list, nil
}

// differences compares what somebody else changed with what the form holds.
func (e *edit) differences() []views.Difference {
	var list []views.Difference
	for _, f := range e.moved {
		mine, there := sent(f, e.form)
		if !there {
			continue
		}
		theirs := e.before[f.Column]
		if !e.touched(f) {
			mine = theirs
		}
		list = append(list, views.Difference{
			Label: f.Heading(), Theirs: format.Cut(strings.Join(theirs, ", ")), Mine: format.Cut(strings.Join(mine, ", ")), Both: e.touched(f),
		})
	}
	return list
}

// touched reports whether who sent the form changed a field from what it showed.
func (e *edit) touched(f *meta.Field) bool {
	mine, there := sent(f, e.form)
	if !there || f.ReadOnly {
		return false
	}
	return len(moved([]*meta.Field{f}, texts{f.Column: mine}, e.form.Get("_version"))) > 0
}

// value is what a control shows: what was typed, or what the record holds.
func (e *edit) value(f *meta.Field) []string {
	if e.form == nil {
		return e.before[f.Column]
	}
	typed, there := sent(f, e.form)
	if !there || (len(e.moved) > 0 && !e.touched(f)) {
		return e.before[f.Column]
	}
	return typed
}
