package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"
)

// Progress is how far a job has come.
type Progress struct {
	// State is where it stands.
	State State
	// Done of Total units of its work are done, by its own account; both are 0 if it gives none.
	Done, Total int64
	// Error is that of its latest failed attempt, or why it waits; empty if there is none.
	Error string
}

// Progress returns how far a job has come, or [ErrNoJob].
func (c *Client) Progress(ctx context.Context, id string) (Progress, error) {
	row, err := c.store.row(ctx, id, "state", "progress_done", "progress_total", "last_error")
	if err != nil {
		return Progress{}, fmt.Errorf("looking for job %s: %w", id, err)
	}
	return Progress{State: row.State, Done: row.ProgressDone, Total: row.ProgressTotal, Error: row.LastError}, nil
}

// Result returns what a job left behind with [SetResult], for as long as its row is kept; the zero value if it left
// nothing. [ErrNotDone] is returned for a job that has not succeeded, and [ErrNoJob] for one that does not exist.
func Result[T any](ctx context.Context, c *Client, id string) (T, error) {
	var value T
	row, err := c.store.row(ctx, id, "state", "result")
	if err == nil && row.State != Done {
		err = fmt.Errorf("it is %s: %w", row.State, ErrNotDone)
	}
	if err == nil && row.Result != "" {
		err = json.Unmarshal([]byte(row.Result), &value)
	}
	if err != nil {
		return value, fmt.Errorf("reading the result of job %s: %w", id, err)
	}
	return value, nil
}

// saveProgress writes the progress of a run that still has its row.
func (s store) saveProgress(ctx context.Context, d delivery, holder string, done, total int64) error {
	return s.running(ctx, d, holder).Updates(map[string]any{"progress_done": done, "progress_total": total}).Error
}

// running narrows to the row of a run.
func (s store) running(ctx context.Context, d delivery, holder string) *gorm.DB {
	return s.rows(ctx).Where("id = ? AND delivery = ? AND holder = ? AND state = ?", d.id, d.number, holder, Running)
}
