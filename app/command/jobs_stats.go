package command

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs/inspect"
)

// listedStat is one interval of "jobs stats --json". Its keys are documented and stable. Times are in seconds.
type listedStat struct {
	Begin   time.Time `json:"begin"`
	Done    int64     `json:"done"`
	Failed  int64     `json:"failed"`
	Dead    int64     `json:"dead"`
	RunP50  float64   `json:"run_p50"`
	RunP95  float64   `json:"run_p95"`
	WaitP50 float64   `json:"wait_p50"`
	WaitP95 float64   `json:"wait_p95"`
}

func (p *program) jobsStats() *cobra.Command {
	var queue, since string
	var step time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Show how many jobs ran, their durations and waiting times",
		Long: `Show, for intervals in which jobs ran: how many succeeded, failed and are retried, or
died; and how long they ran, and had waited since they were due, as the median and the
95th percentile, accurate to a factor of two. With --json, durations are in seconds.`,
		Example: p.examples("jobs stats", "jobs stats --queue mail --since 24h --step 1h", "jobs stats --since 7d --step 24h --json"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := parseSince(since, time.Now())
			if err != nil {
				return err
			}
			if step < time.Minute || step%time.Minute != 0 {
				return exit.New(exit.Usage, "Use the form 5m or 1h.", "--step is %s, expected whole minutes", step)
			}
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				stats, err := a.Jobs.Inspector().Stats(ctx, inspect.StatsQuery{Since: at, Step: step, Queue: queue})
				if err != nil {
					return err
				}
				return p.printStats(stats, asJSON)
			})
		},
	}
	cmd.Flags().StringVar(&queue, "queue", "", "only jobs of this queue")
	cmd.Flags().StringVar(&since, "since", "1h", "start time: 90m or 7d ago, 2026-01-31 or 2026-01-31T08:00:00Z")
	cmd.Flags().DurationVar(&step, "step", 5*time.Minute, "length of an interval in whole minutes: 5m, 1h or 24h")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (p *program) printStats(stats []inspect.Stat, asJSON bool) error {
	list := make([]listedStat, len(stats))
	rows := make([][]string, len(stats))
	for i, s := range stats {
		list[i] = listedStat{
			s.Begin.UTC(), s.Done, s.Failed, s.Dead, s.Run.Quantile(0.5).Seconds(), s.Run.Quantile(0.95).Seconds(),
			s.Wait.Quantile(0.5).Seconds(), s.Wait.Quantile(0.95).Seconds(),
		}
		rows[i] = []string{formatTime(s.Begin.UTC())}
		for _, n := range []int64{s.Done, s.Failed, s.Dead} {
			rows[i] = append(rows[i], strconv.FormatInt(n, 10))
		}
		for _, l := range []inspect.Latency{s.Run, s.Wait} {
			rows[i] = append(rows[i], roughly(l.Quantile(0.5)), roughly(l.Quantile(0.95)))
		}
	}
	switch {
	case asJSON:
		return writeJSON(p.out, list)
	case len(list) == 0:
		_, err := fmt.Fprintln(p.out, "No jobs ran in that time.")
		return err
	}
	return writeTable(p.out, []string{"BEGIN (UTC)", "DONE", "FAILED", "DEAD", "RUN P50", "RUN P95", "WAIT P50", "WAIT P95"}, rows)
}

// roughly rounds a duration to its accuracy.
func roughly(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
