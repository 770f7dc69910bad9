package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// jobFilter are the flags that select jobs.
type jobFilter struct {
	states                             []string
	queue, kind, since, text, schedule string
	batch, chain                       string
}

func (f *jobFilter) addTo(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.states, "state", nil, "only jobs in these states, separated by commas: waiting, retrying, running, done, dead, cancelled; or exactly held, pending, dispatched")
	flags.StringVar(&f.queue, "queue", "", "only jobs of this queue")
	flags.StringVar(&f.kind, "kind", "", "only jobs of this kind")
	flags.StringVar(&f.since, "since", "", "only jobs due since a time: 90m or 7d ago, 2026-01-31 or 2026-01-31T08:00:00Z")
	flags.StringVar(&f.text, "error", "", "only jobs whose last error contains this text")
	flags.StringVar(&f.schedule, "schedule", "", "only jobs that this schedule fired")
	flags.StringVar(&f.batch, "batch", "", "only jobs of the batch with this id")
	flags.StringVar(&f.chain, "chain", "", "only jobs of the chain with this id")
}

// empty reports whether no flag was given.
func (f *jobFilter) empty() bool {
	return len(f.states) == 0 && f.queue+f.kind+f.since+f.text+f.schedule+f.batch+f.chain == ""
}

func (f *jobFilter) parse(now time.Time) (inspect.Filter, error) {
	filter := inspect.Filter{Queue: f.queue, Kind: f.kind, Error: f.text, Schedule: f.schedule, Batch: f.batch, Chain: f.chain}
	for _, name := range f.states {
		states := statesCalled(name)
		if states == nil {
			return filter, exit.New(exit.Usage, hints(didYouMean(name, stateNames[:]), "States are "+strings.Join(stateNames[:], ", ")+"."), "there is no state %q", plain(name))
		}
		filter.States = append(filter.States, states...)
		filter.Retrying = filter.Retrying || name == retrying
	}
	if filter.Retrying && len(f.states) > 1 {
		return filter, exit.New(exit.Usage, "Waiting jobs, with and without failures, are in --state "+waiting+".", "the state %s cannot be combined with others", retrying)
	}
	if f.since != "" {
		var err error
		if filter.Since, err = parseSince(f.since, now); err != nil {
			return filter, err
		}
	}
	return filter, nil
}

const (
	waiting  = "waiting"
	retrying = "retrying"
)

var stateNames = [...]string{waiting, retrying, "held", "pending", "dispatched", "running", "done", "dead", "cancelled"}

// statesCalled returns the states with a name of the command line; nil if there are none.
func statesCalled(name string) []jobs.State {
	switch name {
	case waiting, retrying:
		return []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched}
	}
	if !slices.Contains(stateNames[:], name) {
		return nil
	}
	return []jobs.State{jobs.State(name)}
}

// parseSince reads a duration before now, a day in UTC, or a time.
func parseSince(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	var days time.Duration
	rest := text
	if number, after, ok := strings.Cut(text, "d"); ok {
		var n int
		if _, err := fmt.Sscanf(number+"|", "%d|", &n); err == nil && n >= 0 && n < 100_000 {
			days, rest = time.Duration(n)*24*time.Hour, after
		}
		if rest == "" {
			rest = "0"
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return time.Time{}, exit.New(exit.Usage, "Use the form 90m, 7d, 2026-01-31 or 2026-01-31T08:00:00Z.", "%q is not a time", plain(text))
	}
	return now.Add(-days - d), nil
}

// hints joins the sentences of a hint, skipping empty ones.
func hints(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(sentence string) bool { return sentence == "" }), " ")
}

// sayNone prints that no job matches, and which of the given names are unknown: they are probably mistyped.
func (p *program) sayNone(ctx context.Context, a *covet.App, filter inspect.Filter) error {
	if _, err := fmt.Fprintln(p.out, "No jobs match."); err != nil {
		return err
	}
	queues, err := queueNames(ctx, a)
	if err != nil {
		return err
	}
	schedules, err := scheduleNames(ctx, a)
	if err != nil {
		return err
	}
	for _, asked := range []struct {
		what, name string
		known      []string
	}{{"queue", filter.Queue, queues}, {"kind", filter.Kind, a.Jobs.Inspector().Kinds()}, {"schedule", filter.Schedule, schedules}} {
		if asked.name == "" || slices.Contains(asked.known, asked.name) {
			continue
		}
		_, err := fmt.Fprintf(p.err, "Unknown %s %q. %s\n", asked.what, plain(asked.name),
			hints(didYouMean(asked.name, asked.known), oneOf("Known are", asked.known, "There are none.")))
		if err != nil {
			return err
		}
	}
	return nil
}

// queueNames are the queues with jobs, those that jobs declare, and those in the configuration.
func queueNames(ctx context.Context, a *covet.App) ([]string, error) {
	queues, err := a.Jobs.Inspector().Queues(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, q := range queues {
		names = append(names, q.Queue)
	}
	for name := range a.Config.Jobs.Queues {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func scheduleNames(ctx context.Context, a *covet.App) ([]string, error) {
	infos, err := a.Jobs.Inspector().Schedules(ctx, 0)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(infos))
	for i, s := range infos {
		names[i] = s.Name
	}
	return names, nil
}

// words describes the filter for questions.
func (f *jobFilter) words() string {
	var parts []string
	for _, part := range []struct{ what, value string }{
		{"state", strings.Join(f.states, " or ")},
		{"queue", f.queue},
		{"kind", f.kind},
		{"since", f.since},
		{"error containing", f.text},
		{"schedule", f.schedule},
		{"batch", f.batch},
		{"chain", f.chain},
	} {
		if part.value != "" {
			parts = append(parts, part.what+" "+plain(part.value))
		}
	}
	return strings.Join(parts, ", ")
}
