package jobsui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/jobs/inspect"
)

// span is a period that charts can show.
type span struct {
	name, title, layout string
	length, step        time.Duration
	mark                time.Duration // between two marks of the time axis
	markLayout          string
}

var spans = [...]span{
	{"hour", "Last hour", "15:04", time.Hour, time.Minute, 15 * time.Minute, "15:04"},
	{"day", "Last day", "15:04", 24 * time.Hour, 20 * time.Minute, 6 * time.Hour, "15:04"},
	{"week", "Last week", "Mon 15:04", 7 * 24 * time.Hour, 2 * time.Hour, 24 * time.Hour, "Mon"},
}

// overview shows charts, queues and workers.
func (p pages) overview(c echo.Context) error {
	ctx := c.Request().Context()
	i := slices.IndexFunc(spans[:], func(sp span) bool { return sp.name == c.QueryParam("range") })
	if i < 0 && c.QueryParam("range") != "" {
		return request.Bad("There is no such chart.")
	}
	shown := spans[max(i, 0)]
	n := p.numbers(ctx)
	v := view.Overview{
		Frame: p.frame(c, n, sectionTitle, ""), Hints: p.hints(ctx, n), Known: !n.at.IsZero(),
		QueuePath: p.admin.Path("queues"), Queues: p.queueViews(ctx, n),
		ShowWorkers: p.readsJobs(ctx), Workers: workerViews(n.workers),
	}
	if stats, ok := p.stats(ctx, n, shown); ok {
		v.Charts = charts(stats, shown, time.Now())
	}
	for _, tab := range countedTabs() {
		v.Headers = append(v.Headers, tab.title)
	}
	for _, sp := range spans {
		link := view.Link{Text: sp.title, URL: p.admin.Path() + "?range=" + sp.name, Current: sp == shown}
		v.Ranges = append(v.Ranges, link)
	}
	return p.render(c, sectionTitle, view.OverviewPage(v))
}

// stats returns the statistics of a span: those of the sampler for the last hour, which all pages share. It reports
// false if they cannot be read.
func (p pages) stats(ctx context.Context, n *numbers, sp span) (stats []inspect.Stat, ok bool) {
	if n.noStats || n.at.IsZero() {
		return nil, false
	}
	if sp.length == time.Hour {
		return n.hour, true
	}
	stats, err := p.Jobs.Inspector().Stats(ctx, inspect.StatsQuery{Since: time.Now().Add(-sp.length), Step: sp.step})
	p.logStats(ctx, err)
	return stats, err == nil
}

func (p pages) queueViews(ctx context.Context, n *numbers) []view.Queue {
	sees, pauses := p.readsJobs(ctx), p.admin.Can(ctx, actionPause, nil)
	var list []view.Queue
	for _, q := range n.queues {
		v := view.Queue{Name: q.Queue, Paused: format.Moment(q.PausedAt), Workers: strconv.Itoa(q.Workers), CanPause: pauses}
		if q.Oldest != nil {
			v.Oldest = age(*q.Oldest)
			if q.Workers == 0 {
				v.Problem = "No worker works it"
			}
		} else if q.Workers == 0 {
			v.Problem = "No worker"
		}
		for _, tab := range countedTabs() {
			link := view.Link{Text: format.Number(inStates(q, tab.states))}
			if sees {
				link.URL = p.listPath(tab.name, inspect.Filter{Queue: q.Queue}, "", "")
			}
			v.Counts = append(v.Counts, link)
		}
		list = append(list, v)
	}
	return list
}

func workerViews(workers []inspect.Worker) []view.Worker {
	var list []view.Worker
	for _, w := range workers {
		v := view.Worker{
			Host: w.Host, PID: strconv.Itoa(w.PID), State: "Works", Lost: !w.Alive,
			Running: fmt.Sprintf("%d of %d", w.Running, w.Concurrency),
			Started: format.Moment(&w.StartedAt), Seen: format.Moment(&w.SeenAt),
		}
		switch {
		case !w.Alive:
			v.State = "Lost: it has not been heard of"
		case w.Stopping:
			v.State = "Stopping"
		case !w.Works:
			v.State = "Relays only"
		}
		var queues []string
		for _, name := range slices.Sorted(maps.Keys(w.Queues)) {
			if weight := w.Queues[name]; weight != 1 {
				name += " (" + strconv.Itoa(weight) + ")"
			}
			queues = append(queues, name)
		}
		v.Queues = strings.Join(queues, ", ")
		list = append(list, v)
	}
	return list
}
