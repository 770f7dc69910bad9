package cli

import "github.com/spf13/cobra"

func newSeed(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "seed [NAME…] [flags]",
		Short: "Store initial or example data",
		Long: `Seed runs the seeds of the application in the order of its list, or only the named
ones. In production it requires --force.`,
		Example: `  covet seed
  covet seed posts`,
	})
}
