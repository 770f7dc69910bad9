// Package auditui shows the audit log in the admin: the newest events on the dashboard, and the history of a record.
// The list of the whole log is a resource.
package auditui

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/internal/format"
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
	Several(ctx context.Context, r *meta.Resource, keys []any, lock, secrets bool) ([]any, error)
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
	entries = slices.DeleteFunc(slices.Clone(entries), func(entry store.Entry) bool { return len(entry.Changes) == 0 })
	for i := range entries {
		entries[i].Address, entries[i].Detail = "", ""
	}
	return a.describe(ctx, entries, false)
}

// events returns the newest events about a subject, or all of them if it is empty.
func (a *Audit) events(ctx context.Context, subject string, limit int) ([]views.Event, error) {
	entries, err := a.entries.History(ctx, subject, "", limit)
	if err != nil {
		return nil, err
	}
	return a.describe(ctx, entries, subject == "")
}

// describe returns entries as a page shows them: sentences with the names of records. Subjects are named if the page is
// about several.
func (a *Audit) describe(ctx context.Context, entries []store.Entry, several bool) ([]views.Event, error) {
	titles, err := a.titles(ctx, entries)
	if err != nil {
		return nil, err
	}
	events := make([]views.Event, len(entries))
	for i, entry := range entries {
		events[i] = a.event(ctx, entry, titles, several)
	}
	return events, nil
}

// event returns an entry as a page shows it. Values of fields that the user may not see are hidden, also in entries
// that other modules wrote.
func (a *Audit) event(ctx context.Context, entry store.Entry, known titles, several bool) views.Event {
	r, key := a.subject(entry.Subject)
	detail := detailOf(entry.Detail)
	e := views.Event{
		Who: who(entry), When: format.Precise(entry.CreatedAt), Machine: format.Machine(entry.CreatedAt),
		Address: entry.Address,
	}
	e.Subject, e.URL = a.name(entry, r, key, known, detail)
	own := r != nil && r.Table == "users" && key == entry.ActorID
	e.What = phrase(entry.Action, r, several, e.Subject != "")
	if what, alone := strings.CutSuffix(e.What, "."); alone {
		e.What, e.Subject = what, ""
	} else if own {
		e.Subject = "their own account"
	}
	for _, c := range entry.Changes {
		e.Changes = append(e.Changes, a.change(ctx, r, c, known))
	}
	e.Details = details(detail)
	return e
}

// who names the actor of an entry.
func who(entry store.Entry) string {
	switch {
	case entry.ActorName != "":
		return entry.ActorName
	case entry.ActorID != "":
		return entry.ActorID
	case entry.Address != "":
		return "A visitor"
	}
	return "The system"
}

// subject returns the resource of an entry's subject, and its key.
func (a *Audit) subject(subject string) (r *meta.Resource, key string) {
	table, key, _ := strings.Cut(subject, ":")
	return a.registry.ByTable(table), key
}

// name returns what the subject of an entry is called, and its address if it still exists and the user may read it.
func (a *Audit) name(
	entry store.Entry, r *meta.Resource, key string, known titles, detail map[string]any,
) (text, address string) {
	if r == nil {
		kind, name, found := strings.Cut(entry.Subject, ":")
		if !found {
			return entry.Subject, ""
		}
		return format.Lower(format.Label(strings.TrimSuffix(kind, "s"))) + " " + name, ""
	}
	if title, ok := known[r][key]; ok {
		return title, a.registry.RecordPath(r, key)
	}
	if title, ok := detail["title"].(string); ok && title != "" {
		return title, ""
	}
	if key == "" {
		return "", ""
	}
	return r.Label + " " + key, ""
}
