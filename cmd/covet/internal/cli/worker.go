package cli

import "github.com/spf13/cobra"

func newWorker(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "worker [flags]",
		Short: "Run background jobs without the web server",
		Long: `Worker runs background jobs and schedules. In production it is a separate process
beside "serve" and requires the same REDIS_URL. With "covet serve" running in another
terminal it requires none: it works the queue of that server, which may then be
started with --no-worker.`,
		Example: `  covet worker
  covet worker --queues mail,default:3 --concurrency 20
  REDIS_URL=redis://localhost:6379 covet worker --liveness 127.0.0.1:9000`,
	})
}
