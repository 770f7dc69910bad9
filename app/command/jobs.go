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

// operator is the actor of commands in the audit log.
var operator = identity.Actor{ID: "command", Name: "command line"}

// jobs are the commands for background jobs. They read and write the rows in the database, which are the source of
// truth: neither a worker nor Redis has to run.
func (p *program) jobs() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "List and manage background jobs and schedules",
		Long: `List and manage background jobs and schedules.

These commands read and write the rows in the database, which are the source of truth.
They work without a running worker, without Redis, and while a server is running.
Secrets in the arguments of jobs are hidden. Every change is in the audit log.

Times are in UTC. Durations are written as 90s, 10m, 24h or, with --since, 7d. With
--json a list is an array, even if it is empty, and "show" prints an object. Their keys
are stable and documented in docs/jobs.md.

Exit codes: 0 success, also if no job matches; 1 no such job, queue, kind or schedule,
or the job's state does not allow the change; 2 usage error; 3 invalid configuration;
4 the database is unavailable, or migrations are pending; 5 confirmation is required,
but there is neither a terminal nor --yes; 130 the question was answered with no.`,
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

// orPending returns an error about pending migrations if these are the cause of err.
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

// plain removes escape sequences and line breaks from a text.
//
// Threat: an error text or a kind with escape sequences changes the screen or title of the terminal that lists jobs.
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

// short truncates a text of one line.
func short(text string, most int) string {
	runes := []rune(plain(text))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}
