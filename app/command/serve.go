package command

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/config"
)

func (p *program) serve() *cobra.Command {
	var port int
	var host string
	var noWorker bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the application over HTTP",
		Long: `Serve the application over HTTP, by default on http://localhost:8000.

In development, and whenever the queue is embedded, the same process runs the jobs.
In development, pending migrations of an embedded database are applied; otherwise
serve refuses to start until they are.`,
		Example: "  " + p.name + " serve\n  " + p.name + " serve --port 3000\n  APP_ENV=production " + p.name +
			" serve --host 0.0.0.0",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := map[string]string{}
			if cmd.Flags().Changed("port") {
				flags["port"] = strconv.Itoa(port)
			}
			if cmd.Flags().Changed("host") {
				flags["bind"] = host
			}
			if err := p.ensureSecret(flags); err != nil {
				return err
			}
			a, err := p.app(flags)
			if err != nil {
				return err
			}
			if noWorker && !a.Jobs.Shared() {
				return exit.New(exit.Usage, "Set REDIS_URL for the web and worker processes, or omit the flag.",
					"--no-worker requires a queue that other processes can use, but the queue is embedded")
			}
			work := !a.Jobs.Shared() || (!a.Config.Production() && !noWorker)
			return p.runApp(cmd.Context(), a, covet.Roles{Web: true, Work: work})
		},
	}
	cmd.Flags().IntVar(&port, "port", 0, "TCP port to listen on (default 8000, or PORT)")
	cmd.Flags().StringVar(&host, "host", "", "address to listen on (default localhost; every address in production)")
	cmd.Flags().BoolVar(&noWorker, "no-worker", false, "do not run jobs; use separate worker processes")
	return cmd
}

// ensureSecret writes a SECRET_KEY into .env for a developer who has none, for example after cloning the repository, so
// that cookies remain valid after restarts.
func (p *program) ensureSecret(flags map[string]string) error {
	l, err := p.load(flags)
	if err != nil {
		return err
	}
	if !l.kernel.Development() || l.kernel.SecretKey != "" {
		return nil
	}
	created, err := config.EnsureSecret(p.dir, nil)
	if created {
		fmt.Fprintln(p.out, "Wrote a new SECRET_KEY to .env")
	}
	return exit.Wrap(exit.Failure, "Make the folder writable, or set SECRET_KEY in the environment.", err)
}

// runApp updates or checks the schema, runs the application until ctx ends, and prints its address.
func (p *program) runApp(ctx context.Context, a *covet.App, roles covet.Roles) error {
	roles.Prepare = func(ctx context.Context) error { return p.prepareSchema(ctx, a) }
	if a.Config.DevServer != nil {
		if roles.Web {
			return p.runUnderDevServer(ctx, a, roles)
		}
		roles.Prepare = func(ctx context.Context) error {
			return p.requireSchema(ctx,
				a)
		} // the dev server's page has a button
	}
	if err := a.Start(ctx, roles); err != nil {
		return err
	}
	if a.Config.Development() {
		p.printAddress(a, roles)
	} else {
		a.Log.InfoContext(ctx, "started", "address", a.Address(), "web", roles.Web, "work", roles.Work,
			"database", a.DB.Server(), "redis", a.Redis.Address())
	}
	return a.Wait(ctx)
}

// prepareSchema applies pending migrations to the embedded database of a developer, which no other process uses.
func (p *program) prepareSchema(ctx context.Context, a *covet.App) error {
	if a.Config.Production() || !a.DB.Embedded() {
		return p.requireSchema(ctx, a)
	}
	return p.applyPending(ctx, a)
}

// applyPending applies pending migrations and prints them.
func (p *program) applyPending(ctx context.Context, a *covet.App) error {
	applied, err := a.Migrations().Up(ctx)
	for _, m := range applied {
		fmt.Fprintf(p.out, "Migrated %s: %d %s\n", m.Source, m.Version, m.Name)
	}
	return err
}

// requireSchema returns an error with a hint if migrations are pending.
func (p *program) requireSchema(ctx context.Context, a *covet.App) error {
	pending, err := a.Migrations().Pending(ctx)
	if err != nil {
		return err
	}
	if pending > 0 {
		return p.pendingError(a, pending)
	}
	return nil
}

func (p *program) pendingError(a *covet.App, pending int) error {
	what := "1 migration is"
	if pending > 1 {
		what = fmt.Sprintf("%d migrations are", pending)
	}
	return exit.New(exit.Unavailable,
		fmt.Sprintf("Apply them with: covet migrate up (or %s migrate up)", p.name),
		"%s pending in %s", what, a.DB.Server())
}

func (p *program) printAddress(a *covet.App, roles covet.Roles) {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s is running", a.Config.App.Name)
	if roles.Web {
		fmt.Fprintf(&b, " on %s", a.LocalURL())
	} else {
		b.WriteString(" its jobs")
	}
	fmt.Fprintf(&b, " (%s)\n\n  database  %s\n  queue     %s\n", a.Config.App.Env, a.DB.Server(), queueOf(a, roles))
	switch {
	case a.CapturesMail() && roles.Web:
		fmt.Fprintf(&b, "  mail      captured, read it on %s/dev/mail\n", a.LocalURL())
	case a.CapturesMail():
		b.WriteString("  mail      captured, read it at /dev/mail of the web process\n")
	}
	b.WriteString("\nPress Ctrl-C to stop.\n\n")
	fmt.Fprint(p.out, b.String())
}

func queueOf(a *covet.App, roles covet.Roles) string {
	text := "Redis at " + a.Redis.Address()
	if a.Redis.Embedded() {
		text = "embedded"
	}
	if roles.Work {
		return text + ", run by this process"
	}
	return text + ", run by other processes"
}
