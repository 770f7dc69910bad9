package jobs

import (
	"context"
	"time"

	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// What follows has moved to package inspect.

type (
	Filter       = inspect.Filter
	Page         = inspect.Page
	QueueCounts  = inspect.QueueCounts
	Worker       = inspect.Worker
	Stat         = inspect.Stat
	StatsQuery   = inspect.StatsQuery
	Latency      = inspect.Latency
	ScheduleInfo = inspect.ScheduleInfo
	Progress     = inspect.Progress
	Problems     = inspect.Problems
)

const MaxBulk = inspect.MaxBulk

var (
	ErrNotEnded  = job.ErrNotEnded
	ErrRunning   = job.ErrRunning
	ErrCursor    = job.ErrCursor
	ErrDuplicate = job.ErrDuplicate
)

func (c *Client) Count(ctx context.Context) (map[State]int, error) { return c.inspector.Count(ctx) }
func (c *Client) CountAll(ctx context.Context, f Filter, most int) (int, error) {
	return c.inspector.CountAll(ctx, f, most)
}

func (c *Client) Queues(ctx context.Context) ([]QueueCounts, error) { return c.inspector.Queues(ctx) }
func (c *Client) Kinds() []string                                   { return c.inspector.Kinds() }
func (c *Client) DeclaredQueues() []string                          { return c.inspector.DeclaredQueues() }

func (c *Client) Rows(ctx context.Context, f Filter, cursor string, limit int) (Page, error) {
	return c.inspector.Rows(ctx, f, cursor, limit)
}

func (c *Client) Row(ctx context.Context, id string) (covetmodels.OutboxRow, error) {
	return c.inspector.Row(ctx, id)
}
func (c *Client) Retry(ctx context.Context, id string) error  { return c.inspector.Retry(ctx, id) }
func (c *Client) Delete(ctx context.Context, id string) error { return c.inspector.Delete(ctx, id) }
func (c *Client) RetryAll(ctx context.Context, f Filter) (int, error) {
	return c.inspector.RetryAll(ctx, f)
}

func (c *Client) CancelAll(ctx context.Context, f Filter) (int, error) {
	return c.inspector.CancelAll(ctx, f)
}

func (c *Client) DeleteAll(ctx context.Context, f Filter) (int, error) {
	return c.inspector.DeleteAll(ctx, f)
}

func (c *Client) Pause(ctx context.Context, queue string) error { return c.inspector.Pause(ctx, queue) }

func (c *Client) Resume(ctx context.Context, queue string) error {
	return c.inspector.Resume(ctx, queue)
}

func (c *Client) Paused(ctx context.Context) (map[string]time.Time, error) {
	return c.inspector.Paused(ctx)
}

func (c *Client) Progress(ctx context.Context, id string) (Progress, error) {
	return c.inspector.Progress(ctx, id)
}

func (c *Client) Problems(ctx context.Context) (*Problems, error) { return c.inspector.Problems(ctx) }

func (c *Client) Workers(ctx context.Context) ([]Worker, error) { return c.inspector.Workers(ctx) }

func (c *Client) Stats(ctx context.Context, q StatsQuery) ([]Stat, error) {
	return c.inspector.Stats(ctx, q)
}

func (c *Client) Schedules(ctx context.Context, n int) ([]ScheduleInfo, error) {
	return c.inspector.Schedules(ctx, n)
}
func (c *Client) Arguments(row *covetmodels.OutboxRow) string { return c.inspector.Arguments(row) }
func (c *Client) Outcome(row *covetmodels.OutboxRow) string   { return c.inspector.Outcome(row) }
