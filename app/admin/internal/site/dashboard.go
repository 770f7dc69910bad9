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
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/text"
)

// widgetTimeout bounds the work of one widget.
const widgetTimeout = 5 * time.Second

func (s *Site) dashboard(c echo.Context) error {
	ctx := c.Request().Context()
	d := views.Dashboard{Title: words.T(ctx, "dashboard")}
	var err error
	if d.Groups, err = s.cards(ctx); err != nil {
		return err
	}
	for _, section := range s.sections {
		for i, widget := range section.Widgets {
			if !s.canAny(ctx, widget.Access) {
				continue
			}
			shown := views.Widget{ID: section.Name + "-" + strconv.Itoa(i), Title: translated(ctx, section, widget.Title)}
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
		card := views.Card{Label: r.PluralIn(ctx), Count: counted(ctx, n), URL: s.registry.Path(r)}
		if card.Trend, err = s.trend(ctx, r); err != nil {
			return nil, err
		}
		if s.registry.Allows(ctx, r, meta.Create, nil) {
			card.NewURL, card.NewText = s.registry.Path(r, "new"), words.T(ctx, "new", "record", r.RecordIn(ctx))
		}
		title := r.GroupIn(ctx)
		i := slices.IndexFunc(groups, func(g views.CardGroup) bool { return g.Title == title })
		if i < 0 {
			i = len(groups)
			groups = append(groups, views.CardGroup{Title: title})
		}
		groups[i].Cards = append(groups[i].Cards, card)
	}
	return groups, nil
}

// counted writes a number of records.
func counted(ctx context.Context, n int) string {
	if n > store.Counted {
		return words.T(ctx, "at_most", "n", store.Counted)
	}
	return text.Number(ctx, n)
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
	return words.T(ctx, "dashboard_page.trend", "recent", counted(ctx, recent), "before", counted(ctx, before)), nil
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
