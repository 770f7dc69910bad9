package panel

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/web"
)

const (
	dashboardTitle = "Dashboard"
	recent         = 15 // entries of the log on the dashboard
)

func (s *Server) dashboard(c echo.Context) error {
	ctx := c.Request().Context()
	d := views.Dashboard{Frame: s.frame(ctx, dashboardTitle, nil)}
	for _, r := range s.Resources {
		if !s.can(ctx, r, meta.Read, nil) {
			continue
		}
		n, err := s.store.Count(ctx, r)
		if err != nil {
			return err
		}
		card := views.Card{Label: r.Plural, Count: atMost(n, store.Counted), URL: s.path(r)}
		if s.can(ctx, r, meta.Create, nil) {
			card.NewURL, card.NewText = s.path(r, "new"), "New "+lower(r.Label)
		}
		d.Cards = append(d.Cards, card)
	}
	if s.countsJobs(ctx) {
		n := s.numbers(ctx)
		if fault := n.fault(); fault != "" {
			d.Hints = append(d.Hints, views.Hint{Text: fault})
		}
		d.Hints = append(d.Hints, s.hints(ctx, n)...)
	}
	if d.Log = s.Can(ctx, auditRead, nil); d.Log {
		var err error
		if d.Events, err = s.events(ctx, "", recent); err != nil {
			return err
		}
		if r := s.byTable("covet_audit"); r != nil {
			d.More = s.path(r)
		}
	}
	return web.Render(c, http.StatusOK, views.DashboardPage(d))
}

func (s *Server) byTable(table string) *meta.Resource {
	for _, r := range s.Resources {
		if r.Table == table {
			return r
		}
	}
	return nil
}
