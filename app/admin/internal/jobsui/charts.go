package jobsui

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/jobsui/chart"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/jobs/inspect"
)

// jobColumns are statistics laid out for charts: one value for each step of a span, and the rows of the tables.
type jobColumns struct {
	begin, end         time.Time
	done, failed, dead []float64
	wait, run          []float64 // in seconds; not a number where nothing ran
	runs, times        [][]string
	sum                inspect.Stat
}

func jobColumnsOf(ctx context.Context, stats []inspect.Stat, sp span, now time.Time) *jobColumns {
	n := int(sp.length / sp.step)
	c := &jobColumns{end: now.UTC().Truncate(sp.step).Add(sp.step)}
	c.begin = c.end.Add(-sp.length)
	for _, values := range []*[]float64{&c.done, &c.failed, &c.dead, &c.wait, &c.run} {
		*values = make([]float64, n)
	}
	for i := range n {
		c.wait[i], c.run[i] = math.NaN(), math.NaN()
	}
	for _, stat := range stats {
		i := int(stat.Begin.Sub(c.begin) / sp.step)
		if i < 0 || i >= n || stat.Begin.Before(c.begin) {
			continue
		}
		c.done[i], c.failed[i], c.dead[i] = float64(stat.Done), float64(stat.Failed), float64(stat.Dead)
		c.sum.Done, c.sum.Failed, c.sum.Dead = c.sum.Done+stat.Done, c.sum.Failed+stat.Failed, c.sum.Dead+stat.Dead
		at := sp.at(ctx, stat.Begin)
		c.runs = append(c.runs, []string{at, text.Number(ctx, stat.Done), text.Number(ctx, stat.Failed), text.Number(ctx, stat.Dead)})
		row := []string{at}
		for _, l := range []struct {
			latency inspect.Latency
			values  []float64
		}{{stat.Wait, c.wait}, {stat.Run, c.run}} {
			if l.latency.Count() == 0 {
				row = append(row, "–", "–")
				continue
			}
			l.values[i] = l.latency.Quantile(0.95).Seconds()
			row = append(row, roughly(ctx, l.latency.Quantile(0.5)), roughly(ctx, l.latency.Quantile(0.95)))
		}
		c.times = append(c.times, row)
	}
	return c
}

// charts draws what jobs did, with a column for each step of the span.
func charts(ctx context.Context, stats []inspect.Stat, sp span, now time.Time) []view.Chart {
	c := jobColumnsOf(ctx, stats, sp, now)
	list := []view.Chart{c.throughput(ctx, sp), c.latency(ctx, sp)}
	for i := range list {
		if len(c.runs) == 0 {
			from, to := c.bounds(ctx, sp)
			list[i].Summary = words.T(ctx, "jobs.chart.no_runs", "from", from, "to", to)
		}
		list[i].TimeMarks = timeMarks(ctx, c.begin, sp)
	}
	return list
}

// bounds write when the columns begin and end.
func (c *jobColumns) bounds(ctx context.Context, sp span) (from, to string) {
	if sp.length <= time.Hour {
		return text.Time(ctx, c.begin), text.Time(ctx, c.end)
	}
	return text.DateTime(ctx, c.begin), text.DateTime(ctx, c.end)
}

func (c *jobColumns) throughput(ctx context.Context, sp span) view.Chart {
	done, failed, dead := words.T(ctx, "jobs.chart.done"), words.T(ctx, "jobs.chart.failed"), words.T(ctx, "jobs.chart.dead")
	from, to := c.bounds(ctx, sp)
	v := view.Chart{
		ID: "throughput", Title: each(ctx, "runs", sp.step),
		Legend: []view.Legend{
			{Class: "done", Text: done}, {Class: "failed", Text: failed}, {Class: "dead", Text: dead},
		},
		Headers: []string{words.T(ctx, "jobs.chart.time"), done, failed, dead}, Rows: c.runs,
		Summary: words.T(ctx, "jobs.chart.runs",
			"from", from, "to", to, "done", c.sum.Done, "failed", c.sum.Failed, "dead", c.sum.Dead),
	}
	scale := chart.NewScale(chart.HighestSum(c.done, c.failed, c.dead), 1)
	for _, bar := range chart.Stack(scale.Top, c.done, c.failed, c.dead) {
		class := v.Legend[bar.Series].Class
		v.Shapes = append(v.Shapes, view.Shape{Class: class, X: bar.X, Y: bar.Y, Width: bar.Width, Height: bar.Height})
	}
	v.Marks, v.Grid = marks(scale, func(n float64) string { return text.Number(ctx, n) })
	return v
}

func (c *jobColumns) latency(ctx context.Context, sp span) view.Chart {
	wait, run := words.T(ctx, "jobs.chart.wait_95"), words.T(ctx, "jobs.chart.run_95")
	from, to := c.bounds(ctx, sp)
	v := view.Chart{
		ID: "latency", Title: each(ctx, "times", sp.step),
		Legend: []view.Legend{{Class: "wait", Text: wait}, {Class: "run", Text: run}},
		Headers: []string{
			words.T(ctx, "jobs.chart.time"), words.T(ctx, "jobs.chart.wait_half"), wait, words.T(ctx, "jobs.chart.run_half"), run,
		},
		Rows: c.times,
		Summary: words.T(ctx, "jobs.chart.latency", "from", from, "to", to,
			"wait", roughly(ctx, seconds(chart.Highest(c.wait))), "run", roughly(ctx, seconds(chart.Highest(c.run)))),
	}
	highest := chart.Highest(c.wait, c.run)
	unit, name := unitOf(highest)
	scale := chart.NewScale(highest/unit, 0)
	for i, d := range chart.Lines(scale.Top*unit, c.wait, c.run) {
		v.Paths = append(v.Paths, view.Path{Class: v.Legend[i].Class, D: d})
	}
	v.Marks, v.Grid = marks(scale, func(n float64) string { return inUnit(ctx, n, name) })
	return v
}

// unitOf is the unit that durations up to the highest read well in, in seconds.
func unitOf(highest float64) (unit float64, name string) {
	switch {
	case highest < 1:
		return time.Millisecond.Seconds(), "ms"
	case highest < 60:
		return 1, "s"
	case highest < 3600:
		return 60, "min"
	case highest < 48*3600:
		return 3600, "h"
	}
	return 24 * 3600, "d"
}

// marks are the labels of a scale, and the lines at them.
func marks(scale chart.Scale, write func(float64) string) (labels []view.Mark, grid string) {
	var lines strings.Builder
	for _, mark := range scale.Marks() {
		label := mark.Text
		if n, err := strconv.ParseFloat(label, 64); err == nil {
			label = write(n)
		}
		labels = append(labels, view.Mark{At: percent(mark.Percent), Text: label})
		fmt.Fprintf(&lines, "M0 %sH%d", trimmed(mark.Percent/100*chart.Height, 1), chart.Width)
	}
	return labels, lines.String()
}

// timeMarks are the round times of a span.
func timeMarks(ctx context.Context, begin time.Time, sp span) []view.Mark {
	var list []view.Mark
	_, offset := begin.In(text.LocaleOf(ctx).Zone()).Zone() // in seconds
	shift := time.Duration(offset) * time.Second
	at := begin.Add(shift).Truncate(sp.mark).Add(-shift)
	if at.Before(begin) {
		at = at.Add(sp.mark)
	}
	for ; !at.After(begin.Add(sp.length)); at = at.Add(sp.mark) {
		share := 100 * at.Sub(begin).Seconds() / sp.length.Seconds()
		list = append(list, view.Mark{At: percent(share), Text: sp.markAt(ctx, at)})
	}
	return list
}

func percent(v float64) string { return trimmed(v, 2) + "%" }

// trimmed writes a number with so many decimals, without zeros at the end.
func trimmed(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// each returns the title of a chart of runs or times with a length of its steps.
func each(ctx context.Context, what string, step time.Duration) string {
	if step < time.Hour {
		return words.T(ctx, "jobs.chart."+what+"_minutes", "n", int(step.Minutes()))
	}
	return words.T(ctx, "jobs.chart."+what+"_hours", "n", int(step.Hours()))
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// inUnit writes a number with a unit of time: ms, s, min, h or d.
func inUnit(ctx context.Context, n float64, unit string) string {
	return words.T(ctx, "jobs.duration."+unit, "n", n)
}

// roughly rounds a duration to what can be believed of it.
func roughly(ctx context.Context, d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return inUnit(ctx, math.Round(d.Seconds()*10_000)/10, "ms")
	case d.Round(time.Millisecond) < time.Second:
		return inUnit(ctx, math.Round(d.Seconds()*1000), "ms")
	case d.Round(100*time.Millisecond) < time.Minute:
		return inUnit(ctx, math.Round(d.Seconds()*10)/10, "s")
	}
	s := int(d.Round(time.Second).Seconds())
	parts := []string{}
	for _, unit := range []struct {
		length int
		name   string
	}{{24 * 3600, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if n := s / unit.length; n > 0 && len(parts) < 2 {
			parts = append(parts, inUnit(ctx, float64(n), unit.name))
		}
		s %= unit.length
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return words.T(ctx, "jobs.duration.both", "first", parts[0], "second", parts[1])
}
