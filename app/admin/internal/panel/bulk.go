package panel

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
)

// deed is something that is done to some records at once: a verb of the admin, or an action of the application.
type deed struct {
	server   *Server
	resource *meta.Resource
	verb     string
	custom   meta.Action // of the application, when it has a Run
	keys     []any
	back     string
	records  []any
}

// bulk does something to the records that a form names, after asking.
func (s *Server) bulk(c echo.Context) error {
	r, err := s.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	d, err := s.newDeed(r, form)
	if err != nil {
		return err
	}
	if len(d.keys) == 0 {
		return request.Redirect(c, "Nothing was selected.", d.back)
	}
	ctx := c.Request().Context()
	if d.records, err = d.load(ctx, false); err != nil {
		return err
	}
	if d.asks() && form.Get("_confirmed") != "1" {
		return d.confirm(c, http.StatusOK, "")
	}
	return d.run(c)
}

func (s *Server) newDeed(r *meta.Resource, form url.Values) (*deed, error) {
	d := &deed{server: s, resource: r, verb: form.Get("_action"), back: request.Back(s.registry.Base(), form.Get("_back"), s.registry.Path(r))}
	var ok bool
	if d.custom, ok = r.Custom(d.verb); !ok {
		switch d.verb {
		case meta.Delete, meta.Destroy, meta.Restore:
		default:
			return nil, problem.NotFound("")
		}
		if !r.Allows(d.verb) {
			return nil, problem.NotFound("")
		}
	}
	if len(form["id"]) > meta.MaxPerPage {
		return nil, request.Bad(fmt.Sprintf("At most %d records at a time.", meta.MaxPerPage))
	}
	seen := map[string]bool{}
	for _, text := range form["id"] {
		key, ok := r.ParseKey(text)
		if !ok {
			return nil, problem.NotFound("")
		}
		if !seen[text] {
			d.keys = append(d.keys, key)
		}
		seen[text] = true
	}
	return d, nil
}

// load reads the records, and refuses the whole deed when one is gone or may not be touched.
//
// Threat: reaching a record by its key that the actor may not see or change.
func (d *deed) load(ctx context.Context, lock bool) ([]any, error) {
	s, r := d.server, d.resource
	records, err := s.store.Several(ctx, r, d.keys, lock, d.custom.Run != nil)
	if err != nil {
		return nil, err
	}
	if len(records) != len(d.keys) {
		return nil, problem.NotFound("One of these records is not there any more.")
	}
	for _, record := range records {
		if !s.registry.Allows(ctx, r, meta.Read, record) || !s.registry.Can(ctx, r.Action(d.verb), record) {
			return nil, problem.Forbidden("You may not do this to " + format.Cut(r.TitleOf(ctx, record)) + ".")
		}
	}
	return records, nil
}

// asks reports whether the deed is confirmed before it is done.
func (d *deed) asks() bool {
	if d.custom.Run != nil {
		return d.custom.Confirm != "" || d.custom.Danger
	}
	return d.verb != meta.Restore
}

// confirm shows what would be done, or why it was not.
func (d *deed) confirm(c echo.Context, status int, failure string) error {
	ctx, s, r := c.Request().Context(), d.server, d.resource
	title, button, text := d.words()
	v := views.Confirm{
		Title: title, Text: text, Error: failure, Action: s.registry.Path(r, "bulk"), Back: d.back, Verb: d.verb, Button: button,
		Danger: d.custom.Run == nil || d.custom.Danger,
	}
	for _, record := range d.records {
		key := r.KeyOf(ctx, record)
		v.Records = append(v.Records, views.Row{Key: key, Title: format.Cut(r.TitleOf(ctx, record)), URL: s.registry.RecordPath(r, key)})
	}
	if d.verb == meta.Destroy || (d.verb == meta.Delete && r.DeletedAt == nil) {
		var err error
		if v.Consequences, err = d.consequences(ctx); err != nil {
			return err
		}
	}
	return s.site.Render(c, status, covet.Page{
		Title:       title,
		Breadcrumbs: []covet.Breadcrumb{toList(s.registry, r), {Title: title, URL: s.registry.Path(r)}},
		Content:     views.ConfirmPage(v),
	})
}

// words are the heading, the button and the question of a deed.
func (d *deed) words() (title, button, text string) {
	what := format.Count(len(d.records), format.Lower(d.resource.Label), format.Lower(d.resource.Plural))
	switch {
	case d.custom.Run != nil:
		if text = d.custom.Confirm; text == "" {
			text = d.custom.Label + ": " + what + "?"
		}
		return d.custom.Label, d.custom.Label, text
	case d.verb == meta.Restore:
		return "Restore " + what, "Restore", "This will be restored:"
	case d.verb == meta.Delete && d.resource.DeletedAt != nil:
		return "Delete " + what, "Delete", "This will be deleted, and can be restored:"
	}
	return "Delete " + what + " for good", "Delete for good", "This will be deleted, and cannot be brought back:"
}

// consequences tells what refers to the records, as far as the actor may read it.
func (d *deed) consequences(ctx context.Context) ([]string, error) {
	const limit = 1000
	var list []string
	for _, dependant := range d.resource.HasMany {
		if dependant.Related == nil || !d.server.registry.Allows(ctx, dependant.Related, meta.Read, nil) {
			continue
		}
		_, n, err := d.server.store.Referring(ctx, dependant, d.keys, 0, limit)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		what := format.Lower(dependant.Related.Plural) + ": " + format.AtMost(n, limit)
		switch dependant.Cascade {
		case "CASCADE":
			list = append(list, what+" will be deleted, too.")
		case "SET NULL":
			list = append(list, what+" will refer to nothing.")
		default:
			list = append(list, what+" refer to this. The database may refuse.")
		}
	}
	return list, nil
}

// run does the deed in one transaction, and says what came of it.
func (d *deed) run(c echo.Context) error {
	message := ""
	err := d.server.DB.Transaction(c.Request().Context(), func(ctx context.Context) (err error) {
		message, err = d.do(ctx)
		return err
	})
	var known *problem.Error
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return d.confirm(c, http.StatusConflict, "Other records refer to this. Delete or change these first.")
	case errors.Is(err, database.ErrConflict):
		return d.confirm(c, http.StatusConflict, "Somebody else is writing the same records. Try again.")
	case errors.As(err, &known) && refusal(known):
		return d.confirm(c, known.Status, known.Detail)
	case err != nil:
		return err
	}
	return request.Redirect(c, message, d.after())
}

// after is where to go on: not to the page of a record that is gone.
func (d *deed) after() string {
	if d.verb == meta.Destroy || (d.verb == meta.Delete && d.resource.DeletedAt == nil) {
		for _, key := range d.keys {
			if strings.HasPrefix(d.back, d.server.registry.RecordPath(d.resource, d.resource.Key.Text(key))) {
				return d.server.registry.Path(d.resource)
			}
		}
	}
	return d.back
}

func (d *deed) do(ctx context.Context) (string, error) {
	r := d.resource
	records, err := d.load(ctx, true)
	if err != nil {
		return "", err
	}
	guarded := func(context.Context) error { return nil }
	if r.Guard != nil {
		if guarded, err = r.Guard(ctx, d.verb, records); err != nil {
			return "", err
		}
	}
	var message string
	if d.custom.Run != nil {
		message, err = d.act(ctx, records)
	} else {
		message, err = d.change(ctx, records)
	}
	if err != nil {
		return "", err
	}
	if r.Check != nil {
		if err := r.Check(ctx, d.verb, records); err != nil {
			return "", err
		}
	}
	return message, guarded(ctx)
}

// change deletes or restores each record.
func (d *deed) change(ctx context.Context, records []any) (string, error) {
	s, r := d.server, d.resource
	for _, record := range records {
		var err error
		if d.verb == meta.Restore {
			err = s.store.Restore(ctx, r, record)
		} else {
			err = s.store.Delete(ctx, r, record, d.verb == meta.Destroy)
		}
		if err != nil {
			return "", err
		}
		detail := map[string]any{"title": format.Cut(r.TitleOf(ctx, record))}
		if err := d.record(ctx, record, detail); err != nil {
			return "", err
		}
	}
	done := map[string]string{meta.Delete: "deleted", meta.Destroy: "deleted for good", meta.Restore: "restored"}
	verb := "are "
	if len(records) == 1 {
		verb = "is "
	}
	return format.Count(len(records), format.Lower(r.Label), format.Lower(r.Plural)) + " " + verb + done[d.verb] + ".", nil
}

func (d *deed) record(ctx context.Context, record any, detail map[string]any) error {
	r := d.resource
	return d.server.Audit.Record(ctx, audit.Event{
		Action: r.Permission + "." + d.verb, Subject: registry.Subject(r, r.KeyOf(ctx, record)), Detail: detail,
	})
}

// act runs an action of the application, and records what it changed.
func (d *deed) act(ctx context.Context, records []any) (string, error) {
	s, r := d.server, d.resource
	before := map[string]texts{}
	for _, record := range records {
		before[r.KeyOf(ctx, record)] = columns(ctx, r, record)
	}
	message, err := d.custom.Run(ctx, records)
	if err != nil {
		return "", err
	}
	after, err := s.store.Several(ctx, r, d.keys, false, true)
	if err != nil {
		return "", err
	}
	now := map[string]texts{}
	for _, record := range after {
		now[r.KeyOf(ctx, record)] = columns(ctx, r, record)
	}
	for _, record := range records {
		key := r.KeyOf(ctx, record)
		detail := map[string]any{}
		if changes := differences(r, before[key], now[key]); len(changes) > 0 {
			detail["changes"] = changes
		}
		if err := d.record(ctx, record, detail); err != nil {
			return "", err
		}
	}
	if message == "" {
		message = d.custom.Label + ": done."
	}
	return message, nil
}

// columns reads every column of a record, secrets included, to find out what an action changes.
func columns(ctx context.Context, r *meta.Resource, record any) texts {
	t := texts{}
	for _, f := range r.Fields {
		if f.Stored() {
			t[f.Column] = []string{f.Text(f.Value(ctx, record))}
		}
	}
	return t
}

// differences lists the fields that changed. Of secrets it says only that they did.
func differences(r *meta.Resource, before, after texts) []audit.Change {
	var changes []audit.Change
	for _, f := range r.Fields {
		if after == nil || !f.Stored() || before[f.Column][0] == after[f.Column][0] || f.Schema().AutoUpdateTime > 0 {
			continue
		}
		if f.Visible() {
			changes = append(changes, change(f, before[f.Column], after[f.Column]))
		} else {
			changes = append(changes, audit.Change{Field: f.Name, Before: "(hidden)", After: "(changed)"})
		}
	}
	return changes
}
