package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	covetmodels "github.com/covetgo/covet/models"
)

// newServer makes the asynq server that works jobs under ctx, whose end cancels them.
func (c *Client) newServer(ctx context.Context) *asynq.Server {
	check := checkInterval
	if !c.Shared() {
		check = embeddedCheckInterval
	}
	return asynq.NewServerFromRedisClient(c.redis.Client(), asynq.Config{
		Concurrency:              c.cfg.Concurrency,
		Queues:                   c.workedQueues(),
		StrictPriority:           c.cfg.StrictPriority,
		TaskCheckInterval:        check,
		DelayedTaskCheckInterval: time.Second,
		// The shutdown cancels the jobs itself when their time is up; asynq only waits for them.
		ShutdownTimeout: c.cfg.ShutdownTimeout + time.Minute,
		RetryDelayFunc:  retryDelay,
		IsFailure:       isFailure,
		BaseContext:     func() context.Context { return ctx },
		Logger:          asynqLog{c.log},
	})
}

// handle runs the job that a task delivers. Its context is ctx, not that of asynq: asynq gives a job up when it cannot
// reach Redis for some time, which is no reason to stop it, because the row says whose it is.
func (c *Client) handle(ctx, taskCtx context.Context, task *asynq.Task) error {
	d, isRow, err := received(taskCtx, task)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !isRow {
		return c.runDirect(ctx, d)
	}
	_, err = c.run(ctx, d)
	return err
}

// runDirect runs a job that has no row. Whatever becomes of it, it is not run again.
func (c *Client) runDirect(ctx context.Context, d delivery) error {
	log := c.jobLog(d)
	err := c.performDirect(ctx, d)
	if err != nil {
		log.ErrorContext(ctx, "direct job failed", "error", err)
		return fmt.Errorf("%w: %w", asynq.SkipRetry, err)
	}
	log.InfoContext(ctx, "direct job done")
	return nil
}

func (c *Client) performDirect(ctx context.Context, d delivery) error {
	e, known := c.registry.kind(d.kind)
	if !known {
		return errUnknownKind
	}
	job, err := e.decode(d.payload)
	if err != nil {
		return err
	}
	return c.perform(ctx, d, job, c.jobLog(d))
}

// workedQueues returns the queues of the configuration or else those of all registered jobs, with their weights.
func (c *Client) workedQueues() map[string]int {
	if len(c.cfg.Queues) > 0 {
		return c.cfg.Queues
	}
	queues := map[string]int{}
	for _, name := range c.registry.queues() {
		queues[name] = 1
	}
	return queues
}

// warnUnworked says which registered jobs are in queues that this process does not work.
func (c *Client) warnUnworked(ctx context.Context) {
	worked := c.workedQueues()
	for _, name := range c.registry.queues() {
		if _, ok := worked[name]; !ok && name != DefaultQueue {
			c.log.WarnContext(ctx, "this process does not work a queue that its jobs use", "queue", name,
				"add_to", "jobs.queues")
		}
	}
}

// warnUnknownQueue says that a job has been sent to a queue that no job declares, while workers take their queues from
// the jobs. The usual reason is a misspelt name.
func (c *Client) warnUnknownQueue(ctx context.Context, row *covetmodels.OutboxRow) {
	if len(c.cfg.Queues) > 0 || slices.Contains(c.registry.queues(), row.Queue) {
		return
	}
	c.log.WarnContext(ctx, "job is in a queue that no worker works; name it in jobs.queues",
		"queue", row.Queue, "job_kind", row.Kind, "job_id", row.ID)
}
