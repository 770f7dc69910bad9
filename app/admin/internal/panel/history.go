package panel

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

func (s *Server) history(c echo.Context) error {
	r, err := s.resource(c, meta.Read)
	if err != nil {
		return err
	}
	key, err := s.key(c, r)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	title, text := "History of "+lower(r.Label)+" "+r.Key.Text(key), r.Key.Text(key)
	crumbs := []views.Link{s.toList(r)}
	// What was deleted has a history still; it is for those who may read all of the log.
	record, err := s.store.Get(ctx, r, key)
	switch {
	case err == nil && !s.can(ctx, r, meta.Read, record):
		return problem.Forbidden("")
	case err == nil:
		title = "History of " + cut(r.TitleOf(ctx, record))
		crumbs = append(crumbs, views.Link{Text: cut(r.TitleOf(ctx, record)), URL: s.recordPath(r, text)})
	case !s.Can(ctx, auditRead, nil):
		return err
	}
	events, err := s.changes(ctx, r, text, 200)
	if err != nil {
		return err
	}
	crumbs = append(crumbs, views.Link{Text: "History", URL: s.recordPath(r, text, "history")})
	return web.Render(c, http.StatusOK, views.HistoryPage(views.History{Frame: s.frame(ctx, title, r, crumbs...), Events: events}))
}

// auditRead is the action of reading the whole log.
const auditRead = "audit.read"

// changes returns the newest entries of the log about a record. Who may not read the log gets what was changed by the
// resource's own actions, and nothing else that the log knows.
//
// Threat: who may read a record learns from its history where people sign in from, and what other modules note of it.
func (s *Server) changes(ctx context.Context, r *meta.Resource, key string, limit int) ([]views.Event, error) {
	about := subject(r, key)
	if s.Can(ctx, auditRead, nil) {
		return s.events(ctx, about, limit)
	}
	entries, err := s.store.History(ctx, about, r.Permission, limit)
	if err != nil {
		return nil, err
	}
	var events []views.Event
	for _, entry := range entries {
		entry.Address, entry.Detail = "", ""
		if e := s.event(ctx, entry); len(e.Changes) > 0 {
			events = append(events, e)
		}
	}
	return events, nil
}

// events returns the newest entries of the log about a subject, or of all of it. Fields that people may not see are left
// out, also from entries that others wrote.
func (s *Server) events(ctx context.Context, about string, limit int) ([]views.Event, error) {
	entries, err := s.store.History(ctx, about, "", limit)
	if err != nil {
		return nil, err
	}
	events := make([]views.Event, len(entries))
	for i, entry := range entries {
		events[i] = s.event(ctx, entry)
	}
	return events, nil
}

func (s *Server) event(ctx context.Context, entry store.Entry) views.Event {
	e := views.Event{Who: entry.ActorName, What: entry.Action, Subject: entry.Subject, Address: entry.Address}
	if e.Who == "" {
		e.Who = entry.ActorID
	}
	e.When, e.Machine = shownTime(entry.CreatedAt)
	r := s.subjectOf(entry.Subject)
	for _, c := range entry.Changes {
		shown := views.Change{Field: c.Field, Before: shownValue(c.Before), After: shownValue(c.After)}
		if r != nil {
			if f := r.Field(c.Field); f != nil {
				shown.Field = label(f)
				if !f.Visible() || !s.reads(ctx, f) {
					shown.Before, shown.After = "(hidden)", "(changed)"
				}
			}
		}
		e.Changes = append(e.Changes, shown)
	}
	if len(e.Changes) == 0 && len(entry.Detail) > 2 {
		e.Detail = cut(entry.Detail)
	}
	if r != nil && s.can(ctx, r, meta.Read, nil) {
		_, key, _ := strings.Cut(entry.Subject, ":")
		if _, ok := r.ParseKey(key); ok {
			e.URL = s.recordPath(r, key)
		}
	}
	return e
}

// subjectOf returns the resource that a subject of the log belongs to, or nil.
func (s *Server) subjectOf(subject string) *meta.Resource {
	kind, _, _ := strings.Cut(subject, ":")
	for _, r := range s.Resources {
		if r.Table == kind {
			return r
		}
	}
	return nil
}

func shownValue(value any) string {
	if value == nil {
		return ""
	}
	return cut(fmt.Sprint(value))
}
