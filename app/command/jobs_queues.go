package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// listedQueue is one queue of "jobs queues --json". Its keys are documented and stable.
type listedQueue struct {
	Queue    string             `json:"queue"`
	Counts   map[jobs.State]int `json:"counts"`
	Oldest   *time.Time         `json:"oldest_due"`
	PausedAt *time.Time         `json:"paused_at"`
	Workers  int                `json:"workers"`
	Problem  string             `json:"problem"`
}

func (p *program) jobsQueues() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "queues",
		Short: "List the queues with the number of jobs by state, the oldest due job and the workers",
		Long: `List the queues with the number of jobs by state, since when the oldest job has been
due, and the number of live workers.

The column PROBLEM explains why the jobs of a queue do not run: it is paused, or jobs
are due and no worker works it. In that case, start one with worker --queues, or add the
queue to jobs.queues.`,
		Example: p.examples("jobs queues", "jobs queues --json"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				queues, err := a.Jobs.Inspector().Queues(ctx)
				if err != nil {
					return err
				}
				list := make([]listedQueue, len(queues))
				for i, q := range queues {
					list[i] = listedQueue{q.Queue, q.Counts, q.Oldest, q.PausedAt, q.Workers, queueProblem(q)}
				}
				if asJSON {
					return writeJSON(p.out, list)
				}
				rows := make([][]string, len(list))
				for i, q := range list {
					rows[i] = append([]string{short(q.Queue, 40)}, queueCells(q)...)
				}
				return writeTable(p.out, []string{"QUEUE", "WAITING", "RUNNING", "DEAD", "OLDEST DUE", "WORKERS", "PROBLEM"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func queueCells(q listedQueue) []string {
	wait := q.Counts[jobs.Held] + q.Counts[jobs.Pending] + q.Counts[jobs.Dispatched]
	age := ""
	if q.Oldest != nil {
		age = time.Since(*q.Oldest).Round(time.Second).String() + " ago"
	}
	return []string{
		strconv.Itoa(wait), strconv.Itoa(q.Counts[jobs.Running]), strconv.Itoa(q.Counts[jobs.Dead]), age, strconv.Itoa(q.Workers), q.Problem,
	}
}

func queueProblem(q inspect.QueueCounts) string {
	switch {
	case q.PausedAt != nil:
		return "paused since " + formatTime(q.PausedAt.UTC()) + " UTC"
	case q.Oldest != nil && q.Workers == 0:
		return "jobs are due and no worker works it"
	}
	return ""
}

func (p *program) jobsPause() *cobra.Command {
	return p.setPaused("pause", "Stop starting the jobs of a queue, in all processes, until resume",
		"Workers notice it within two seconds. Running jobs continue, and new ones wait.\nThe queue stays paused after a restart. Pausing a paused queue has no effect.",
		"is paused: waiting jobs are not started, running ones continue", (*inspect.Inspector).Pause)
}

func (p *program) jobsResume() *cobra.Command {
	return p.setPaused("resume", "Start the jobs of a paused queue again",
		"Workers notice it within two seconds. Resuming a queue that is not paused has no\neffect.", "is resumed",
		(*inspect.Inspector).Resume)
}

func (p *program) setPaused(
	verb, text, long, done string, change func(i *inspect.Inspector, ctx context.Context, queue string) error,
) *cobra.Command {
	return &cobra.Command{
		Use:     verb + " QUEUE…",
		Short:   text,
		Long:    text + ".\n\n" + long,
		Example: p.examples("jobs "+verb+" mail", "jobs "+verb+" mail imports"),
		Args:    usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, queues []string) error {
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				if err := p.knownQueues(ctx, a, queues); err != nil {
					return err
				}
				err := a.DB.Transaction(ctx, func(ctx context.Context) error {
					for _, queue := range queues {
						if err := change(a.Jobs.Inspector(), ctx, queue); err != nil {
							return err
						}
						if err := a.Audit.Record(ctx, audit.Event{Action: "jobs." + verb, Subject: audit.Subject("queues", queue)}); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					return err
				}
				for _, queue := range queues {
					if _, err := fmt.Fprintf(p.out, "The queue %s %s.\n", queue, done); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// knownQueues returns an error for unknown queues, which are probably mistyped: pausing mial would not pause mail.
func (p *program) knownQueues(ctx context.Context, a *covet.App, names []string) error {
	known, err := queueNames(ctx, a)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return exit.New(exit.Failure, hints(didYouMean(name, known), "Queues are "+plain(strings.Join(known, ", "))+"."), "there is no queue %q", plain(name))
		}
	}
	return nil
}
