package cli

import "github.com/spf13/cobra"

func newSeed(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "seed [NAME…] [flags]",
		Short: "Store what the application begins with",
		Long: `Seed runs the seeds of the application, in the order of its list, or those that
are named. Production is refused without --force.`,
		Example: `  covet seed
  covet seed posts`,
	})
}
