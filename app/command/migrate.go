package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/migrations"
)

func (p *program) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Migrate the database schema",
		Example: "  " + p.name + " migrate up\n  " + p.name + " migrate status\n  " + p.name +
			" migrate create add_title_to_posts",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.migrateUp(), p.migrateDown(), p.migrateStatus(), p.migrateCreate())
	return cmd
}

func (p *program) migrateUp() *cobra.Command {
	var proceed, restart bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Apply every pending migration",
		Long: `Apply every pending migration, each in its own transaction.

MySQL commits every CREATE, ALTER and DROP immediately, so a migration that fails there
may have been applied partially. The error lists the statements that were applied. Fix
the rest of the file and add --continue, or revert them by hand and add --restart.`,
		Example: "  " + p.name + " migrate up\n  " + p.name + " migrate up --continue",
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withDatabase(cmd.Context(), func(ctx context.Context, a *covet.App) error {
				runner := a.Migrations()
				switch {
				case proceed:
					runner.Resume = migrations.ContinueResume
				case restart:
					runner.Resume = migrations.RestartResume
				}
				applied, err := runner.Up(ctx)
				return errors.Join(p.printApplied("Applied", applied, err), err)
			})
		},
	}
	cmd.Flags().BoolVar(&proceed, "continue", false, "continue after the last applied statement of a partially applied file")
	cmd.Flags().BoolVar(&restart, "restart", false, "run a partially applied file from the start")
	cmd.MarkFlagsMutuallyExclusive("continue", "restart")
	return cmd
}

func (p *program) migrateDown() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "down [N]",
		Short: "Roll back the last migration of the application, or the last N",
		Long: `Roll back the last migration of the application, or the last N, latest first.

A rollback usually drops tables or columns with all their data. The command lists them
and asks for confirmation on a terminal. Without one it requires --yes, and otherwise
exits with code 5.`,
		Example: "  " + p.name + " migrate down\n  " + p.name + " migrate down 3 --yes",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := 1
			if len(args) == 1 {
				var err error
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
					return exit.New(exit.Usage, "", "invalid number of migrations %q: it must be 1 or more", args[0])
				}
			}
			return p.withDatabase(cmd.Context(), func(ctx context.Context, a *covet.App) error {
				runner := a.Migrations()
				plan, err := runner.PlanDown(ctx, n)
				if err != nil {
					return err
				}
				if len(plan) > 0 {
					if err := p.confirm(downQuestion(plan, a.DB.Server()), yes); err != nil {
						return err
					}
				}
				undone, err := runner.Down(ctx, len(plan))
				return errors.Join(p.printApplied("Rolled back", undone, err), err)
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// downQuestion lists what rolling back migrations removes.
func downQuestion(plan []migrations.Reversal, server string) string {
	var b strings.Builder
	what := "1 migration"
	if len(plan) > 1 {
		what = fmt.Sprintf("%d migrations", len(plan))
	}
	fmt.Fprintf(&b, "This rolls back %s in %s:\n", what, server)
	for _, r := range plan {
		fmt.Fprintf(&b, "  %s %d %s\n", r.Source, r.Version, r.Name)
		for _, statement := range r.Removes {
			fmt.Fprintf(&b, "    %s\n", statement)
		}
	}
	b.WriteString("Roll back?")
	return b.String()
}

func (p *program) migrateStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List every migration and whether it is applied",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withDatabase(cmd.Context(), func(ctx context.Context, a *covet.App) error {
				list, err := a.Migrations().Status(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(p.out, list)
				}
				rows := make([][]string, len(list))
				for i, s := range list {
					rows[i] = []string{s.Source, strconv.FormatInt(s.Version, 10), s.Name, string(s.State), formatTime(s.AppliedAt)}
				}
				return writeTable(p.out, []string{"SOURCE", "VERSION", "NAME", "STATE", "APPLIED AT (UTC)"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p *program) migrateCreate() *cobra.Command {
	return &cobra.Command{
		Use:     "create NAME",
		Short:   "Create a migration: one file for each database in use",
		Example: "  " + p.name + " migrate create add_title_to_posts",
		Args:    usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			const dir = "migrations"
			dialects, err := dialectsIn(dir)
			if err != nil {
				return err
			}
			files, err := migrations.Create(dir, strings.Join(args, " "), dialects, time.Now())
			if err != nil {
				return exit.Wrap(exit.Usage, "", err)
			}
			for _, file := range files {
				fmt.Fprintln(p.out, "Created", file)
			}
			return nil
		},
	}
}

// dialectsIn returns the dialects for which the application has migrations.
func dialectsIn(dir string) ([]string, error) {
	var dialects []string
	for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
		if info, err := os.Stat(filepath.Join(dir, dialect)); err == nil && info.IsDir() {
			dialects = append(dialects, dialect)
		}
	}
	if len(dialects) == 0 {
		return nil, exit.New(exit.Failure, "Run this in the folder of the application.",
			"there is no folder %s/sqlite, %s/postgres or %s/mysql", dir, dir, dir)
	}
	return dialects, nil
}

// withDatabase calls do with the application after checking its database, and stops it.
func (p *program) withDatabase(ctx context.Context, do func(context.Context, *covet.App) error) error {
	a, err := p.app(nil)
	if err != nil {
		return err
	}
	if err := a.DB.Ping(ctx); err != nil {
		return errors.Join(err, a.Stop(ctx))
	}
	return errors.Join(do(ctx, a), a.Stop(ctx))
}

func (p *program) printApplied(verb string, list []migrations.Applied, failure error) error {
	if len(list) == 0 && failure == nil {
		_, err := fmt.Fprintln(p.out, "Nothing to do: the schema is up to date.")
		return err
	}
	rows := make([][]string, len(list))
	for i, m := range list {
		rows[i] = []string{
			verb, m.Source, strconv.FormatInt(m.Version, 10),
			m.Name, m.Duration.Round(time.Millisecond).String(),
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return writeTable(p.out, []string{"ACTION", "SOURCE", "VERSION", "NAME", "TOOK"}, rows)
}

func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateTime)
}
