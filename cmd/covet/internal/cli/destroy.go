package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/scaffold/generate"
)

func newDestroy(s streams) *cobra.Command {
	var dryRun, force bool
	cmd := &cobra.Command{
		Use:   "destroy KIND NAME",
		Short: "Take back what generate wrote",
		Long: `Destroy removes the files that "covet generate KIND NAME" wrote, and the code that it
inserted elsewhere. When one of the files was changed by hand, nothing is removed
unless --force is given.

Tables stay in databases to which the migration was applied: run "covet migrate down"
before, if they are to go.`,
		Example: `  covet destroy resource post
  covet destroy resource post --dry-run`,
		GroupID: groupApplication,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError(cmd, "Kinds: "+strings.Join(kindNames(), ", ")+".", "destroy takes a kind and a name")
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
				hint := fmt.Sprintf("Move what you need away, then add --force: covet destroy %s %s --force", args[0], args[1])
				return refuseConflicts("would be removed", conflicts, hint)
			}
			return finishChange(cmd.Context(), s, change, dryRun, true)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would go and remove nothing")
	cmd.Flags().BoolVar(&force, "force", false, "remove files that were changed by hand, too")
	return cmd
}
