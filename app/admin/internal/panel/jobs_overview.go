package panel

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/chart"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
)

// span is a time that charts can show.
type span struct {
	name, title, layout string
	length, step        time.Duration
}

var spans = [...]span{
	{"hour", "Last hour", "15:04", time.Hour, time.Minute},
	{"day", "Last day", "15:04", 24 * time.Hour, 20 * time.Minute},
	{"week", "Last week", "Mon 15:04", 7 * 24 * time.Hour, 2 * time.Hour},
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
	n, err := s.sampler.Current(ctx)
	if err != nil {
		return err
	}
	stats, err := s.stats(ctx, n, shown)
	if err != nil {
		return err
	}
	v := views.JobsOverview{
		JobsFrame: s.jobsFrame(c, n, jobsTitle, ""), Hints: s.hints(ctx, n), Charts: charts(stats, shown, time.Now()),
		Queues: s.queueViews(ctx, n), ShowWorkers: s.seesJobs(ctx), Workers: workerViews(n.workers),
	}
	for _, tab := range queueTabs() {
		v.Headers = append(v.Headers, tab.title)
	}
	for _, sp := range spans {
		v.Ranges = append(v.Ranges, views.Link{Text: sp.title, URL: s.Base + "/jobs?range=" + sp.name, Current: sp == shown})
	}
	return web.Render(c, http.StatusOK, views.JobsOverviewPage(v))
}

// stats are those of the sampler, which everybody shares, or what is read for a longer time.
func (s *Server) stats(ctx context.Context, n *jobNumbers, sp span) ([]jobs.Stat, error) {
	if sp.length == time.Hour {
		return n.hour, nil
	}
	return s.Jobs.Stats(ctx, jobs.StatsQuery{Since: time.Now().Add(-sp.length), Step: sp.step})
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

// charts draws what jobs did, with a column for each step of the span.
func charts(stats []jobs.Stat, sp span, now time.Time) []views.Chart {
	columns := int(sp.length / sp.step)
	end := now.UTC().Truncate(sp.step).Add(sp.step)
	begin := end.Add(-sp.length)
	done, failed, dead := make([]float64, columns), make([]float64, columns), make([]float64, columns)
	wait, run := make([]float64, columns), make([]float64, columns)
	for i := range columns {
		wait[i], run[i] = math.NaN(), math.NaN()
	}
	var throughput, latency [][]string
	var sum jobs.Stat
	for _, stat := range stats {
		i := int(stat.Begin.Sub(begin) / sp.step)
		if i < 0 || i >= columns || stat.Begin.Before(begin) {
			continue
		}
		done[i], failed[i], dead[i] = float64(stat.Done), float64(stat.Failed), float64(stat.Dead)
		sum.Done, sum.Failed, sum.Dead = sum.Done+stat.Done, sum.Failed+stat.Failed, sum.Dead+stat.Dead
		at := stat.Begin.UTC().Format(sp.layout)
		throughput = append(throughput, []string{at, count(stat.Done), count(stat.Failed), count(stat.Dead)})
		row := []string{at}
		for _, l := range []struct {
			latency jobs.Latency
			values  []float64
		}{{stat.Wait, wait}, {stat.Run, run}} {
			if l.latency.Count() > 0 {
				l.values[i] = l.latency.Quantile(0.95).Seconds()
			}
			row = append(row, roughly(l.latency.Quantile(0.5)), roughly(l.latency.Quantile(0.95)))
		}
		latency = append(latency, row)
	}
	from, to := begin.Format(sp.layout)+" UTC", end.Format(sp.layout)+" UTC"
	first := views.Chart{
		ID: "throughput", Title: "Runs in " + each(sp.step), From: from, To: to,
		Legend:  []views.Legend{{Class: "done", Text: "Done"}, {Class: "failed", Text: "Failed, tried again"}, {Class: "dead", Text: "Failed for good"}},
		Headers: []string{"Time (UTC)", "Done", "Failed, tried again", "Failed for good"}, Rows: throughput,
		Summary: fmt.Sprintf("%s done, %s failed and tried again, %s failed for good.", count(sum.Done), count(sum.Failed), count(sum.Dead)),
	}
	bars, top := chart.Stack(done, failed, dead)
	for _, bar := range bars {
		first.Shapes = append(first.Shapes, views.Shape{Class: first.Legend[bar.Series].Class, X: bar.X, Y: bar.Y, Width: bar.Width, Height: bar.Height})
	}
	first.Top = strconv.FormatFloat(top, 'f', -1, 64)
	paths, top := chart.Lines(wait, run)
	second := views.Chart{
		ID: "latency", Title: "Times in " + each(sp.step), From: from, To: to, Top: roughly(seconds(top)),
		Legend:  []views.Legend{{Class: "wait", Text: "Waited, 95 % at most"}, {Class: "run", Text: "Ran, 95 % at most"}},
		Headers: []string{"Time (UTC)", "Waited, half", "Waited, 95 %", "Ran, half", "Ran, 95 %"}, Rows: latency,
		Summary: fmt.Sprintf("95 %% waited at most %s and ran at most %s in the slowest step.", roughly(seconds(highest(wait))), roughly(seconds(highest(run)))),
	}
	for i, d := range paths {
		second.Paths = append(second.Paths, views.Path{Class: second.Legend[i].Class, D: d})
	}
	if len(stats) == 0 {
		first.Summary, second.Summary = "No jobs ran in this time.", "No jobs ran in this time."
	}
	return []views.Chart{first, second}
}

func count(n int64) string { return grouped(int(n)) }

func each(step time.Duration) string {
	switch {
	case step == time.Minute:
		return "each minute"
	case step < time.Hour:
		return fmt.Sprintf("each %d minutes", int(step.Minutes()))
	}
	return fmt.Sprintf("each %d hours", int(step.Hours()))
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// highest returns the largest value that is a number; 0 if there is none.
func highest(values []float64) float64 {
	top := 0.0
	for _, v := range values {
		if !math.IsNaN(v) {
			top = max(top, v)
		}
	}
	return top
}

// roughly rounds a duration to what can be believed of it.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
