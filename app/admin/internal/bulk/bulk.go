// Package bulk deletes, restores and changes several records at once, after asking.
package bulk

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
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
)

// maxReferring bounds how many referring records are counted.
const maxReferring = 1000

// renderer writes a page inside the layout of the admin.
type renderer interface {
	Render(c echo.Context, status int, page covet.Page) error
}

// recorder writes the audit log.
type recorder interface {
	Record(ctx context.Context, event audit.Event) error
}

// Changes answers the requests to change several records.
type Changes struct {
	Registry *registry.Registry
	Store    *store.Store
	DB       *database.DB
	Audit    recorder
	Pages    renderer
}

// Buttons returns what the user may do to records of r: to those that are deleted, or to the others.
func Buttons(ctx context.Context, g *registry.Registry, r *meta.Resource, deleted bool) []views.Button {
	var buttons []views.Button
	if deleted {
		if g.Allows(ctx, r, meta.Restore, nil) {
			buttons = append(buttons, views.Button{Name: meta.Restore, Label: "Restore"})
		}
		if g.Allows(ctx, r, meta.Destroy, nil) {
			buttons = append(buttons, views.Button{Name: meta.Destroy, Label: "Delete for good", Danger: true})
		}
		return buttons
	}
	for _, a := range r.Actions {
		if g.Can(ctx, r.Action(a.Name), nil) {
			buttons = append(buttons, views.Button{Name: a.Name, Label: a.Label, Danger: a.Danger})
		}
	}
	if g.Allows(ctx, r, meta.Delete, nil) {
		buttons = append(buttons, views.Button{Name: meta.Delete, Label: "Delete", Danger: true})
	}
	return buttons
}

// change is one request: a verb of the admin or an action of the application, and the records that it is for.
type change struct {
	*Changes
	resource *meta.Resource
	verb     string
	action   meta.Action // of the application; one without Run is a verb of the admin
	keys     []any
	back     string
	records  []any
}

// Handle answers the request to do something to the records that a form names.
func (b *Changes) Handle(c echo.Context) error {
	r, err := b.Registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	ch, err := b.parse(r, form)
	if err != nil {
		return err
	}
	if len(ch.keys) == 0 {
		return request.Redirect(c, "Nothing was selected.", ch.back)
	}
	if ch.records, err = ch.load(c.Request().Context(), false); err != nil {
		return err
	}
	if ch.needsConfirmation() && form.Get("_confirmed") != "1" {
		return ch.confirm(c, http.StatusOK, "")
	}
	return ch.run(c)
}

// parse reads a form.
func (b *Changes) parse(r *meta.Resource, form url.Values) (*change, error) {
	ch := &change{
		Changes: b, resource: r, verb: form.Get("_action"),
		back: request.Back(b.Registry.Base(), form.Get("_back"), b.Registry.Path(r)),
	}
	var ok bool
	if ch.action, ok = r.Custom(ch.verb); !ok {
		switch ch.verb {
		case meta.Delete, meta.Destroy, meta.Restore:
			ok = r.Allows(ch.verb)
		}
	}
	if !ok {
		return nil, problem.NotFound("")
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
			ch.keys = append(ch.keys, key)
		}
		seen[text] = true
	}
	return ch, nil
}

// load reads the records. It refuses the whole change if one of them is gone or if the user may not change it.
//
// Threat: reaching a record by its key that the user may not see or change.
func (ch *change) load(ctx context.Context, lock bool) ([]any, error) {
	r := ch.resource
	records, err := ch.Store.Several(ctx, r, ch.keys, lock, ch.action.Run != nil)
	if err != nil {
		return nil, err
	}
	if len(records) != len(ch.keys) {
		return nil, problem.NotFound("One of these records is not there any more.")
	}
	for _, record := range records {
		if !ch.Registry.Allows(ctx, r, meta.Read, record) || !ch.Registry.Can(ctx, r.Action(ch.verb), record) {
			return nil, problem.Forbidden("You may not do this to " + format.Cut(r.TitleOf(ctx, record)) + ".")
		}
	}
	return records, nil
}

// needsConfirmation reports whether the user is asked first.
func (ch *change) needsConfirmation() bool {
	if ch.action.Run != nil {
		return ch.action.Confirm != "" || ch.action.Danger
	}
	return ch.verb != meta.Restore
}

// final reports whether the records will be gone.
func (ch *change) final() bool {
	return ch.verb == meta.Destroy || (ch.verb == meta.Delete && ch.resource.DeletedAt == nil)
}

// confirm shows what would be done, or why it was not.
func (ch *change) confirm(c echo.Context, status int, failure string) error {
	ctx, r := c.Request().Context(), ch.resource
	title, button, text := ch.words()
	v := views.Confirm{
		Title: title, Text: text, Error: failure, Action: ch.Registry.Path(r, "bulk"), Back: ch.back,
		Verb: ch.verb, Button: button, Danger: ch.action.Run == nil || ch.action.Danger,
	}
	for _, record := range ch.records {
		key := r.KeyOf(ctx, record)
		row := views.Row{Key: key, Title: format.Cut(r.TitleOf(ctx, record)), URL: ch.Registry.RecordPath(r, key)}
		v.Records = append(v.Records, row)
	}
	if ch.final() {
		var err error
		if v.Consequences, err = ch.consequences(ctx); err != nil {
			return err
		}
	}
	return ch.Pages.Render(c, status, covet.Page{
		Title:       title,
		Breadcrumbs: []covet.Breadcrumb{ch.Registry.ListCrumb(r), {Title: title, URL: ch.Registry.Path(r)}},
		Content:     views.ConfirmPage(v),
	})
}

// words are the heading, the button and the question.
func (ch *change) words() (title, button, text string) {
	what := format.Count(len(ch.records), format.Lower(ch.resource.Label), format.Lower(ch.resource.Plural))
	switch {
	case ch.action.Run != nil:
		if text = ch.action.Confirm; text == "" {
			text = ch.action.Label + ": " + what + "?"
		}
		return ch.action.Label, ch.action.Label, text
	case ch.verb == meta.Restore:
		return "Restore " + what, "Restore", "This will be restored:"
	case !ch.final():
		return "Delete " + what, "Delete", "This will be deleted, and can be restored:"
	}
	return "Delete " + what + " for good", "Delete for good", "This will be deleted, and cannot be brought back:"
}

// consequences says which records refer to those that will be gone, as far as the user may read them.
func (ch *change) consequences(ctx context.Context) ([]string, error) {
	var list []string
	for _, dependant := range ch.resource.HasMany {
		if dependant.Related == nil || !ch.Registry.Allows(ctx, dependant.Related, meta.Read, nil) {
			continue
		}
		_, n, err := ch.Store.Referring(ctx, dependant, ch.keys, 0, maxReferring)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		what := format.Lower(dependant.Related.Plural) + ": " + format.AtMost(n, maxReferring)
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

// run makes the change in one transaction, and shows its result.
func (ch *change) run(c echo.Context) error {
	message := ""
	err := ch.DB.Transaction(c.Request().Context(), func(ctx context.Context) (err error) {
		message, err = ch.apply(ctx)
		return err
	})
	refusal, refused := request.Refusal(err)
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return ch.confirm(c, http.StatusConflict, "Other records refer to this. Delete or change these first.")
	case errors.Is(err, database.ErrConflict):
		return ch.confirm(c, http.StatusConflict, "Somebody else is writing the same records. Try again.")
	case refused:
		return ch.confirm(c, refusal.Status, refusal.Detail)
	case err != nil:
		return err
	}
	return request.Redirect(c, message, ch.target())
}

// target is the page to show next: not that of a record that is gone.
func (ch *change) target() string {
	if ch.final() {
		for _, key := range ch.keys {
			if strings.HasPrefix(ch.back, ch.Registry.RecordPath(ch.resource, ch.resource.Key.Text(key))) {
				return ch.Registry.Path(ch.resource)
			}
		}
	}
	return ch.back
}
