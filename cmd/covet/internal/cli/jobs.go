package cli

import "github.com/spf13/cobra"

func newJobs(s streams) *cobra.Command {
	return applicationCommand(s, cobra.Command{
		Use:   "jobs list|show|retry|cancel|delete|queues|pause|resume|workers|stats|schedules|run [flags]",
		Short: "List and manage background jobs and schedules",
		Long: `Jobs lists background jobs, explains why they failed or do not run, and retries,
cancels or deletes them; pauses queues; and lists workers and schedules. It works
with or without a running worker or server.

Inside an application, "covet jobs list --help" prints the flags, and so on. Changes
of many jobs ask for confirmation. Without a terminal, as in a script, they require
--yes and otherwise exit with code 5.`,
		Example: `  covet jobs list --state dead --since 24h
  covet jobs retry --state dead --queue mail
  covet jobs queues --json
  covet jobs stats --since 24h --step 1h
  covet jobs run daily-digest`,
	})
}
