package cli

import "github.com/spf13/cobra"

func newRoutes(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:     "routes [flags]",
		Short:   "List the routes of the application",
		Long:    "Routes lists every route of the application with its method and handler.",
		Example: "  covet routes\n  covet routes --json",
	})
}
