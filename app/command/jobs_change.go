package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// jobChange is a command that changes jobs: those with the given ids, or all that a filter selects.
type jobChange struct {
	verb, done, long string
	destroys         bool         // ask for confirmation for ids, too
	asked            string       // the message for a running job
	states           []jobs.State // the default of --state
	others           []jobs.State // other states that it accepts
	one              func(i *inspect.Inspector) func(ctx context.Context, id string) error
	all              func(i *inspect.Inspector) func(ctx context.Context, f inspect.Filter) (int, error)
}

func (p *program) jobsRetry() *cobra.Command {
	return p.jobsChange(jobChange{
		verb: "retry", done: "will run again", states: []jobs.State{jobs.Dead}, others: []jobs.State{jobs.Cancelled},
		long: "Run dead jobs again, now and with all their attempts. With --state cancelled, run cancelled ones.",
		one:  func(i *inspect.Inspector) func(context.Context, string) error { return i.Retry },
		all:  func(i *inspect.Inspector) func(context.Context, inspect.Filter) (int, error) { return i.RetryAll },
	})
}

func (p *program) jobsCancel() *cobra.Command {
	return p.jobsChange(jobChange{
		verb: "cancel", done: "cancelled", asked: "asked to stop", states: []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched},
		long: "Cancel waiting jobs. A running job, selected by its id, is asked to stop.",
		one:  func(i *inspect.Inspector) func(context.Context, string) error { return i.Cancel },
		all:  func(i *inspect.Inspector) func(context.Context, inspect.Filter) (int, error) { return i.CancelAll },
	})
}

func (p *program) jobsDelete() *cobra.Command {
	return p.jobsChange(jobChange{
		verb: "delete", done: "deleted", destroys: true, states: []jobs.State{jobs.Done, jobs.Dead, jobs.Cancelled},
		long: "Delete jobs permanently: by id, any job that is not running; by filters, those that have ended.",
		one:  func(i *inspect.Inspector) func(context.Context, string) error { return i.Delete },
		all:  func(i *inspect.Inspector) func(context.Context, inspect.Filter) (int, error) { return i.DeleteAll },
	})
}

func (p *program) jobsChange(ch jobChange) *cobra.Command {
	var f jobFilter
	var yes bool
	named := "Jobs given by id are changed without confirmation, each one separately."
	if ch.destroys {
		named = "So do ids, and each of these jobs is changed separately."
	}
	cmd := &cobra.Command{
		Use:   ch.verb + " [ID…]",
		Short: strings.SplitAfter(ch.long, ".")[0],
		Long: ch.long + `

Filters change all jobs that they select, after a question with their number.
Without a terminal, as in a script, they require --yes; the exit code is 5 without it.
` + named,
		Example: p.examples("jobs "+ch.verb+" 01900000-0000-7000-8000-000000000001",
			fmt.Sprintf("jobs %s --state %s --queue mail --since 24h", ch.verb, ch.states[len(ch.states)-1]),
			fmt.Sprintf("jobs %s --kind notify_team --yes", ch.verb)),
		RunE: func(cmd *cobra.Command, ids []string) error {
			switch {
			case len(ids) > 0 && !f.empty():
				return exit.New(exit.Usage, "", "use either ids or flags to select jobs, not both")
			case len(ids) == 0 && f.empty():
				return exit.New(exit.Usage, "Give the ids of jobs, or select them with flags such as --state or --queue.", "%s requires ids or flags", cmd.CommandPath())
			case len(ids) > 0:
				if ch.destroys {
					question := fmt.Sprintf("%s %s for good: %s?", strings.ToUpper(ch.verb[:1])+ch.verb[1:],
						jobsCounted(len(ids)), plain(strings.Join(ids, ", ")))
					if err := p.confirm(question, yes); err != nil {
						return err
					}
				}
				return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error { return p.changeNamed(ctx, a, ch, ids) })
			}
			filter, err := f.parse(time.Now())
			if err != nil {
				return err
			}
			if filter.States, err = ch.narrow(filter.States); err != nil {
				return err
			}
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				return p.changeSelected(ctx, a, ch, filter, f.words(), yes)
			})
		},
	}
	f.addTo(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// narrow returns those of the states in which jobs can be changed, or the command's default if none is given.
func (ch jobChange) narrow(asked []jobs.State) ([]jobs.State, error) {
	if len(asked) == 0 {
		return ch.states, nil
	}
	possible := slices.Concat(ch.states, ch.others)
	fitting := slices.DeleteFunc(slices.Clone(asked), func(state jobs.State) bool { return !slices.Contains(possible, state) })
	if len(fitting) == 0 {
		var names []string
		for _, state := range possible {
			names = append(names, string(state))
		}
		return nil, exit.New(exit.Usage, "", "%s accepts only jobs that are %s", ch.verb, strings.Join(names, " or "))
	}
	return fitting, nil
}

// changeNamed changes each job separately, so that an error of one does not affect the others.
func (p *program) changeNamed(ctx context.Context, a *covet.App, ch jobChange, ids []string) error {
	var failed []error
	for _, id := range ids {
		done := ch.done
		err := a.DB.Transaction(ctx, func(ctx context.Context) error {
			if err := ch.one(a.Jobs.Inspector())(ctx, id); err != nil {
				return err
			}
			if ch.asked != "" {
				row, err := a.Jobs.Inspector().Row(ctx, id)
				if err != nil {
					return err
				}
				if row.State == jobs.Running {
					done = ch.asked
				}
			}
			return a.Audit.Record(ctx, audit.Event{Action: "jobs." + ch.verb, Subject: audit.Subject("jobs", id)})
		})
		if err != nil {
			failed = append(failed, p.jobError(id, err))
			continue
		}
		if _, err := fmt.Fprintf(p.out, "%s %s\n", id, done); err != nil {
			return err
		}
	}
	if len(failed) > 1 {
		return exit.New(exit.Failure, fmt.Sprintf("Find ids with: %s jobs list.", p.name), "%d of %d jobs: %w", len(failed), len(ids), errors.Join(failed...))
	}
	return errors.Join(failed...)
}

// jobError adds a hint to the error about a missing job, or one whose state does not allow the change.
func (p *program) jobError(id string, err error) error {
	list := fmt.Sprintf("Find its id with: %s jobs list.", p.name)
	look := fmt.Sprintf("Look at it with: %s jobs show %s.", p.name, plain(id))
	switch {
	case errors.Is(err, inspect.ErrNoJob) && len(id) == len("01900000-0000-7000-8000-000000000001"):
		return exit.New(exit.Failure, "Ended jobs are deleted after some time (jobs.retention, jobs.dead_retention). "+list, "there is no job %q", plain(id))
	case errors.Is(err, inspect.ErrNoJob):
		return exit.New(exit.Failure, list, "there is no job %q", plain(id))
	case errors.Is(err, inspect.ErrNotEnded):
		return exit.New(exit.Failure, look, "job %s is neither dead nor cancelled", id)
	case errors.Is(err, inspect.ErrRunning):
		return exit.New(exit.Failure, fmt.Sprintf("Ask it to stop with: %s jobs cancel %s.", p.name, id), "job %s is running", id)
	case errors.Is(err, inspect.ErrNotWaiting):
		return exit.New(exit.Failure, list, "no job %q is waiting or running", plain(id))
	case errors.Is(err, inspect.ErrDuplicate):
		return exit.New(exit.Failure, look, "job %s is unique, and has been enqueued again", id)
	}
	return err
}

// mostCounted is the maximum number of jobs that are counted before the question.
const mostCounted = 1_000_000

// changeSelected changes all jobs of a filter in steps, each in a transaction. It changes no more jobs than were
// counted, so that jobs that die again meanwhile are not changed twice.
func (p *program) changeSelected(ctx context.Context, a *covet.App, ch jobChange, f inspect.Filter, words string, yes bool) error {
	count, err := a.Jobs.Inspector().CountAll(ctx, f, mostCounted)
	if err != nil {
		return err
	}
	if count == 0 {
		return p.sayNone(ctx, a, f)
	}
	question := fmt.Sprintf("%s %s (%s)?", strings.ToUpper(ch.verb[:1])+ch.verb[1:], jobsCounted(count), words)
	if err := p.confirm(question, yes); err != nil {
		return err
	}
	total := 0
	for total < count {
		n, err := p.changeSome(ctx, a, ch, f, words)
		if err != nil {
			return errors.Join(err, p.sayChanged(ch, total))
		}
		if total += n; n < inspect.MaxBulk {
			break
		}
	}
	return p.sayChanged(ch, total)
}

func (p *program) changeSome(ctx context.Context, a *covet.App, ch jobChange, f inspect.Filter, words string) (n int, err error) {
	err = a.DB.Transaction(ctx, func(ctx context.Context) error {
		if n, err = ch.all(a.Jobs.Inspector())(ctx, f); err != nil || n == 0 {
			return err
		}
		detail := map[string]any{"count": n, "filter": words}
		return a.Audit.Record(ctx, audit.Event{Action: "jobs." + ch.verb, Detail: detail})
	})
	return n, err
}

func (p *program) sayChanged(ch jobChange, n int) error {
	_, err := fmt.Fprintf(p.out, "%s %s.\n", jobsCounted(n), ch.done)
	return err
}

func jobsCounted(n int) string {
	switch {
	case n == 1:
		return "1 job"
	case n >= mostCounted:
		return fmt.Sprintf("%d jobs or more", n)
	}
	return fmt.Sprintf("%d jobs", n)
}

// confirm asks for confirmation on a terminal. Without one, it returns an error unless --yes is given.
func (p *program) confirm(question string, yes bool) error {
	if yes {
		return nil
	}
	if !p.terminal {
		return exit.New(exit.Refused, "Add --yes to confirm.", "confirmation requires a terminal: %s", question)
	}
	if _, err := fmt.Fprintf(p.err, "%s [y/N] ", question); err != nil {
		return err
	}
	answer, err := bufio.NewReader(io.LimitReader(p.in, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the answer: %w", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return exit.New(exit.Interrupted, "", "nothing was changed")
}
