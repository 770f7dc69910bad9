package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/scaffold/generate"
)

func newDestroy(s streams) *cobra.Command {
	var dryRun, force, yes bool
	cmd := &cobra.Command{
		Use:   "destroy KIND NAME",
		Short: "Remove generated code",
		Long: `Destroy removes the files that "covet generate KIND NAME" wrote, and the code that it
inserted into other files. It asks for confirmation first. Without a terminal, as in a
script, it requires --yes and otherwise exits with code 5.

If one of the files was changed by hand, nothing is removed unless --force is given,
which does not imply --yes.

Destroy does not drop tables. If the migration was applied, run "covet migrate down"
first.`,
		Example: `  covet destroy resource post
  covet destroy resource post --dry-run
  covet destroy resource post --yes`,
		GroupID: groupApplication,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError(cmd, "Kinds: "+strings.Join(kindNames(), ", ")+".", "destroy requires a kind and a name")
			}
			app, err := openGenerator()
			if err != nil {
				return err
			}
			kind, err := generate.Find(args[0])
			if err != nil {
				return generateError(cmd, err)
			}
			change, err := app.Destroy(kind, args[1])
			if err != nil {
				return generateError(cmd, err)
			}
			if conflicts := change.Conflicts(); len(conflicts) > 0 && !force && !dryRun {
				hint := fmt.Sprintf("Save the changes you need, then add --force: covet destroy %s %s --force", args[0], args[1])
				return refuseConflicts("would be removed", conflicts, hint)
			}
			if !dryRun && !yes {
				if err := confirmRemoval(cmd.Context(), s, change); err != nil {
					return err
				}
			}
			return finishChange(cmd.Context(), s, change, dryRun, true)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be removed and remove nothing")
	cmd.Flags().BoolVar(&force, "force", false, "remove files that were changed by hand, too")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// confirmRemoval asks whether the files of a change are removed. Without a terminal it refuses.
func confirmRemoval(ctx context.Context, s streams, change *generate.Change) error {
	question := removalQuestion(change)
	if question == "" {
		return nil
	}
	if !s.terminal {
		return exit.New(exit.Refused, "List them with --dry-run, then confirm with --yes. Nothing was changed.",
			"confirmation requires a terminal: %s", question)
	}
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answer, err := readLine(ctx, bufio.NewReader(s.in))
	if answer = strings.ToLower(answer); err == nil && (answer == "y" || answer == "yes") {
		return nil
	}
	return exit.New(exit.Interrupted, "", "nothing was changed")
}

// removalQuestion returns the question about the files that a change removes, or "" if it removes none.
func removalQuestion(change *generate.Change) string {
	removed := 0
	for _, f := range change.Files {
		if f.Status == generate.Remove || f.Status == generate.Conflict {
			removed++
		}
	}
	switch removed {
	case 0:
		return ""
	case 1:
		return "Remove 1 file?"
	}
	return fmt.Sprintf("Remove %d files?", removed)
}
