package command

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/identity"
)

// operator is who acts in a command, in the audit log.
var operator = identity.Actor{ID: "command", Name: "command line"}

// jobs are the commands for background jobs. They read and write the rows in the database, which are the truth about jobs:
// no worker has to run, and Redis has not to answer.
func (p *program) jobs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "Look at background jobs and schedules, and help them",
		Long: `Look at background jobs and schedules, and help them.

The rows in the database are the truth about jobs, so these commands work while
no worker is running, without Redis, and beside a process that serves. Secrets among
the arguments of jobs are hidden. Every change is in the audit log.

Times are in UTC. Lengths of time are written as 90s, 10m, 24h or, with --since,
7d. With --json a list is an array, also when it is empty, and "show" an object;
their keys are in docs/jobs.md and stay.

Exit codes: 0 done, also when no job matches; 1 no such job, queue, kind or
schedule, or a job in a state that does not allow the change; 2 wrong use; 3 wrong
configuration; 4 the database does not answer, or migrations are pending;
5 nobody can be asked, and there is no --yes; 130 the question was answered no.`,
		Example: p.examples("jobs list --state dead --since 24h", "jobs show 01900000-0000-7000-8000-000000000001",
			"jobs retry --state dead --queue mail", "jobs queues", "jobs stats --since 24h --step 1h", "jobs run daily-digest"),
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.jobsList(), p.jobsShow(), p.jobsRetry(), p.jobsCancel(), p.jobsDelete(),
		p.jobsQueues(), p.jobsPause(), p.jobsResume(), p.jobsWorkers(), p.jobsStats(), p.jobsSchedules(), p.jobsRun())
	return cmd
}

// examples writes command lines below each other.
func (p *program) examples(lines ...string) string {
	return "  " + p.name + " " + strings.Join(lines, "\n  "+p.name+" ")
}

// withJobs calls do with the application, which is not started, as the operator.
func (p *program) withJobs(cmd *cobra.Command, do func(ctx context.Context, a *covet.App) error) error {
	a, err := p.app(nil)
	if err != nil {
		return err
	}
	ctx := identity.With(cmd.Context(), operator)
	if err = a.DB.Ping(ctx); err == nil {
		if err = do(ctx, a); err != nil {
			err = p.orPending(ctx, a, err)
		}
	}
	return errors.Join(err, a.Stop(context.WithoutCancel(ctx)))
}

// orPending returns an error that says that migrations are pending, if that is why the tables are not as they should be.
func (p *program) orPending(ctx context.Context, a *covet.App, err error) error {
	var known *exit.Error
	if errors.As(err, &known) || ctx.Err() != nil {
		return err
	}
	if pending := p.requireSchema(ctx, a); errors.As(pending, &known) {
		return pending
	}
	return err
}

// plain makes text of others harmless for a terminal, in one line.
//
// Threat: an error text or a kind that holds escape sequences rewrites the screen, or the title, of who lists jobs.
func plain(text string) string {
	return strings.Join(strings.Fields(strings.Map(visible, text)), " ")
}

// block is plain for text of several lines.
func block(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(strings.Map(visible, strings.ReplaceAll(line, "\t", "    ")), " ")
	}
	return strings.Join(lines, "\n")
}

func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case !unicode.IsPrint(r):
		return unicode.ReplacementChar
	}
	return r
}

// short cuts a text that has one line.
func short(text string, most int) string {
	runes := []rune(plain(text))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}
