package cli

import "github.com/spf13/cobra"

func newServe(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "serve [flags]",
		Short: "Run the web server and, in development, the worker",
		Long: `Serve runs the application at http://localhost:8000. In development it runs the
worker in the same process and applies pending migrations to an embedded
database. The first signal ends it gracefully, the second at once.`,
		Example: `  covet serve
  covet serve --port 3000
  APP_ENV=production covet serve`,
	})
}
