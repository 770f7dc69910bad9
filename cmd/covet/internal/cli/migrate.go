package cli

import "github.com/spf13/cobra"

func newMigrate(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "migrate up|down|status|create [flags]",
		Short: "Change the schema of the database",
		Long: `Migrate applies and reverts the migrations of the library and of the
application, shows which are pending, and creates new ones.`,
		Example: `  covet migrate status
  covet migrate up
  covet migrate create add_posts`,
	})
}
