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

// newOptions are the arguments, flags and answers.
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
		Short: "Create a new application",
		Long: `New creates an application in a new folder. The last element of the path is its
name. On a terminal, without flags, it prompts for the missing options; otherwise it
never asks.

The batteries auth (accounts), admin and api can be left out and are then not linked.
Leaving out auth also leaves out the admin.`,
		Example: `  covet new blog
  covet new ../apps/blog --module github.com/acme/blog
  covet new shop --db postgres --without api
  covet new shop --db sqlite,mysql --dry-run`,
		GroupID: groupStart,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(cmd, "", "covet new requires one name, not %d", len(args))
			}
			if len(args) == 1 {
				if o.path = args[0]; o.path == "" {
					return usageError(cmd, "", "the name of the application is empty")
				}
			}
			if cmd.Flags().Changed("db") && len(o.databases) == 0 {
				return usageError(cmd, "", "--db requires the name of a database")
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
		"database, repeatable: sqlite, postgres, mysql; development uses the first (default: sqlite,postgres)")
	flags.StringSliceVar(&o.without, "without", nil,
		"battery to leave out, repeatable: auth, admin, api; auth implies admin")
	flags.BoolVar(&o.dryRun, "dry-run", false, "list the files and write nothing")
	flags.BoolVar(&o.force, "force", false, "write into a folder that is not empty; files of the same name are replaced")
	flags.BoolVar(&o.noGit, "no-git", false, "do not create a git repository")
	flags.BoolVar(&o.noTidy, "no-tidy", false, "do not run go mod tidy")
	completeValues(cmd, "db", scaffold.Dialects())
	completeValues(cmd, "without", scaffold.Batteries())
	return cmd
}

// completeValues completes the values of a flag.
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

// runNew creates the application. Everything is validated and rendered before the first file is written.
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
		return exit.Wrap(exit.Failure, "All files were removed again. Resolve the error and run the command again.", err)
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
		report.addNote("workspace", file+" does not list this folder. covet ignores it;\n"+
			"               for other go commands, run: go work use "+quote(o.path)+", or set GOWORK=off")
	}
	if !o.noGit {
		stop := s.progress("creating a git repository")
		report.addNote("git", startRepository(ctx, dir))
		stop()
	}
	if ctx.Err() != nil {
		return exit.New(exit.Interrupted, "", "interrupted; the files in %s are complete", o.path)
	}
	return report.print()
}

// planNew renders the application and adds hints to expected errors.
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
			"Use lower-case letters, digits and dashes, starting with a letter. Try: covet new "+suggestion,
			err)
	case errors.As(err, &refusedModule):
		return nil, exit.Wrap(exit.Usage,
			fmt.Sprintf("Choose a module path, for example: --module github.com/you/%s", name), err)
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

// checkFolder returns an error for a folder that is not empty, before anything is written.
func checkFolder(dir string, o newOptions) error {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return exit.New(exit.Refused, "Choose another name, or move the file away.", "%s is a file", o.path)
	}
	vacant, err := scaffold.Vacant(dir)
	if err != nil {
		return exit.Wrap(exit.Refused, "Choose a folder that you may read and write.", err)
	}
	if !vacant && !o.force {
		return exit.New(exit.Refused,
			"Choose another name, or add --force, which replaces files of the same name and keeps the others.",
			"the folder %s is not empty", o.path)
	}
	return nil
}
