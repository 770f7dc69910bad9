package jobsui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/jobsui/chart"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/internal/format"
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

func jobColumnsOf(stats []inspect.Stat, sp span, now time.Time) *jobColumns {
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
		at := stat.Begin.UTC().Format(sp.layout)
		c.runs = append(c.runs, []string{at, count(stat.Done), count(stat.Failed), count(stat.Dead)})
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
			row = append(row, roughly(l.latency.Quantile(0.5)), roughly(l.latency.Quantile(0.95)))
		}
		c.times = append(c.times, row)
	}
	return c
}

// charts draws what jobs did, with a column for each step of the span.
func charts(stats []inspect.Stat, sp span, now time.Time) []view.Chart {
	c := jobColumnsOf(stats, sp, now)
	list := []view.Chart{c.throughput(sp), c.latency(sp)}
	layout := "2 Jan 15:04"
	if sp.length <= time.Hour {
		layout = "15:04"
	}
	lead := "From " + c.begin.Format(layout) + " to " + c.end.Format(layout) + " UTC: "
	for i := range list {
		if len(c.runs) == 0 {
			list[i].Summary = "no jobs ran."
		}
		list[i].Summary = lead + list[i].Summary
		list[i].TimeMarks = timeMarks(c.begin, sp)
	}
	return list
}

func (c *jobColumns) throughput(sp span) view.Chart {
	v := view.Chart{
		ID: "throughput", Title: "Runs in " + each(sp.step),
		Legend: []view.Legend{
			{Class: "done", Text: "Done"},
			{Class: "failed", Text: "Failed, tried again"},
			{Class: "dead", Text: "Failed for good"},
		},
		Headers: []string{"Time (UTC)", "Done", "Failed, tried again", "Failed for good"}, Rows: c.runs,
		Summary: fmt.Sprintf("%s done, %s failed and tried again, %s failed for good.",
			count(c.sum.Done), count(c.sum.Failed), count(c.sum.Dead)),
	}
	scale := chart.NewScale(chart.HighestSum(c.done, c.failed, c.dead), 1)
	for _, bar := range chart.Stack(scale.Top, c.done, c.failed, c.dead) {
		class := v.Legend[bar.Series].Class
		v.Shapes = append(v.Shapes, view.Shape{Class: class, X: bar.X, Y: bar.Y, Width: bar.Width, Height: bar.Height})
	}
	v.Marks, v.Grid = marks(scale, "")
	return v
}

func (c *jobColumns) latency(sp span) view.Chart {
	v := view.Chart{
		ID: "latency", Title: "Times in " + each(sp.step),
		Legend:  []view.Legend{{Class: "wait", Text: "Waited, 95 % at most"}, {Class: "run", Text: "Ran, 95 % at most"}},
		Headers: []string{"Time (UTC)", "Waited, half", "Waited, 95 %", "Ran, half", "Ran, 95 %"}, Rows: c.times,
		Summary: fmt.Sprintf("95 %% waited at most %s and ran at most %s in the slowest step.",
			roughly(seconds(chart.Highest(c.wait))), roughly(seconds(chart.Highest(c.run)))),
	}
	highest := chart.Highest(c.wait, c.run)
	unit, name := unitOf(highest)
	scale := chart.NewScale(highest/unit, 0)
	for i, d := range chart.Lines(scale.Top*unit, c.wait, c.run) {
		v.Paths = append(v.Paths, view.Path{Class: v.Legend[i].Class, D: d})
	}
	v.Marks, v.Grid = marks(scale, " "+name)
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
func marks(scale chart.Scale, unit string) (labels []view.Mark, grid string) {
	var lines strings.Builder
	for _, mark := range scale.Marks() {
		label := mark.Text
		if n, err := strconv.Atoi(label); err == nil {
			label = format.Number(n)
		}
		labels = append(labels, view.Mark{At: percent(mark.Percent), Text: label + unit})
		fmt.Fprintf(&lines, "M0 %sH%d", trimmed(mark.Percent/100*chart.Height, 1), chart.Width)
	}
	return labels, lines.String()
}

// timeMarks are the round times of a span.
func timeMarks(begin time.Time, sp span) []view.Mark {
	var list []view.Mark
	at := begin.Truncate(sp.mark)
	if at.Before(begin) {
		at = at.Add(sp.mark)
	}
	for ; !at.After(begin.Add(sp.length)); at = at.Add(sp.mark) {
		share := 100 * at.Sub(begin).Seconds() / sp.length.Seconds()
		list = append(list, view.Mark{At: percent(share), Text: at.Format(sp.markLayout)})
	}
	return list
}

func percent(v float64) string { return trimmed(v, 2) + "%" }

// trimmed writes a number with so many decimals, without zeros at the end.
func trimmed(v float64, decimals int) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func count(n int64) string { return format.Number(int(n)) }

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

// roughly rounds a duration to what can be believed of it.
func roughly(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return trimmed(d.Seconds()*1000, 1) + " ms"
	case d.Round(time.Millisecond) < time.Second:
		return trimmed(d.Seconds()*1000, 0) + " ms"
	case d.Round(100*time.Millisecond) < time.Minute:
		return trimmed(d.Seconds(), 1) + " s"
	}
	s := int(d.Round(time.Second).Seconds())
	parts := []string{}
	for _, unit := range []struct {
		length int
		name   string
	}{{24 * 3600, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}} {
		if n := s / unit.length; n > 0 && len(parts) < 2 {
			parts = append(parts, strconv.Itoa(n)+" "+unit.name)
		}
		s %= unit.length
	}
	return strings.Join(parts, " ")
}
