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

// generateOptions are the arguments and flags of the command.
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
		Short:   "Generate a feature with tests, or a part of one",
		Long: `Generate writes code that belongs to the application and connects it with the rest of
the code. Everything is rendered and checked before the first file is written. Files
that you have changed are not overwritten without confirmation. "covet destroy"
removes generated code.

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
		"part of a resource to skip, repeatable: html, api, admin, tests")
	flags.StringVar(&o.flags.Parent, "parent", "", "parent resource, which the new one belongs to and is nested in: posts")
	flags.BoolVar(&o.flags.Public, "public", false, "make the resource readable for everyone, not only owners and admins")
	flags.BoolVar(&o.dryRun, "dry-run", false, "show what would change and write nothing")
	flags.BoolVar(&o.force, "force", false, "overwrite files that were changed by hand")
	flags.BoolVar(&o.templates, "templates", false,
		"list the templates, or copy the named ones to .covet/templates to change them")
	completeValues(cmd, "skip", generate.Parts())
	return cmd
}

// kindsHelp lists the kinds.
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
		return usageError(cmd, "Kinds: "+strings.Join(kindNames(), ", ")+".", "the kind is missing")
	}
	kind, err := generate.Find(args[0])
	if err != nil {
		return generateError(cmd, err)
	}
	if len(args) == 1 {
		return usageError(cmd, fmt.Sprintf("Run: covet generate %s %s", kind.Name, kind.Use),
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

// generateError turns expected errors into errors with a hint.
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
			return exit.Wrap(exit.Usage, "Use the letters a to z.", err)
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
			"Change that code first so that it no longer uses the removed one, or generate it again as well. Nothing was changed.", err)
	case errors.As(err, &code):
		return exit.Wrap(exit.Failure,
			"If .covet/templates contains your own templates, check them. Otherwise this is a bug in Covet: please report it.", err)
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

// closest returns the known name that is most similar to a mistyped one, or "".
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

// finishChange prints or writes a change. On a terminal it asks what to do with files that were changed by hand.
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

// resolveConflicts asks what to do with each file that was changed by hand. Without a terminal it returns an error.
func resolveConflicts(ctx context.Context, s streams, change *generate.Change) error {
	conflicts := change.Conflicts()
	if len(conflicts) == 0 {
		return nil
	}
	if !s.terminal {
		return refuseConflicts("would be overwritten", conflicts,
			"Review the difference with --dry-run. Then add --force to overwrite them, or move them away.")
	}
	return askAboutConflicts(ctx, s, change, conflicts)
}

// refuseConflicts returns an error for files that were changed by hand, and for migrations that may have been applied.
func refuseConflicts(what string, files []generate.FileChange, hint string) error {
	var paths []string
	why := "changed by hand"
	for _, f := range files {
		paths = append(paths, "  "+f.Path)
		if strings.HasPrefix(f.Path, "migrations/") && f.After != nil && why == "changed by hand" {
			why += ", or a migration that may have been applied"
			hint += " To change an existing table, run: covet generate migration add_…_to_TABLE."
		}
	}
	return exit.New(exit.Refused, hint+" Nothing was changed.", "these files %s (%s):\n%s",
		what, why, strings.Join(paths, "\n"))
}
