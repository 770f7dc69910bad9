// Package auditui shows the audit log in the admin: the newest events on the dashboard, and the history of a record.
// The list of the whole log is a resource.
package auditui

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/format"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
)

const (
	// actionRead is what reading the whole log needs.
	actionRead = "audit.read"
	// recentEvents is the number of events on the dashboard.
	recentEvents = 15
	// historyEvents is the number of events on the page of a history.
	historyEvents = 200
)

// entries reads the audit log and the records that it is about.
type entries interface {
	History(ctx context.Context, subject, permission string, limit int) ([]store.Entry, error)
	Get(ctx context.Context, r *meta.Resource, key any) (any, error)
}

// renderer writes a page inside the layout of the admin.
type renderer interface {
	Render(c echo.Context, status int, page covet.Page) error
}

// Audit shows the audit log. It is safe for concurrent use.
type Audit struct {
	registry *registry.Registry
	entries  entries
	pages    renderer
}

// New returns the views of a log.
func New(resources *registry.Registry, log entries, pages renderer) *Audit {
	return &Audit{registry: resources, entries: log, pages: pages}
}

// Section returns the section with the recent events on the dashboard.
func (a *Audit) Section() covet.Section {
	return covet.Section{
		Name:        "audit",
		Access:      []string{actionRead},
		Permissions: []covet.Permission{{Name: actionRead, Description: "See who did what, when and from where."}},
		Widgets:     []covet.Widget{{Title: "Recent activity", Render: a.recent}},
	}
}

func (a *Audit) recent(ctx context.Context, _ covet.Admin) (templ.Component, error) {
	events, err := a.events(ctx, "", recentEvents)
	if err != nil {
		return nil, err
	}
	all := ""
	if r := a.registry.ByTable("covet_audit"); r != nil {
		all = a.registry.Path(r)
	}
	return views.RecentEvents(events, all), nil
}

// History answers the request for everything that was done to a record.
func (a *Audit) History(c echo.Context) error {
	r, err := a.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	key, err := a.registry.Key(c, r)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	text := r.Key.Text(key)
	title := "History of " + format.Lower(r.Label) + " " + text
	crumbs := []covet.Breadcrumb{{Title: r.Plural, URL: a.registry.Path(r)}}
	// A deleted record still has a history, for users who may read the whole log.
	record, err := a.entries.Get(ctx, r, key)
	switch {
	case err == nil && !a.registry.Allows(ctx, r, meta.Read, record):
		return problem.Forbidden("")
	case err == nil:
		name := format.Cut(r.TitleOf(ctx, record))
		title = "History of " + name
		crumbs = append(crumbs, covet.Breadcrumb{Title: name, URL: a.registry.RecordPath(r, text)})
	case !a.registry.Can(ctx, actionRead, nil):
		return err
	}
	events, err := a.Changes(ctx, r, text, historyEvents)
	if err != nil {
		return err
	}
	crumbs = append(crumbs, covet.Breadcrumb{Title: "History", URL: a.registry.RecordPath(r, text, "history")})
	return a.pages.Render(c, http.StatusOK, covet.Page{
		Title: title, Breadcrumbs: crumbs, Content: views.HistoryPage(views.History{Title: title, Events: events}),
	})
}

// Changes returns the newest events about a record. Users who may not read the log get the changes made by the
// resource's own actions, and nothing else that the log knows.
//
// Threat: a user who may read a record learns from its history where other users sign in from, and what other modules
// record about it.
func (a *Audit) Changes(ctx context.Context, r *meta.Resource, key string, limit int) ([]views.Event, error) {
	subject := registry.Subject(r, key)
	if a.registry.Can(ctx, actionRead, nil) {
		return a.events(ctx, subject, limit)
	}
	entries, err := a.entries.History(ctx, subject, r.Permission, limit)
	if err != nil {
		return nil, err
	}
	var events []views.Event
	for _, entry := range entries {
		entry.Address, entry.Detail = "", ""
		if e := a.event(ctx, entry); len(e.Changes) > 0 {
			events = append(events, e)
		}
	}
	return events, nil
}

// events returns the newest events about a subject, or all of them if it is empty.
func (a *Audit) events(ctx context.Context, subject string, limit int) ([]views.Event, error) {
	entries, err := a.entries.History(ctx, subject, "", limit)
	if err != nil {
		return nil, err
	}
	events := make([]views.Event, len(entries))
	for i, entry := range entries {
		events[i] = a.event(ctx, entry)
	}
	return events, nil
}

// event returns an entry as a page shows it. Values of fields that the user may not see are hidden, also in entries
// that other modules wrote.
func (a *Audit) event(ctx context.Context, entry store.Entry) views.Event {
	e := views.Event{Who: entry.ActorName, What: entry.Action, Subject: entry.Subject, Address: entry.Address}
	if e.Who == "" {
		e.Who = entry.ActorID
	}
	e.When, e.Machine = format.Time(entry.CreatedAt)
	table, key, _ := strings.Cut(entry.Subject, ":")
	r := a.registry.ByTable(table)
	for _, c := range entry.Changes {
		shown := views.Change{Field: c.Field, Before: value(c.Before), After: value(c.After)}
		if r != nil {
			if f := r.Field(c.Field); f != nil {
				shown.Field = f.Heading()
				if !f.Visible() || !a.registry.Reads(ctx, f) {
					shown.Before, shown.After = "(hidden)", "(changed)"
				}
			}
		}
		e.Changes = append(e.Changes, shown)
	}
	if len(e.Changes) == 0 && len(entry.Detail) > len("{}") {
		e.Detail = format.Cut(entry.Detail)
	}
	if r != nil && a.registry.Allows(ctx, r, meta.Read, nil) {
		if _, ok := r.ParseKey(key); ok {
			e.URL = a.registry.RecordPath(r, key)
		}
	}
	return e
}

// value writes a value of an entry, shortened; nil is "".
func value(v any) string {
	if v == nil {
		return ""
	}
	return format.Cut(fmt.Sprint(v))
}
