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
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
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
		Texts:       words.Texts(),
		Access:      []string{actionRead},
		Permissions: []covet.Permission{{Name: actionRead, Description: words.ID("audit.read")}},
		Widgets:     []covet.Widget{{Title: words.ID("audit.recent"), Render: a.recent}},
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
	id := r.Key.Text(key)
	name := words.T(ctx, "audit.record", "record", r.RecordIn(ctx), "key", id)
	crumbs := []covet.Breadcrumb{a.registry.ListCrumb(ctx, r)}
	// A deleted record still has a history, for users who may read the whole log.
	record, err := a.entries.Get(ctx, r, key)
	switch {
	case err == nil && !a.registry.Allows(ctx, r, meta.Read, record):
		return problem.Forbidden("")
	case err == nil:
		name = format.Cut(r.TitleOf(ctx, record))
		crumbs = append(crumbs, covet.Breadcrumb{Title: name, URL: a.registry.RecordPath(r, id)})
	case !a.registry.Can(ctx, actionRead, nil):
		return err
	}
	events, err := a.Changes(ctx, r, id, historyEvents)
	if err != nil {
		return err
	}
	title := words.T(ctx, "audit.history_of", "record", name)
	crumbs = append(crumbs, covet.Breadcrumb{
		Title: words.T(ctx, "audit.history"), URL: a.registry.RecordPath(r, id, "history"),
	})
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
		Who: who(ctx, entry), When: text.Precise(ctx, entry.CreatedAt), Machine: format.Machine(entry.CreatedAt),
		Address: entry.Address,
	}
	e.Subject, e.URL = a.name(ctx, entry, r, key, known, detail)
	if r != nil && r.Table == "users" && key == entry.ActorID {
		e.Subject = words.T(ctx, "audit.own")
	}
	e.Text, e.Action = phrase(ctx, entry.Action, r, several, e.Subject != "")
	if isKnown(entry.Action) && !strings.Contains(e.Text, views.Subject) { // the user is the subject
		e.Subject = ""
	}
	for _, c := range entry.Changes {
		e.Changes = append(e.Changes, a.change(ctx, r, c, known))
	}
	e.Details = details(ctx, detail)
	return e
}

// who names the actor of an entry.
func who(ctx context.Context, entry store.Entry) string {
	switch {
	case entry.ActorName != "":
		return entry.ActorName
	case entry.ActorID != "":
		return entry.ActorID
	case entry.Address != "":
		return words.T(ctx, "audit.visitor")
	}
	return words.T(ctx, "audit.system")
}

// subject returns the resource of an entry's subject, and its key.
func (a *Audit) subject(subject string) (r *meta.Resource, key string) {
	table, key, _ := strings.Cut(subject, ":")
	return a.registry.ByTable(table), key
}

// name returns what the subject of an entry is called, and its address if it still exists and the user may read it.
func (a *Audit) name(
	ctx context.Context, entry store.Entry, r *meta.Resource, key string, known titles, detail map[string]any,
) (name, address string) {
	if r == nil {
		kind, id, found := strings.Cut(entry.Subject, ":")
		if !found {
			return entry.Subject, ""
		}
		if name = words.T(ctx, "audit.kind."+words.KeyOf(kind), "name", id); name != "" {
			return name, ""
		}
		record := words.Lower(ctx, format.Label(strings.TrimSuffix(kind, "s")))
		return words.T(ctx, "audit.record", "record", record, "key", id), ""
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
	return words.T(ctx, "audit.record", "record", r.LabelIn(ctx), "key", key), ""
}
