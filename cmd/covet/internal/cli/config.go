package cli

import "github.com/spf13/cobra"

func newConfig(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "config [flags]",
		Short: "Show every setting, its value and where it comes from",
		Long: `Config prints the effective configuration: each key with its value and the
file, variable or default it comes from. Secrets are hidden.`,
		Example: "  covet config\n  covet config --json",
	})
}
