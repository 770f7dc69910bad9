package site

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/middleware"
)

const (
	dashboardTitle = "Dashboard"
	// widgetTimeout bounds the work of one widget.
	widgetTimeout = 5 * time.Second
)

func (s *Site) dashboard(c echo.Context) error {
	ctx := c.Request().Context()
	d := views.Dashboard{Title: dashboardTitle}
	var err error
	if d.Groups, err = s.cards(ctx); err != nil {
		return err
	}
	for _, section := range s.sections {
		for i, widget := range section.Widgets {
			if !s.canAny(ctx, widget.Access) {
				continue
			}
			shown := views.Widget{ID: section.Name + "-" + strconv.Itoa(i), Title: widget.Title}
			content, err := s.renderWidget(ctx, section, widget)
			switch {
			case err != nil:
				s.cfg.Log.ErrorContext(ctx, "dashboard widget failed",
					"section", section.Name, "widget", widget.Title, "error", err.Error())
			case content == nil:
				continue
			}
			shown.Content = content
			if widget.Alert {
				d.Alerts = append(d.Alerts, shown)
			} else {
				d.Widgets = append(d.Widgets, shown)
			}
		}
	}
	return s.Render(c, http.StatusOK, covet.Page{Title: d.Title, Content: views.DashboardPage(d)})
}

// cards returns the numbers of records, in the order of the navigation.
func (s *Site) cards(ctx context.Context) ([]views.CardGroup, error) {
	var groups []views.CardGroup
	for _, r := range s.registry.Resources() {
		if !s.registry.Allows(ctx, r, meta.Read, nil) {
			continue
		}
		n, err := s.records.Count(ctx, r)
		if err != nil {
			return nil, err
		}
		card := views.Card{Label: r.Plural, Count: format.AtMost(n, store.Counted), URL: s.registry.Path(r)}
		if card.Trend, err = s.trend(ctx, r); err != nil {
			return nil, err
		}
		if s.registry.Allows(ctx, r, meta.Create, nil) {
			card.NewURL, card.NewText = s.registry.Path(r, "new"), "New "+format.Lower(r.Label)
		}
		i := slices.IndexFunc(groups, func(g views.CardGroup) bool { return g.Title == groupOf(r) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, views.CardGroup{Title: groupOf(r)})
		}
		groups[i].Cards = append(groups[i].Cards, card)
	}
	return groups, nil
}

// week is the time that a trend is about.
const week = 7 * 24 * time.Hour

// trend says how many records were created within a week, and in the week before. It is "" where that is not known.
func (s *Site) trend(ctx context.Context, r *meta.Resource) (string, error) {
	now := time.Now().UTC()
	recent, known, err := s.records.Created(ctx, r, now.Add(-week), now)
	if err != nil || !known {
		return "", err
	}
	before, _, err := s.records.Created(ctx, r, now.Add(-2*week), now.Add(-week))
	if err != nil {
		return "", err
	}
	if recent+before == 0 {
		return "", nil
	}
	return format.AtMost(recent, store.Counted) + " new in 7 days, " + format.AtMost(before, store.Counted) + " before", nil
}

// renderWidget returns what a widget shows, rendered, so that an error or a panic in it does not take the dashboard
// along. It returns nil for a widget that leaves itself out.
func (s *Site) renderWidget(
	ctx context.Context, section covet.Section, widget covet.Widget,
) (content templ.Component, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, widgetTimeout)
	defer cancel()
	component, err := widget.Render(ctx, s.admin(section))
	if err != nil || component == nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if err := component.Render(templ.WithNonce(ctx, middleware.Nonce(ctx)), &buffer); err != nil {
		return nil, fmt.Errorf("rendering: %w", err)
	}
	return templ.Raw(buffer.String()), nil
}
