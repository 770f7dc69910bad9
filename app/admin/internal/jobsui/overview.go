package jobsui

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/jobs/inspect"
)

// span is a period that charts can show.
type span struct {
	name, key    string // of its title
	length, step time.Duration
	mark         time.Duration // between two marks of the time axis
}

// at writes the time of a step: with the day of the week in a span of several days.
func (sp span) at(ctx context.Context, t time.Time) string {
	if sp.length <= 24*time.Hour {
		return text.Time(ctx, t)
	}
	return words.T(ctx, "jobs.chart.weekday_time", "day", weekday(ctx, t), "time", text.Time(ctx, t))
}

// markAt writes the time of a mark.
func (sp span) markAt(ctx context.Context, t time.Time) string {
	if sp.length <= 24*time.Hour {
		return text.Time(ctx, t)
	}
	return weekday(ctx, t)
}

func weekday(ctx context.Context, t time.Time) string {
	day := t.In(text.LocaleOf(ctx).Zone()).Weekday()
	return words.T(ctx, "jobs.chart.weekdays."+strings.ToLower(day.String()))
}

var spans = [...]span{
	{"hour", words.ID("jobs.chart.hour"), time.Hour, time.Minute, 15 * time.Minute},
	{"day", words.ID("jobs.chart.day"), 24 * time.Hour, 20 * time.Minute, 6 * time.Hour},
	{"week", words.ID("jobs.chart.week"), 7 * 24 * time.Hour, 2 * time.Hour, 24 * time.Hour},
}

// overview shows charts, queues and workers.
func (p pages) overview(c echo.Context) error {
	ctx := c.Request().Context()
	i := slices.IndexFunc(spans[:], func(sp span) bool { return sp.name == c.QueryParam("range") })
	if i < 0 && c.QueryParam("range") != "" {
		return request.Bad(words.T(ctx, "jobs.chart.none_such"))
	}
	shown := spans[max(i, 0)]
	n := p.numbers(ctx)
	v := view.Overview{
		Frame: p.frame(c, n, words.T(ctx, "jobs.title"), ""), Hints: p.hints(ctx, n), Known: !n.at.IsZero(),
		QueuePath: p.admin.Path("queues"), Queues: p.queueViews(ctx, n),
		ShowWorkers: p.readsJobs(ctx), Workers: workerViews(ctx, n.workers),
	}
	if stats, ok := p.stats(ctx, n, shown); ok {
		v.Charts = charts(ctx, stats, shown, time.Now())
	}
	for _, tab := range countedTabs() {
		v.Headers = append(v.Headers, tab.title(ctx))
	}
	for _, sp := range spans {
		link := view.Link{Text: words.T(ctx, sp.key), URL: p.admin.Path() + "?range=" + sp.name, Current: sp == shown}
		v.Ranges = append(v.Ranges, link)
	}
	return p.render(c, v.Title, view.OverviewPage(v))
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
		v := view.Queue{Name: q.Queue, Paused: moment(ctx, q.PausedAt), Workers: text.Number(ctx, q.Workers), CanPause: pauses}
		if q.Oldest != nil {
			v.Oldest = text.Relative(ctx, *q.Oldest)
			if q.Workers == 0 {
				v.Problem = words.T(ctx, "jobs.queue.unserved")
			}
		} else if q.Workers == 0 {
			v.Problem = words.T(ctx, "jobs.queue.no_worker")
		}
		for _, tab := range countedTabs() {
			link := view.Link{Text: text.Number(ctx, inStates(q, tab.states))}
			if sees {
				link.URL = p.listPath(tab.name, inspect.Filter{Queue: q.Queue}, "", "")
			}
			v.Counts = append(v.Counts, link)
		}
		list = append(list, v)
	}
	return list
}

func workerViews(ctx context.Context, workers []inspect.Worker) []view.Worker {
	var list []view.Worker
	for _, w := range workers {
		v := view.Worker{
			Host: w.Host, PID: strconv.Itoa(w.PID), State: words.T(ctx, "jobs.worker.works"), Lost: !w.Alive,
			Running: words.T(ctx, "jobs.worker.load", "running", w.Running, "max", w.Concurrency),
			Started: text.Precise(ctx, w.StartedAt), Seen: text.Precise(ctx, w.SeenAt),
		}
		switch {
		case !w.Alive:
			v.State = words.T(ctx, "jobs.worker.lost")
		case w.Stopping:
			v.State = words.T(ctx, "jobs.worker.stopping")
		case !w.Works:
			v.State = words.T(ctx, "jobs.worker.relays")
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
