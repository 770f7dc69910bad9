package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/workspace"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/scaffold"
)

// newOptions is what the command line, or the person at the terminal, asks for.
type newOptions struct {
	path      string // as typed
	module    string
	databases []string
	without   []string
	dryRun    bool
	force     bool
	noGit     bool
	noTidy    bool
}

func newNew(s streams) *cobra.Command {
	var o newOptions
	cmd := &cobra.Command{
		Use:   "new NAME|PATH",
		Short: "Make a new application",
		Long: `New makes an application in a new folder. The last element of the path is its
name. On a terminal, without flags, it asks for what was not said; otherwise it
never asks.

The batteries auth (accounts), admin and api can be left out, and are then not
linked. Without auth there is no admin.`,
		Example: `  covet new blog
  covet new ../apps/blog --module github.com/acme/blog
  covet new shop --db postgres --without api
  covet new shop --db sqlite,mysql --dry-run`,
		GroupID: groupStart,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(cmd, "", "covet new takes one name, not %d", len(args))
			}
			if len(args) == 1 {
				if o.path = args[0]; o.path == "" {
					return usageError(cmd, "", "the name of the application is empty")
				}
			}
			if cmd.Flags().Changed("db") && len(o.databases) == 0 {
				return usageError(cmd, "", "--db names no database")
			}
			if s.terminal && cmd.Flags().NFlag() == 0 {
				if err := promptOptions(cmd.Context(), s, &o, len(args) == 0); err != nil {
					return err
				}
			} else if len(args) == 0 {
				return usageError(cmd, "", "the name of the application is missing")
			}
			return runNew(cmd.Context(), s, o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.module, "module", "", "path of the Go module (default: the name)")
	flags.StringSliceVar(&o.databases, "db", nil,
		"database, repeatable: sqlite, postgres, mysql; the first is that of development (default: sqlite,postgres)")
	flags.StringSliceVar(&o.without, "without", nil,
		"battery to leave out, repeatable: auth, admin, api; auth takes admin along")
	flags.BoolVar(&o.dryRun, "dry-run", false, "list the files and write nothing")
	flags.BoolVar(&o.force, "force", false, "write into a folder that is not empty; files of the same name are replaced")
	flags.BoolVar(&o.noGit, "no-git", false, "make no git repository")
	flags.BoolVar(&o.noTidy, "no-tidy", false, "do not run go mod tidy")
	completeValues(cmd, "db", scaffold.Dialects())
	completeValues(cmd, "without", scaffold.Batteries())
	return cmd
}

// completeValues offers the values of a flag to the shell.
func completeValues[T ~string](cmd *cobra.Command, flag string, values []T) {
	completions := make([]cobra.Completion, len(values))
	for i, value := range values {
		completions[i] = string(value)
	}
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(completions, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the flag does not exist
	}
}

// runNew makes the application. Everything is validated and rendered before the disk is touched.
func runNew(ctx context.Context, s streams, o newOptions) error {
	dir, err := filepath.Abs(o.path)
	if err != nil {
		return fmt.Errorf("finding %s: %w", o.path, err)
	}
	covet := buildVersion()
	project, err := planNew(o, filepath.Base(dir), covet)
	if err != nil {
		return err
	}
	if err := checkFolder(dir, o); err != nil {
		return err
	}
	report := &newReport{streams: s, project: project, path: o.path, covet: covet}
	if o.dryRun {
		return report.dryRun()
	}
	if !o.noTidy {
		if _, err := build.FindGo(); err != nil {
			return err
		}
	}
	if err := project.Write(dir, o.force); err != nil {
		return exit.Wrap(exit.Failure, "Nothing was left behind; see what stands in the way and run the command again.", err)
	}
	if _, err := config.EnsureSecret(dir, nil); err != nil {
		report.addNote(".env", err.Error())
	}
	if !o.noTidy {
		stop := s.progress("running go mod tidy")
		report.addNote("go mod tidy", tidy(ctx, dir))
		stop()
	}
	if file := workspace.Foreign(dir, os.Environ()); file != "" {
		report.addNote("workspace", file+" does not name this folder: covet builds without it;\n"+
			"               for your own go commands: go work use "+quote(o.path)+", or GOWORK=off")
	}
	if !o.noGit {
		stop := s.progress("making a git repository")
		report.addNote("git", startRepository(ctx, dir))
		stop()
	}
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, "", "stopped; the files in %s are complete", o.path)
	}
	return report.print()
}

// planNew renders the application and turns refusals into errors with a hint.
func planNew(o newOptions, name string, covet origin) (*scaffold.Project, error) {
	version, replace, err := covet.requirement()
	if err != nil {
		return nil, err
	}
	project, err := scaffold.Plan(scaffold.Options{
		Name: name, Module: o.module, Databases: values[scaffold.Dialect](o.databases),
		Without: values[scaffold.Battery](o.without), Version: version, Replace: replace,
	})
	var refusedName *scaffold.NameError
	var refusedModule *scaffold.ModuleError
	switch {
	case errors.As(err, &refusedName):
		suggestion := filepath.Join(filepath.Dir(o.path), refusedName.Suggestion)
		return nil, exit.Wrap(exit.Usage,
			"A name consists of lower-case letters, digits and dashes, and starts with a letter. Try: covet new "+suggestion,
			err)
	case errors.As(err, &refusedModule):
		return nil, exit.Wrap(exit.Usage,
			fmt.Sprintf("Say where it will live, for example: --module github.com/you/%s", name), err)
	case errors.Is(err, scaffold.ErrOption):
		return nil, exit.Wrap(exit.Usage, "See \"covet new --help\".", err)
	case err != nil:
		return nil, exit.Wrap(exit.Failure, "This is a bug in Covet: please report it.", err)
	}
	return project, nil
}

func values[T ~string](texts []string) []T {
	var typed []T
	for _, text := range texts {
		typed = append(typed, T(strings.ToLower(strings.TrimSpace(text))))
	}
	return typed
}

// checkFolder refuses a folder that holds something, before anything is written.
func checkFolder(dir string, o newOptions) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return exit.New(exit.Refused, "Choose another name, or move the file away.", "%s is a file", o.path)
	}
	vacant, err := scaffold.Vacant(dir)
	if err != nil {
		return exit.Wrap(exit.Refused, "Choose a place that you may read and write.", err)
	}
	if !vacant && !o.force {
		return exit.New(exit.Refused,
			"Choose another name, or add --force to write into it; that replaces files of the same name and keeps the others.",
			"the folder %s is not empty", o.path)
	}
	return nil
}
