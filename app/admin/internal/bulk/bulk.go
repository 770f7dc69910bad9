// Package bulk deletes, restores and changes several records at once, after asking.
package bulk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/storage"
)

const (
	// maxReferring bounds how many referring records are counted, and shownReferring how many are listed.
	maxReferring, shownReferring = 1000, 5
	// MaxSelected bounds how many records a list can select at once, beyond those on its page.
	MaxSelected = store.Counted
	// shownSelected is how many of these the question before a change lists.
	shownSelected = 20
)

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
	Files    storage.Store
	Log      *slog.Logger
}

// ButtonsOf returns what the user may do to a record, deleted or not.
func ButtonsOf(ctx context.Context, g *registry.Registry, r *meta.Resource, record any, deleted bool) []views.Button {
	return slices.DeleteFunc(Buttons(ctx, g, r, deleted), func(b views.Button) bool {
		return !g.Can(ctx, r.Action(b.Name), record) || r.Unavailable(ctx, b.Name, record) != ""
	})
}

// Buttons returns what the user may do to records of r: to those that are deleted, or to the others.
func Buttons(ctx context.Context, g *registry.Registry, r *meta.Resource, deleted bool) []views.Button {
	var buttons []views.Button
	if deleted {
		if g.Allows(ctx, r, meta.Restore, nil) {
			buttons = append(buttons, views.Button{Name: meta.Restore, Label: words.T(ctx, "bulk.restore")})
		}
		if g.Allows(ctx, r, meta.Destroy, nil) {
			buttons = append(buttons, views.Button{Name: meta.Destroy, Label: words.T(ctx, "bulk.destroy"), Danger: true})
		}
		return buttons
	}
	for _, a := range r.Actions {
		if g.Can(ctx, r.Action(a.Name), nil) {
			buttons = append(buttons, views.Button{Name: a.Name, Label: a.LabelIn(ctx, r), Danger: a.Danger})
		}
	}
	if g.Allows(ctx, r, meta.Delete, nil) {
		buttons = append(buttons, views.Button{Name: meta.Delete, Label: words.T(ctx, "bulk.delete"), Danger: true})
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
	leftOut  []string // why records were left out
	files    []string // the storage keys of files to delete after the change

	selection string // the parameters of a list, all of whose records are selected
	all       bool
}

// Handle answers the request to do something to the records that a form names, or to all of a list.
func (b *Changes) Handle(c echo.Context) error {
	r, err := b.Registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	form, err := request.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	ch, err := b.parse(ctx, r, form)
	if err != nil {
		return err
	}
	if len(ch.keys) == 0 {
		return request.Redirect(c, words.T(ctx, "bulk.none"), ch.back)
	}
	if ch.records, err = ch.load(ctx, false); err != nil {
		return err
	}
	switch {
	case len(ch.records) == 0:
		return ch.confirm(c, http.StatusConflict, ch.leftOut[0])
	case ch.all && form.Get("_confirmed") == "1" && form.Get("_count") != strconv.Itoa(len(ch.keys)):
		return ch.confirm(c, http.StatusConflict, words.T(ctx, "bulk.changed"))
	case (ch.needsConfirmation() || ch.all) && form.Get("_confirmed") != "1":
		return ch.confirm(c, http.StatusOK, "")
	}
	return ch.run(c)
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
	title, button, text := ch.question(ctx)
	v := views.Confirm{
		Title: title, Text: text, Error: failure, Action: ch.Registry.Path(r, "bulk"), Back: ch.back,
		Verb: ch.verb, Button: button, Danger: ch.action.Run == nil || ch.action.Danger, LeftOut: ch.leftOut,
	}
	if len(ch.records) == 0 {
		v.Text, v.Button = "", ""
	}
	shown := ch.records
	if ch.all {
		v.Selection, v.Count, v.All = ch.selection, strconv.Itoa(len(ch.keys)), true
		shown = shown[:min(len(shown), shownSelected)]
		if more := len(ch.records) - len(shown); more > 0 {
			v.Others = words.T(ctx, "bulk.more", "n", more)
		}
		v.LeftOut = v.LeftOut[:min(len(v.LeftOut), shownSelected)]
	}
	for _, record := range shown {
		key := r.KeyOf(ctx, record)
		row := views.Row{Key: key, Title: format.Cut(r.TitleOf(ctx, record)), URL: ch.Registry.RecordPath(r, key)}
		v.Records = append(v.Records, row)
	}
	if ch.final() && len(ch.records) > 0 {
		if err := ch.addDependents(ctx, &v); err != nil {
			return err
		}
	}
	return ch.Pages.Render(c, status, covet.Page{
		Title:       title,
		Breadcrumbs: []covet.Breadcrumb{ch.Registry.ListCrumb(ctx, r), {Title: title, URL: ch.Registry.Path(r)}},
		Content:     views.ConfirmPage(v),
	})
}

// question returns the heading, the button and the question.
func (ch *change) question(ctx context.Context) (title, button, text string) {
	r, n := ch.resource, len(ch.records)
	records := r.RecordsIn(ctx, n)
	switch {
	case ch.action.Run != nil:
		label := ch.action.LabelIn(ctx, r)
		if text = ch.action.ConfirmIn(ctx, r); text == "" {
			text = words.T(ctx, "bulk.ask", "action", label, "n", n, "records", records)
		}
		return label, label, text
	case ch.verb == meta.Restore:
		return words.T(ctx, "bulk.restore_title", "n", n, "records", records), words.T(ctx, "bulk.restore"),
			words.T(ctx, "bulk.restore_text", "n", n)
	case !ch.final():
		return words.T(ctx, "bulk.delete_title", "n", n, "records", records), words.T(ctx, "bulk.delete"),
			words.T(ctx, "bulk.delete_text", "n", n)
	}
	return words.T(ctx, "bulk.destroy_title", "n", n, "records", records), words.T(ctx, "bulk.destroy"),
		words.T(ctx, "bulk.destroy_text", "n", n)
}

// run makes the change in one transaction, and shows its result.
func (ch *change) run(c echo.Context) error {
	message, ctx := "", c.Request().Context()
	err := ch.DB.Transaction(ctx, func(ctx context.Context) (err error) {
		message, err = ch.apply(ctx)
		return err
	})
	refusal, refused := request.Refusal(err)
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return ch.confirm(c, http.StatusConflict, words.T(ctx, "bulk.referenced"))
	case errors.Is(err, database.ErrConflict):
		return ch.confirm(c, http.StatusConflict, words.T(ctx, "bulk.busy"))
	case refused:
		return ch.confirm(c, refusal.Status, refusal.Detail)
	case err != nil:
		return err
	}
	ch.deleteFiles(ctx)
	if n := len(ch.leftOut); n > 0 {
		message += " " + words.T(ctx, "bulk.left_out", "n", n, "reason", ch.leftOut[0])
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
