package panel

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
)

// span is a time that charts can show.
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

// jobsOverview shows charts, queues and workers.
func (s *Server) jobsOverview(c echo.Context) error {
	ctx := c.Request().Context()
	if !s.countsJobs(ctx) {
		return problem.Forbidden("")
	}
	i := slices.IndexFunc(spans[:], func(sp span) bool { return sp.name == c.QueryParam("range") })
	if i < 0 && c.QueryParam("range") != "" {
		return badRequest("There is no such chart.")
	}
	shown := spans[max(i, 0)]
	n := s.numbers(ctx)
	v := views.JobsOverview{
		JobsFrame: s.jobsFrame(c, n, jobsTitle, ""), Hints: s.hints(ctx, n), Known: !n.at.IsZero(),
		Queues: s.queueViews(ctx, n), ShowWorkers: s.seesJobs(ctx), Workers: workerViews(n.workers),
	}
	if stats, ok := s.stats(ctx, n, shown); ok {
		v.Charts = charts(stats, shown, time.Now())
	}
	for _, tab := range queueTabs() {
		v.Headers = append(v.Headers, tab.title)
	}
	for _, sp := range spans {
		v.Ranges = append(v.Ranges, views.Link{Text: sp.title, URL: s.Base + "/jobs?range=" + sp.name, Current: sp == shown})
	}
	return web.Render(c, http.StatusOK, views.JobsOverviewPage(v))
}

// stats are those of the sampler, which everybody shares, or what is read for a longer time; not ok if they cannot be read.
func (s *Server) stats(ctx context.Context, n *jobNumbers, sp span) (stats []jobs.Stat, ok bool) {
	if n.noStats || n.at.IsZero() {
		return nil, false
	}
	if sp.length == time.Hour {
		return n.hour, true
	}
	stats, err := s.Jobs.Stats(ctx, jobs.StatsQuery{Since: time.Now().Add(-sp.length), Step: sp.step})
	s.logStats(ctx, err)
	return stats, err == nil
}

// queueTabs are the counts that the table of queues has.
func queueTabs() []jobTab {
	return slices.DeleteFunc(jobTabs(), func(tab jobTab) bool { return tab.retrying || len(tab.states) == 0 })
}

func (s *Server) queueViews(ctx context.Context, n *jobNumbers) []views.Queue {
	sees, pauses := s.seesJobs(ctx), s.Can(ctx, jobsPause, nil)
	var list []views.Queue
	for _, q := range n.queues {
		v := views.Queue{Name: q.Queue, Paused: moment(q.PausedAt), Workers: strconv.Itoa(q.Workers), CanPause: pauses}
		if q.Oldest != nil {
			v.Oldest = age(*q.Oldest)
			if q.Workers == 0 {
				v.Problem = "No worker works it"
			}
		} else if q.Workers == 0 {
			v.Problem = "No worker"
		}
		for _, tab := range queueTabs() {
			sum := 0
			for _, state := range tab.states {
				sum += q.Counts[state]
			}
			link := views.Link{Text: grouped(sum)}
			if sees {
				link.URL = s.jobsPath(tab.name, jobs.Filter{Queue: q.Queue}, "", "")
			}
			v.Counts = append(v.Counts, link)
		}
		list = append(list, v)
	}
	return list
}

func workerViews(workers []jobs.Worker) []views.Worker {
	var list []views.Worker
	for _, w := range workers {
		v := views.Worker{
			Host: w.Host, PID: strconv.Itoa(w.PID), State: "Works", Lost: !w.Alive,
			Running: fmt.Sprintf("%d of %d", w.Running, w.Concurrency), Started: moment(&w.StartedAt), Seen: moment(&w.SeenAt),
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
