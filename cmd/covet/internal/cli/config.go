package cli

import "github.com/spf13/cobra"

func newConfig(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "config [flags]",
		Short: "Show every setting with its value and source",
		Long: `Config prints the effective configuration: each key with its value and its source
(a file, a variable or the default). Secrets are hidden.`,
		Example: "  covet config\n  covet config --json",
	})
}
