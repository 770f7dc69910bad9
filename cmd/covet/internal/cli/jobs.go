package cli

import "github.com/spf13/cobra"

func newJobs(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "jobs list|show|retry|cancel|delete|queues|pause|resume|workers|stats|schedules|run [flags]",
		Short: "Look at background jobs and schedules, and help them",
		Long: `Jobs lists background jobs, says why they failed or do not run, and retries,
cancels or deletes them; pauses queues; and lists workers and schedules. It works
while no worker is running, and beside a process that serves.

Inside of an application "covet jobs list --help", and so on, tells the flags.
Changes of many jobs ask first; where nobody can be asked, as in a script, they
need --yes, or end with code 5.`,
		Example: `  covet jobs list --state dead --since 24h
  covet jobs retry --state dead --queue mail
  covet jobs queues --json
  covet jobs stats --since 24h --step 1h
  covet jobs run daily-digest`,
	})
}
