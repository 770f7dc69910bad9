package command

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/models"
)

// mostListed is the maximum number of jobs in one list.
const mostListed = 10_000

// listedJob is one job of "jobs list --json". Its keys are documented and stable.
type listedJob struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"`
	Queue      string     `json:"queue"`
	State      jobs.State `json:"state"`
	Priority   int        `json:"priority"`
	Attempts   int        `json:"attempts"`
	RunAt      time.Time  `json:"run_at"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
	Error      string     `json:"error"`
	Problem    string     `json:"problem"`
	Schedule   string     `json:"schedule"`
	BatchID    *string    `json:"batch_id"`
	ChainID    *string    `json:"chain_id"`
}

func listed(row *models.OutboxRow, problem string) listedJob {
	return listedJob{
		ID: row.ID, Kind: row.Kind, Queue: row.Queue, State: row.State, Priority: row.Priority, Attempts: row.Attempts,
		RunAt: row.RunAt.UTC(), CreatedAt: row.CreatedAt.UTC(), StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
		Error: row.LastError, Problem: problem, Schedule: row.Schedule, BatchID: row.BatchID, ChainID: row.ChainID,
	}
}

func (p *program) jobsList() *cobra.Command {
	var f jobFilter
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List jobs, newest first",
		Long: `List jobs, newest first by the time at which they ran or are due.

The column PROBLEM explains why a job cannot run at the moment: no worker has its kind,
its arguments are invalid, its queue is paused or has no worker. FAILED is the number of
failed attempts.`,
		Example: p.examples("jobs list", "jobs list --state dead --error timeout --since 24h", "jobs list --state waiting,running --queue mail", "jobs list --limit 500 --json"),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := f.parse(time.Now())
			if err != nil {
				return err
			}
			if limit < 1 || limit > mostListed {
				return exit.New(exit.Usage, "Use --since, --queue or --kind to list the others.", "--limit is %d, expected 1 to %d", limit, mostListed)
			}
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				list, more, err := listJobs(ctx, a, filter, limit)
				if err != nil {
					return err
				}
				if asJSON {
					return writeJSON(p.out, list)
				}
				if len(list) == 0 {
					return p.sayNone(ctx, a, filter)
				}
				return p.printJobs(list, more)
			})
		},
	}
	f.addTo(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "maximum number of jobs, 1 to 10000")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// listJobs reads as many pages as necessary.
func listJobs(ctx context.Context, a *covet.App, filter inspect.Filter, limit int) (list []listedJob, more bool, err error) {
	list = []listedJob{}
	problems, err := a.Jobs.Inspector().Problems(ctx)
	if err != nil {
		return nil, false, err
	}
	cursor := ""
	for len(list) < limit {
		page, err := a.Jobs.Inspector().Rows(ctx, filter, cursor, min(limit-len(list), 500))
		if err != nil {
			return nil, false, err
		}
		for _, row := range page.Rows {
			list = append(list, listed(&row, problems.Of(&row)))
		}
		if cursor = page.Next; cursor == "" {
			return list, false, nil
		}
	}
	return list, true, nil
}

func (p *program) printJobs(list []listedJob, more bool) error {
	rows := make([][]string, len(list))
	for i, job := range list {
		rows[i] = []string{
			job.ID, short(job.Kind, 40), short(job.Queue, 30), string(job.State), strconv.Itoa(job.Attempts), formatTime(job.RunAt),
			short(job.Error, 60), short(job.Problem, 80),
		}
	}
	header := []string{"ID", "KIND", "QUEUE", "STATE", "FAILED", "RUNS AT (UTC)", "ERROR", "PROBLEM"}
	if err := writeTable(p.out, header, rows); err != nil || !more {
		return err
	}
	_, err := fmt.Fprintf(p.err, "There may be more: --limit %d shows them.\n", min(10*len(list), mostListed))
	return err
}
