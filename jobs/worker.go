package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"
)

// newServer makes the asynq server that works jobs under ctx, whose end cancels them.
func (c *Client) newServer(ctx context.Context, roles Roles) *asynq.Server {
	check := checkInterval
	if !c.Shared() {
		check = embeddedCheckInterval
	}
	fetches := &fetches{places: c.concurrency(roles)}
	c.fetching.Store(fetches)
	return asynq.NewServerFromRedisClient(watched{c.redis.Client(), fetches}, asynq.Config{
		Concurrency:              fetches.places,
		Queues:                   c.workedLanes(roles),
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
	_, err = c.run(ctx, d, true)
	return err
}

// runDirect runs a job that has no row. Whatever becomes of it, it is not run again, unless it asks for that with Snooze.
func (c *Client) runDirect(ctx context.Context, d delivery) error {
	e := c.execution(d)
	begun := time.Now()
	err := c.performDirect(ctx, e, d)
	took := time.Since(begun)
	if delay, ok := snoozed(err); ok {
		e.log.DebugContext(ctx, "direct job waits", "again_in", delay)
		err = c.sendLater(ctx, d, delay)
		if err == nil {
			return nil
		}
	}
	end := Done
	if err != nil {
		end = Dead
	}
	c.stats.count(c.now(), d.queue, end, took, -1)
	if err != nil {
		e.log.ErrorContext(ctx, "direct job failed", "error", err)
		return fmt.Errorf("%w: %w", asynq.SkipRetry, err)
	}
	e.log.InfoContext(ctx, "direct job done")
	return nil
}

// sendLater hands a direct job to Redis again, under another id: asynq would count an attempt, and there is only one.
func (c *Client) sendLater(ctx context.Context, d delivery, delay time.Duration) error {
	d.number++
	task := asynq.NewTaskWithHeaders(d.kind, d.payload, d.more())
	_, err := c.queue.Load().EnqueueContext(ctx, task, asynq.TaskID(d.id+directAgain+strconv.Itoa(d.number)),
		asynq.Queue(d.lane()), asynq.ProcessIn(delay), asynq.MaxRetry(0), noTimeout)
	if err != nil {
		return fmt.Errorf("sending direct job %s %s again: %w", d.kind, d.id, err)
	}
	return nil
}

// directAgain is between the id of a direct job and the number of times that it was sent again.
const directAgain = "~"

func (c *Client) performDirect(ctx context.Context, e *execution, d delivery) error {
	kind, known := c.registry.kind(d.kind)
	if !known {
		return errUnknownKind
	}
	job, err := c.decode(kind, d)
	if err != nil {
		return err
	}
	held, wait, err := c.admit(ctx, d, job.options)
	if err != nil {
		return err
	}
	if wait != nil {
		return Snooze(wait.time)
	}
	defer c.leavePlace(ctx, held)
	return c.perform(ctx, e, d, job)
}

// workedQueues returns the queues that this process works, with their weights: those of roles, or of the configuration,
// or else of all registered jobs.
func (c *Client) workedQueues(roles Roles) map[string]int {
	configured := c.cfg.Queues
	if len(configured) == 0 {
		configured = map[string]int{}
		for _, name := range c.registry.queues() {
			configured[name] = 1
		}
	}
	if len(roles.Queues) == 0 {
		return configured
	}
	chosen := map[string]int{}
	for _, name := range roles.Queues {
		chosen[name] = max(configured[name], 1)
	}
	return chosen
}

func (c *Client) concurrency(roles Roles) int {
	if roles.Concurrency > 0 {
		return roles.Concurrency
	}
	return c.cfg.Concurrency
}

// workedLanes returns the queues of asynq that this process works, with their weights.
func (c *Client) workedLanes(roles Roles) map[string]int {
	queues := c.workedQueues(roles)
	priorities := c.registry.priorities()
	if len(priorities) == 0 {
		return queues
	}
	weights := map[Priority]int{High: highWeight, Normal: normalWeight, Low: lowWeight}
	worked := map[string]int{}
	for name, weight := range queues {
		for _, p := range append(priorities, Normal) {
			if c.cfg.StrictPriority { // only the order counts then
				worked[lane(name, p)] = 3*weight + int(p)
			} else {
				worked[lane(name, p)] = weight * weights[p]
			}
		}
	}
	return worked
}

// warnUnworked says which registered jobs are in queues that this process does not work.
func (c *Client) warnUnworked(ctx context.Context, roles Roles) {
	if len(roles.Queues) > 0 {
		return // chosen for this process, so others are meant to work the rest
	}
	worked := c.workedQueues(roles)
	for _, name := range c.registry.queues() {
		if _, ok := worked[name]; !ok && name != DefaultQueue {
			c.log.WarnContext(ctx, "this process does not work a queue that its jobs use", "queue", name,
				"add_to", "jobs.queues")
		}
	}
}

// warnUnknownQueue says that a job has been sent to a queue that no job declares and the configuration does not name, where
// workers take their queues from. The usual reason is a misspelt name.
func (c *Client) warnUnknownQueue(ctx context.Context, queue, kind, id string) {
	if _, configured := c.cfg.Queues[queue]; configured || c.registry.hasQueue(queue) {
		return
	}
	c.log.WarnContext(ctx, "job is in a queue that no worker works, unless it is told to; name it in jobs.queues",
		"queue", queue, "declared", strings.Join(c.registry.queues(), ", "), "job_kind", kind, "job_id", id)
}
