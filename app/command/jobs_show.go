package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

// shownJob is the output of "jobs show --json". Its keys are documented and stable.
type shownJob struct {
	listedJob
	Stack         string          `json:"stack"`
	Arguments     json.RawMessage `json:"arguments"`
	Encrypted     bool            `json:"encrypted"`
	Version       int             `json:"version"`
	Result        json.RawMessage `json:"result"`
	Progress      progress        `json:"progress"`
	ChainIndex    int             `json:"chain_index"`
	Worker        string          `json:"worker"`
	Losses        int             `json:"losses"`
	CancelAskedAt *time.Time      `json:"cancel_asked_at"`
	Limit         *string         `json:"limit"`
}

type progress struct {
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
}

func (p *program) jobsShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show one job: its arguments, its error, its times",
		Long: `Show one job: its arguments, with secrets hidden, its latest error, with the position
of a panic, its times, its progress and its result, and why it cannot run at the
moment.`,
		Example: p.examples("jobs show 01900000-0000-7000-8000-000000000001", "jobs show 01900000-0000-7000-8000-000000000001 --json"),
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withJobs(cmd, func(ctx context.Context, a *covet.App) error {
				row, err := a.Jobs.Inspector().Row(ctx, args[0])
				if err != nil {
					return p.jobError(args[0], err)
				}
				problems, err := a.Jobs.Inspector().Problems(ctx)
				if err != nil {
					return err
				}
				job := shown(a, &row, problems.Of(&row))
				if asJSON {
					return writeJSON(p.out, job)
				}
				return printJob(p.out, job)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func shown(a *covet.App, row *models.OutboxRow, problem string) shownJob {
	job := shownJob{
		listedJob: listed(row, problem), Stack: row.LastStack, Encrypted: row.SealedWith != "", Version: row.Version,
		Progress: progress{row.ProgressDone, row.ProgressTotal}, ChainIndex: row.ChainIndex, Losses: row.Losses,
		CancelAskedAt: row.CancelAskedAt, Limit: row.LimitKey,
	}
	if row.State == jobs.Running {
		job.Worker = row.Holder
	}
	job.Arguments, job.Result = json.RawMessage("null"), json.RawMessage("null")
	if text := a.Jobs.Inspector().Arguments(row); text != "" && !job.Encrypted {
		job.Arguments = json.RawMessage(text)
	}
	if text := a.Jobs.Inspector().Outcome(row); text != "" {
		job.Result = json.RawMessage(text)
	}
	return job
}

func printJob(w io.Writer, job shownJob) error {
	rows := [][]string{}
	for _, fact := range [][2]string{
		{"Kind", job.Kind},
		{"Queue", job.Queue},
		{"State", string(job.State)},
		{"Problem", job.Problem},
		{"Failed attempts", strconv.Itoa(job.Attempts)},
		{"Progress", job.Progress.String()},
		{"Runs at", formatTime(job.RunAt)},
		{"Enqueued", formatTime(job.CreatedAt)},
		{"Started", whenSet(job.StartedAt)},
		{"Finished", whenSet(job.FinishedAt)},
		{"Asked to stop", whenSet(job.CancelAskedAt)},
		{"Waits for limit", valueOf(job.Limit)},
		{"Worker", job.Worker},
		{"Schedule", job.Schedule},
		{"Batch", valueOf(job.BatchID)},
		{"Chain", valueOf(job.ChainID)},
	} {
		if fact[1] != "" {
			rows = append(rows, []string{fact[0], plain(fact[1])})
		}
	}
	if err := writeTable(w, []string{"Id", job.ID}, rows); err != nil {
		return err
	}
	arguments := string(job.Arguments)
	switch {
	case job.Encrypted:
		arguments = "They are encrypted."
	case arguments == "null":
		arguments = "They cannot be shown because they are not JSON."
	}
	if string(job.Result) == "null" {
		job.Result = nil
	}
	for _, part := range [][2]string{
		{"Error", job.Error}, {"Stack", job.Stack}, {"Arguments", arguments}, {"Result", string(job.Result)},
	} {
		if part[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "\n%s:\n%s\n", part[0], block(part[1])); err != nil {
			return err
		}
	}
	return nil
}

func (p progress) String() string {
	if p.Total == 0 && p.Done == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", p.Done, p.Total)
}

func whenSet(t *time.Time) string {
	if t == nil {
		return ""
	}
	return formatTime(t.UTC())
}

func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
