package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/jobs/inspect"
)

// listedWorker is one process of "jobs workers --json". Its keys are documented and stable.
type listedWorker struct {
	ID          string         `json:"id"`
	Host        string         `json:"host"`
	PID         int            `json:"pid"`
	State       string         `json:"state"`
	Queues      map[string]int `json:"queues"`
	Concurrency int            `json:"concurrency"`
	Running     int            `json:"running"`
	StartedAt   time.Time      `json:"started_at"`
	SeenAt      time.Time      `json:"seen_at"`
}

func (p *program) jobsWorkers() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "workers",
		Short: "List the processes that run or relay jobs",
		Long: `List the processes that run jobs, or relay them to Redis. A killed process is listed
as lost for an hour; a process that shut down gracefully is not listed.`,
		Example: p.examples("jobs workers", "jobs workers --json"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				workers, err := a.Jobs.Inspector().Workers(ctx)
				if err != nil {
					return err
				}
				list := make([]listedWorker, len(workers))
				rows := make([][]string, len(workers))
				for i, w := range workers {
					list[i] = listedWorker{w.ID, w.Host, w.PID, workerState(w), w.Queues, w.Concurrency, w.Running, w.StartedAt.UTC(), w.SeenAt.UTC()}
					rows[i] = []string{
						plain(w.Host), strconv.Itoa(w.PID), workerState(w), fmt.Sprintf("%d of %d", w.Running, w.Concurrency),
						short(weights(w.Queues), 60), formatTime(w.StartedAt.UTC()), formatTime(w.SeenAt.UTC()),
					}
				}
				switch {
				case asJSON:
					return writeJSON(p.out, list)
				case len(list) == 0:
					_, err := fmt.Fprintf(p.out, "No process runs jobs. Start one with: %s serve, or %s worker.\n", p.name, p.name)
					return err
				}
				return writeTable(p.out, []string{"HOST", "PID", "STATE", "RUNNING", "QUEUES", "STARTED (UTC)", "SEEN (UTC)"}, rows)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func workerState(w inspect.Worker) string {
	switch {
	case !w.Alive:
		return "lost"
	case w.Stopping:
		return "stopping"
	case !w.Works:
		return "relays"
	}
	return "works"
}

// weights formats queues in the form of --queues.
func weights(queues map[string]int) string {
	var list []string
	for name, weight := range queues {
		if weight != 1 {
			name += ":" + strconv.Itoa(weight)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ",")
}
