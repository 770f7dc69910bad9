// Package jobsui is the section of the admin about background jobs: charts, queues and workers, lists by state, each
// job, and schedules. All calls to package jobs are made by this package, through [Config.Jobs].
package jobsui

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/jobsui/live"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// Actions on jobs. A user who may only count sees how many jobs there are and how they do: no kind, argument, error or
// host.
const (
	actionCount  = "jobs.count"
	actionRead   = "jobs.read"
	actionRetry  = "jobs.retry"
	actionCancel = "jobs.cancel"
	actionDelete = "jobs.delete"
	actionPause  = "jobs.pause"
	actionRun    = "jobs.run"
)

// Config is what the section works with.
type Config struct {
	Jobs     *jobs.Client
	DB       *database.DB
	Audit    *audit.Log
	Log      *slog.Logger
	Stopping <-chan struct{} // closed when the application begins to stop
}

// Section returns the section.
func Section(cfg Config) covet.Section {
	m := newMonitor(cfg)
	return covet.Section{
		Name:   "jobs",
		Texts:  words.Texts(),
		Access: []string{actionRead, actionCount},
		Permissions: []covet.Permission{
			{Name: actionRead, Description: words.ID("jobs.permission.read")},
			{Name: actionCount, Description: words.ID("jobs.permission.count")},
			{Name: actionRetry, Description: words.ID("jobs.permission.retry")},
			{Name: actionCancel, Description: words.ID("jobs.permission.cancel")},
			{Name: actionDelete, Description: words.ID("jobs.permission.delete")},
			{Name: actionPause, Description: words.ID("jobs.permission.pause")},
			{Name: actionRun, Description: words.ID("jobs.permission.run")},
		},
		Nav: []covet.NavEntry{{Title: words.ID("jobs.title")}},
		Routes: func(g *echo.Group, admin covet.Admin) error {
			pages{m, admin}.register(g)
			return nil
		},
		Widgets: []covet.Widget{{
			Title: words.ID("jobs.widget"), Alert: true,
			Render: func(ctx context.Context, admin covet.Admin) (templ.Component, error) {
				return pages{m, admin}.widget(ctx)
			},
		}},
	}
}

// monitor reads the numbers that all pages share.
type monitor struct {
	Config
	sampler     *live.Sampler[*numbers]
	statsFailed atomic.Bool // whether the last reading of the statistics failed
}

func newMonitor(cfg Config) *monitor {
	m := &monitor{Config: cfg}
	m.sampler = live.New(source{m}, cfg.Log)
	return m
}

// pages answers the requests of the section.
type pages struct {
	*monitor
	admin covet.Admin
}

func (p pages) register(g *echo.Group) {
	g.GET("", p.overview)
	g.GET("/list", p.list)
	g.GET("/events", p.events)
	g.GET("/schedules", p.showSchedules)
	g.POST("/schedules", p.runSchedule)
	g.POST("/queues", p.pauseQueue)
	g.POST("/bulk", p.bulk)
	g.GET("/:id", p.showJob)
	g.POST("/:id", p.changeJob)
}

// widget returns what needs attention, or nil.
func (p pages) widget(ctx context.Context) (templ.Component, error) {
	var hints []view.Hint
	n := p.numbers(ctx)
	if fault := n.fault(ctx); fault != "" {
		hints = append(hints, view.Hint{Text: fault})
	}
	if hints = append(hints, p.hints(ctx, n)...); len(hints) == 0 {
		return nil, nil //nolint:nilnil // a widget that leaves itself out
	}
	return view.Hints(hints), nil
}

// readsJobs reports whether the user of ctx may see the jobs themselves. Every user of the section may count them.
func (p pages) readsJobs(ctx context.Context) bool { return p.admin.Can(ctx, actionRead, nil) }

// frame returns what surrounds each page about jobs. The version is that of the numbers.
func (p pages) frame(c echo.Context, n *numbers, title, currentTab string) view.Frame {
	ctx := c.Request().Context()
	f := view.Frame{Title: title, Fault: n.fault(ctx)}
	f.Live = view.Live{Events: p.admin.Path("events"), Version: n.version, Self: c.Request().URL.RequestURI()}
	f.Tabs = []view.Tab{{Link: view.Link{Text: words.T(ctx, "jobs.overview"), URL: p.admin.Path(), Current: currentTab == ""}}}
	if !p.readsJobs(ctx) {
		return f
	}
	for _, tab := range tabs() {
		link := view.Link{Text: tab.title(ctx), URL: p.admin.Path("list") + "?state=" + tab.name, Current: tab.name == currentTab}
		f.Tabs = append(f.Tabs, view.Tab{Link: link, Count: n.count(ctx, tab)})
	}
	schedules := view.Link{Text: words.T(ctx, "jobs.schedules"), URL: p.admin.Path("schedules"), Current: currentTab == "schedules"}
	f.Tabs = append(f.Tabs, view.Tab{Link: schedules})
	return f
}

// render writes a page. The crumbs lead to it from the first page of the section.
func (p pages) render(c echo.Context, title string, content templ.Component, crumbs ...covet.Breadcrumb) error {
	crumbs = append([]covet.Breadcrumb{{Title: words.T(c.Request().Context(), "jobs.title"), URL: p.admin.Path()}}, crumbs...)
	return p.admin.Render(c, http.StatusOK, covet.Page{Title: title, Breadcrumbs: crumbs, Content: content})
}

// refusal returns what to tell the user about a change that a job did not allow. It reports false for any other error.
func refusal(ctx context.Context, err error) (message string, ok bool) {
	switch {
	case errors.Is(err, inspect.ErrNotEnded), errors.Is(err, inspect.ErrRunning), errors.Is(err, inspect.ErrNotWaiting),
		errors.Is(err, inspect.ErrNoJob):
		return words.T(ctx, "jobs.job.moved_on"), true
	case errors.Is(err, inspect.ErrDuplicate):
		return words.T(ctx, "jobs.job.unique"), true
	}
	return "", false
}

// record writes an event about a job or a queue to the audit log, in the transaction of ctx.
func (p pages) record(ctx context.Context, action, kind, id string, detail map[string]any) error {
	event := audit.Event{Action: action, Detail: detail}
	if kind != "" {
		event.Subject = audit.Subject(kind, id)
	}
	return p.Audit.Record(ctx, event)
}

// requireRead returns a problem unless the user may see the jobs themselves, and do the actions besides.
func (p pages) requireRead(ctx context.Context, actions ...string) error {
	for _, action := range append([]string{actionRead}, actions...) {
		if !p.admin.Can(ctx, action, nil) {
			return problem.Forbidden("")
		}
	}
	return nil
}
