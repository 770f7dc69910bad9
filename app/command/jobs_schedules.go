package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
)

// listedSchedule is one schedule of "jobs schedules --json". Its keys are documented and stable.
type listedSchedule struct {
	Name        string      `json:"name"`
	Spec        string      `json:"spec"`
	Kind        string      `json:"kind"`
	Next        []time.Time `json:"next"`
	LastTick    *time.Time  `json:"last_tick"`
	LastJobID   string      `json:"last_job_id"`
	LastState   jobs.State  `json:"last_state"`
	CatchUp     int         `json:"catch_up"`
	SkipOverlap bool        `json:"skip_overlap"`
}

func (p *program) jobsSchedules() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "schedules",
		Short: "List the schedules with their next ticks and last jobs",
		Long: `List the schedules that the application declares, with their next ticks in their time
zones, the last tick that fired, and the state of its job. If a declaration is invalid,
for example a cron expression, the exit code is 1.`,
		Example: p.examples("jobs schedules", "jobs schedules --json"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				infos, err := a.Jobs.Inspector().Schedules(ctx, 5)
				if err != nil {
					return err
				}
				list := make([]listedSchedule, len(infos))
				for i, s := range infos {
					list[i] = listedSchedule{
						Name: s.Name, Spec: s.Spec, Kind: s.Kind, Next: append([]time.Time{}, s.Next...),
						LastTick: s.LastTick, CatchUp: s.CatchUp, SkipOverlap: s.SkipOverlap,
					}
					for n := range list[i].Next {
						list[i].Next[n] = list[i].Next[n].In(s.Location())
					}
					if s.LastJob != nil {
						list[i].LastJobID, list[i].LastState = s.LastJob.ID, s.LastJob.State
					}
				}
				if asJSON {
					err = writeJSON(p.out, list)
				} else {
					err = p.printSchedules(list)
				}
				return errors.Join(err, faultsOf(a))
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p *program) printSchedules(list []listedSchedule) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "The application has no schedules. Add one with Client.Schedule.")
		return err
	}
	rows := make([][]string, len(list))
	for i, s := range list {
		next := ""
		if len(s.Next) > 0 {
			next = s.Next[0].Format("2006-01-02 15:04:05 MST")
		}
		rows[i] = []string{s.Name, s.Spec, s.Kind, next, whenSet(s.LastTick), string(s.LastState)}
	}
	return writeTable(p.out, []string{"NAME", "SPEC", "KIND", "NEXT", "LAST TICK (UTC)", "ITS JOB"}, rows)
}

func (p *program) jobsRun() *cobra.Command {
	var kind, arguments, queue string
	var delay time.Duration
	cmd := &cobra.Command{
		Use:   "run [SCHEDULE]",
		Short: "Enqueue the job of a schedule now, or any job by its kind",
		Long: `Enqueue the job of a schedule now, whatever its next tick is. Or, with --kind,
enqueue a job of any kind, with its arguments as JSON; unknown fields are rejected. A
worker runs the job, not this command. The command prints the id for "jobs show".`,
		Example: p.examples("jobs run daily-digest", "jobs run --kind notify_team --args '{\"message_id\": 7}'",
			"jobs run --kind notify_team --args '{\"message_id\": 7}' --queue mail --in 10m"),
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (kind != "") {
				return exit.New(exit.Usage, fmt.Sprintf("List the schedules with: %s jobs schedules.", p.name), "%s requires a schedule or --kind", cmd.CommandPath())
			}
			if delay < 0 {
				return exit.New(exit.Usage, "Use the form 10m.", "--in is %s, which is in the past", delay)
			}
			if queue != "" {
				if err := jobs.ValidateQueue(queue); err != nil {
					return exit.Wrap(exit.Usage, "", fmt.Errorf("--queue: %w", err))
				}
			}
			if kind == "" && (arguments != "" || queue != "" || delay != 0) {
				return exit.New(exit.Usage, "", "--args, --queue and --in require --kind")
			}
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				var id string
				err := a.DB.Transaction(ctx, func(ctx context.Context) (err error) {
					detail := map[string]any{"kind": kind}
					if kind == "" {
						id, err = a.Jobs.RunSchedule(ctx, args[0])
						detail = map[string]any{"schedule": args[0]}
					} else {
						id, err = enqueueKind(ctx, a, kind, arguments, queue, delay)
					}
					if err != nil {
						return err
					}
					return a.Audit.Record(ctx, audit.Event{Action: "jobs.run", Subject: audit.Subject("jobs", id), Detail: detail})
				})
				if err != nil {
					return p.runError(ctx, a, err, append(args, kind)[0])
				}
				_, err = fmt.Fprintln(p.out, id)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&kind, "kind", "", "the kind of the job")
	cmd.Flags().StringVar(&arguments, "args", "", "its arguments, as a JSON object (default {})")
	cmd.Flags().StringVar(&queue, "queue", "", "its queue (default the one that the kind declares)")
	cmd.Flags().DurationVar(&delay, "in", 0, "minimum delay, such as 90s, 10m or 24h")
	return cmd
}

func enqueueKind(ctx context.Context, a *covet.App, kind, arguments, queue string, delay time.Duration) (string, error) {
	options := []jobs.EnqueueOption{jobs.In(delay)}
	if queue != "" {
		options = append(options, jobs.Queue(queue))
	}
	return a.Jobs.EnqueueKind(ctx, kind, json.RawMessage(arguments), options...)
}

// runError adds the available names to an error.
func (p *program) runError(ctx context.Context, a *covet.App, err error, name string) error {
	switch {
	case errors.Is(err, jobs.ErrNoSchedule) && a.Jobs.Check() != nil:
		return errors.Join(err, faultsOf(a))
	case errors.Is(err, jobs.ErrNoSchedule):
		names, listErr := scheduleNames(ctx, a)
		if listErr != nil {
			return errors.Join(err, listErr)
		}
		return exit.Wrap(exit.Failure, hints(didYouMean(name, names), oneOf("Schedules are", names, "The application has no schedules.")), err)
	case errors.Is(err, jobs.ErrNotRegistered):
		return exit.Wrap(exit.Failure, hints(didYouMean(name, a.Jobs.Inspector().Kinds()), oneOf("Kinds are", a.Jobs.Inspector().Kinds(), "The application has no jobs.")), err)
	case errors.Is(err, jobs.ErrArguments):
		return exit.Wrap(exit.Usage, "Pass all arguments as one JSON object: --args '{…}'.", err)
	}
	return err
}

// faultsOf returns an error about invalid declarations of schedules, which are not listed or cannot be run.
func faultsOf(a *covet.App) error {
	return exit.Wrap(exit.Failure, "Fix it where the application declares its jobs and schedules. The application does not start until then.", a.Jobs.Check())
}

func oneOf(lead string, names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return lead + " " + strings.Join(names, ", ") + "."
}
