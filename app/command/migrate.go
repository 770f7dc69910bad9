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

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/migrations"
)

func (p *program) migrate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database to the schema of the application",
		Example: "  " + p.name + " migrate up\n  " + p.name + " migrate status\n  " + p.name +
			" migrate create add_title_to_posts",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.migrateUp(), p.migrateDown(), p.migrateStatus(), p.migrateCreate())
	return cmd
}

func (p *program) migrateUp() *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Apply every pending migration",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withRunner(cmd.Context(), func(ctx context.Context, runner *migrations.Runner) error {
				applied, err := runner.Up(ctx)
				return errors.Join(p.printApplied("Applied", applied, err), err)
			})
		},
	}
}

func (p *program) migrateDown() *cobra.Command {
	return &cobra.Command{
		Use:     "down [N]",
		Short:   "Take back the last migration of the application, or the last N",
		Example: "  " + p.name + " migrate down\n  " + p.name + " migrate down 3",
		Args:    usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := 1
			if len(args) == 1 {
				var err error
				if n, err = strconv.Atoi(args[0]); err != nil || n < 1 {
					return exit.New(exit.Usage, "", "%q is no number of migrations; it must be 1 or more", args[0])
				}
			}
			return p.withRunner(cmd.Context(), func(ctx context.Context, runner *migrations.Runner) error {
				undone, err := runner.Down(ctx, n)
				return errors.Join(p.printApplied("Took back", undone, err), err)
			})
		},
	}
}

func (p *program) migrateStatus() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "List every migration and whether it is applied",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withRunner(cmd.Context(), func(ctx context.Context, runner *migrations.Runner) error {
				list, err := runner.Status(ctx)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(p.out, list)
				}
				rows := make([][]string, len(list))
				for i, s := range list {
					rows[i] = []string{s.Source, strconv.FormatInt(s.Version, 10), s.Name, string(s.State), when(s.AppliedAt)}
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
		Short:   "Start a migration: one file for each database in use",
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

// dialectsIn returns the dialects that the application has migrations for.
func dialectsIn(dir string) ([]string, error) {
	var dialects []string
	for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
		if info, err := os.Stat(filepath.Join(dir, dialect)); err == nil && info.IsDir() {
			dialects = append(dialects, dialect)
		}
	}
	if len(dialects) == 0 {
		return nil, exit.New(exit.Failure, "Run this in the folder of the application.",
			"there is no folder %s/sqlite, %s/postgres or %s/mysql here", dir, dir, dir)
	}
	return dialects, nil
}

// withRunner calls do with the runner of the application's migrations.
func (p *program) withRunner(ctx context.Context, do func(context.Context, *migrations.Runner) error) error {
	a, err := p.app(nil)
	if err != nil {
		return err
	}
	if err := a.DB.Ping(ctx); err != nil {
		return errors.Join(err, a.Stop(ctx))
	}
	return errors.Join(do(ctx, a.Migrations()), a.Stop(ctx))
}

func (p *program) printApplied(verb string, list []migrations.Applied, failure error) error {
	if len(list) == 0 && failure == nil {
		_, err := fmt.Fprintln(p.out, "Nothing to do: the schema is as it should be.")
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

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateTime)
}
