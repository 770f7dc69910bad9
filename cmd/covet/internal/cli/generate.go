package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate"
	"github.com/covetgo/covet/scaffold/inflect"
)

// generateOptions is what the command line asks for.
type generateOptions struct {
	flags     generate.Flags
	dryRun    bool
	force     bool
	templates bool
}

func newGenerate(s streams) *cobra.Command {
	var o generateOptions
	cmd := &cobra.Command{
		Use:     "generate KIND NAME [FIELD…]",
		Aliases: []string{"g"},
		Short:   "Write a tested feature, or a part of one",
		Long: `Generate writes code that is the application's from then on, and connects it with
the rest. Everything is rendered and checked before the first file is written. What
people have changed since is never overwritten unasked. "covet destroy" takes it back.

` + kindsHelp() + `

` + strings.TrimRight(field.Grammar(), "\n"),
		Example: `  covet generate resource post title:string! body:text author:belongs_to:user
  covet generate resource shop/product name:string! 'price:decimal(10,2)' --public
  covet generate resource comment body:text! post:belongs_to:post --parent posts
  covet generate --templates`,
		GroupID: groupApplication,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			app, err := openGenerator()
			if err != nil {
				return err
			}
			if o.templates {
				return runTemplates(cmd, s, app, args, o)
			}
			return runGenerate(cmd, s, app, args, o)
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kindNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&o.flags.Skip, "skip", nil,
		"part of a resource to leave out, repeatable: html, api, admin, tests")
	flags.StringVar(&o.flags.Parent, "parent", "", "resource that the new one is nested in, which it belongs to: posts")
	flags.BoolVar(&o.flags.Public, "public", false, "let everybody read the resource, not only owners and admins")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing")
	flags.BoolVar(&o.force, "force", false, "overwrite files that were changed by hand")
	flags.BoolVar(&o.templates, "templates", false,
		"list the templates, or copy those named to .covet/templates, where they can be changed")
	completeValues(cmd, "skip", generate.Parts())
	return cmd
}

// kindsHelp lists what can be generated.
func kindsHelp() string {
	var b strings.Builder
	b.WriteString("Kinds:\n")
	for _, kind := range generate.Kinds() {
		fmt.Fprintf(&b, "  %-11s %s\n", kind.Name, kind.Short)
	}
	return strings.TrimRight(b.String(), "\n")
}

func kindNames() []string {
	var names []string
	for _, kind := range generate.Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

// openGenerator opens the application around the working directory.
func openGenerator() (*generate.Project, error) {
	app, err := currentProject()
	if err != nil {
		return nil, err
	}
	return generate.Open(app.root)
}

func runGenerate(cmd *cobra.Command, s streams, app *generate.Project, args []string, o generateOptions) error {
	if len(args) == 0 {
		return usageError(cmd, "Kinds: "+strings.Join(kindNames(), ", ")+".", "the kind of what to generate is missing")
	}
	kind, err := generate.Find(args[0])
	if err != nil {
		return generateError(cmd, err)
	}
	if len(args) == 1 {
		return usageError(cmd, fmt.Sprintf("Write: covet generate %s %s", kind.Name, kind.Use),
			"the name of the %s is missing", kind.Name)
	}
	stop := s.progress("checking what to generate")
	change, err := app.Generate(kind, args[1], args[2:], o.flags)
	stop()
	if err != nil {
		return generateError(cmd, err)
	}
	return finishChange(cmd.Context(), s, change, o.dryRun, o.force)
}

// generateError turns refusals into errors that say what to do next.
func generateError(cmd *cobra.Command, err error) error {
	var unknown *generate.UnknownError
	var refusedField *field.Error
	var refusedName *inflect.Error
	var refusedTable *ddl.Error
	var missing *generate.MissingModelError
	var refused *generate.UsageError
	var code *generate.CodeError
	var record *generate.RecordError
	switch {
	case errors.As(err, &unknown):
		hint := "There are: " + strings.Join(unknown.Known, ", ") + "."
		if similar := closest(unknown.Name, unknown.Known); similar != "" {
			hint = fmt.Sprintf("Did you mean %s? %s", similar, hint)
		}
		return usageError(cmd, hint, "%w", err)
	case errors.As(err, &refusedField):
		return exit.Wrap(exit.Usage, refusedField.Detail(), err)
	case errors.As(err, &refusedName):
		if refusedName.Suggestion == "" {
			return exit.Wrap(exit.Usage, "Try a word in letters from a to z.", err)
		}
		return exit.Wrap(exit.Usage, "Try: "+refusedName.Suggestion, err)
	case errors.As(err, &missing):
		return exit.Wrap(exit.Usage, missingModelHint(missing), err)
	case errors.As(err, &refused):
		return exit.Wrap(exit.Usage, refused.Hint, err)
	case errors.As(err, &refusedTable):
		return exit.Wrap(exit.Usage, "See \"covet generate --help\".", err)
	case errors.As(err, &record):
		return exit.Wrap(exit.Failure, record.Hint(), err)
	case errors.As(err, &code) && code.Elsewhere:
		return exit.Wrap(exit.Refused,
			"Change it first so that it does without, or generate that anew, too. Nothing was changed.", err)
	case errors.As(err, &code):
		return exit.Wrap(exit.Failure,
			"If .covet/templates has templates of your own, look there; otherwise this is a bug in Covet: please report it.", err)
	default:
		return err
	}
}

// missingModelHint returns a hint with a similar model, or with the command that generates the missing one.
func missingModelHint(missing *generate.MissingModelError) string {
	hint := fmt.Sprintf("Generate it first: covet generate resource %s name:string!", missing.Target.Ref)
	if similar := closest(missing.Target.Type, missing.Known); similar != "" {
		hint = fmt.Sprintf("Did you mean %s? %s", similar, hint)
	}
	return hint
}

// closest is the name that a mistyped one may mean, or "".
func closest(name string, known []string) string {
	candidates := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, candidate := range known {
		candidates.AddCommand(&cobra.Command{Use: candidate, Run: func(*cobra.Command, []string) {}})
	}
	if similar := candidates.SuggestionsFor(name); len(similar) > 0 {
		return similar[0]
	}
	return ""
}

// runTemplates lists the templates, or copies some into the application.
func runTemplates(cmd *cobra.Command, s streams, app *generate.Project, names []string, o generateOptions) error {
	if len(names) == 0 {
		for _, t := range app.Templates() {
			note := ""
			if t.Overridden {
				note = "  (from .covet/templates)"
			}
			fmt.Fprintln(s.out, t.Name+note)
		}
		return nil
	}
	change, err := app.Customize(names...)
	if err != nil {
		return generateError(cmd, err)
	}
	return finishChange(cmd.Context(), s, change, o.dryRun, o.force)
}

// finishChange shows or writes a change, and asks about what people have changed when there is somebody to ask.
func finishChange(ctx context.Context, s streams, change *generate.Change, dryRun, force bool) error {
	report := changeReport{s}
	if dryRun {
		report.files(change)
		report.diffs(change)
		report.insertions(change)
		return nil
	}
	if !force {
		if err := resolveConflicts(ctx, s, change); err != nil {
			return err
		}
	}
	if err := change.Write(true); err != nil {
		return exit.Wrap(exit.Failure, "Nothing was changed.", err)
	}
	report.files(change)
	report.insertions(change)
	report.printNotes(change)
	return nil
}

// resolveConflicts asks what to do with each file that the user has changed, or returns an error without a terminal.
func resolveConflicts(ctx context.Context, s streams, change *generate.Change) error {
	conflicts := change.Conflicts()
	if len(conflicts) == 0 {
		return nil
	}
	if !s.terminal {
		return refuseConflicts("would be overwritten", conflicts,
			"Look at the difference with --dry-run. Then add --force to overwrite them, or move them away.")
	}
	return askAboutConflicts(ctx, s, change, conflicts)
}

// refuseConflicts refuses to touch what people have changed, or may have applied.
func refuseConflicts(what string, files []generate.FileChange, hint string) error {
	var paths []string
	why := "changed by hand"
	for _, f := range files {
		paths = append(paths, "  "+f.Path)
		if strings.HasPrefix(f.Path, "migrations/") && f.After != nil && why == "changed by hand" {
			why += ", or a migration that may have been applied"
			hint += " A table that exists is changed with: covet generate migration add_…_to_TABLE."
		}
	}
	return exit.New(exit.Refused, hint+" Nothing was changed.", "these files %s (%s):\n%s",
		what, why, strings.Join(paths, "\n"))
}
