package cli

import "github.com/spf13/cobra"

func newWorker(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "worker [flags]",
		Short: "Run background jobs without the web server",
		Long: `Worker runs background jobs and schedules. In production it is a process of its
own beside "serve"; both need the same REDIS_URL.`,
		Example: `  covet worker
  REDIS_URL=redis://localhost:6379 covet worker`,
	})
}
