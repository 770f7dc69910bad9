package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/relay"
	"github.com/covetgo/covet/jobs/internal/worker"
)

// Roles says what a process does besides enqueuing jobs.
type Roles struct {
	// Work runs jobs and fires schedules. Without it the process only relays the jobs that it or another process
	// enqueued.
	Work bool
	// Queues limits the queues that this process takes jobs from. Defaults to those of Config.Queues.
	Queues []string
	// Concurrency is the number of jobs that run at the same time. Defaults to Config.Concurrency.
	Concurrency int
}

func (r Roles) check() error {
	var errs []error
	for _, name := range r.Queues {
		errs = append(errs, ValidateQueue(name))
	}
	if r.Concurrency < 0 {
		errs = append(errs, fmt.Errorf("concurrency %d: expected at least 1, or 0 for Config.Concurrency",
			r.Concurrency))
	}
	return errors.Join(errs...)
}

// running holds what Start started.
type running struct {
	stopLoops context.CancelFunc
	loops     sync.WaitGroup
	// releaseQueue releases the embedded queue or its guard; nil on a separate Redis server.
	releaseQueue func(ctx context.Context)
}

// Start relays jobs and, with roles.Work, runs them and fires schedules, in goroutines that outlive ctx and end with
// [Client.Stop]. It returns all faults of configuration and registration at once, and then starts nothing. Starting
// twice is not an error.
//
// On the embedded Redis, a process that does not work has no other process to relay to, and Start does nothing. One
// that works takes the database lock "queue", or returns [ErrQueueInUse].
func (c *Client) Start(ctx context.Context, roles Roles) error {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	if c.running != nil {
		return nil
	}
	if err := errors.Join(c.Check(), roles.check()); err != nil {
		return err
	}
	if !c.Shared() && !roles.Work {
		return nil
	}
	r := &running{}
	if !c.Shared() {
		release, err := relay.Own(ctx, c.db, c.log)
		if err != nil {
			return fmt.Errorf("starting jobs on the embedded Redis: %w", err)
		}
		r.releaseQueue = release
	}
	if err := c.startWork(ctx, roles); err != nil {
		if r.releaseQueue != nil {
			r.releaseQueue(ctx)
		}
		return err
	}
	c.startLoops(ctx, r, roles)
	if c.redis.Joined() {
		r.releaseQueue = relay.Guard(ctx, c.db, c.log)
	}
	c.running = r
	c.log.InfoContext(ctx, "jobs started", "work", roles.Work, "redis", c.redis.Address())
	return nil
}

func (c *Client) startWork(ctx context.Context, roles Roles) error {
	if !c.Shared() {
		if err := c.relay.TakeOver(ctx); err != nil {
			return fmt.Errorf("starting jobs: %w", err)
		}
	}
	if err := c.relay.ApplyPaused(ctx); err != nil && roles.Work {
		return fmt.Errorf("starting jobs: %w", err)
	}
	if !roles.Work {
		return nil
	}
	err := c.worker.Start(ctx, worker.StartWorkParams{
		Concurrency: c.concurrency(roles), Queues: c.workedQueues(roles), Priorities: c.registry.priorities(),
		Strict: c.cfg.StrictPriority,
	})
	if err == nil {
		c.warnUnworked(ctx, roles)
	}
	return err
}

func (c *Client) startLoops(ctx context.Context, r *running, roles Roles) {
	loops, stop := context.WithCancel(database.Background(context.WithoutCancel(ctx)))
	r.stopLoops = stop
	c.relay.Begin()
	c.heartbeat.Begin()
	c.waker.SetRelaying(true)
	r.loops.Go(func() { c.relay.Run(loops) })
	if c.store.Notifies() {
		r.loops.Go(func() { c.waker.Listen(loops, c.cfg.PollInterval) })
	}
	r.loops.Go(func() { c.pruner.Run(loops) })
	alive := worker.HeartbeatParams{Works: roles.Work}
	if roles.Work {
		alive.Queues, alive.Concurrency = c.workedQueues(roles), c.concurrency(roles)
		r.loops.Go(func() { c.scheduler.Run(loops) })
	}
	r.loops.Go(func() { c.heartbeat.Run(loops, alive) })
}

// Stop stops what Start started and waits for it. Running jobs may finish until Config.ShutdownTimeout has passed or
// ctx ends. Then their context is cancelled, and those that fail because of it return to the queue. Stopping twice, or
// before a start, is not an error.
func (c *Client) Stop(ctx context.Context) error {
	c.lifecycle.Lock()
	defer c.lifecycle.Unlock()
	r := c.running
	if r == nil {
		return nil
	}
	c.running = nil
	r.stopLoops()
	r.loops.Wait()
	c.waker.SetRelaying(false)
	c.heartbeat.Stopping(ctx)
	err := c.worker.Stop(ctx)
	c.heartbeat.Stopped(ctx)
	if r.releaseQueue != nil {
		r.releaseQueue(ctx)
	}
	return err
}

// workedQueues returns the queues that this process takes jobs from, with their weights: those of roles, else those of
// the configuration, else those of all registered jobs.
func (c *Client) workedQueues(roles Roles) map[string]int {
	configured := c.cfg.Queues
	if len(configured) == 0 {
		configured = map[string]int{}
		for _, name := range c.registry.Queues() {
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

// warnUnworked logs a warning for each queue that registered jobs use and this process does not serve.
func (c *Client) warnUnworked(ctx context.Context, roles Roles) {
	if len(roles.Queues) > 0 {
		return // chosen for this process: others serve the rest
	}
	worked := c.workedQueues(roles)
	for _, name := range c.registry.Queues() {
		if _, ok := worked[name]; !ok && name != DefaultQueue {
			c.log.WarnContext(ctx, "queue of a registered job is not served by this process", "queue", name,
				"add_to", "jobs.queues")
		}
	}
}

// warnUnknownQueue logs a warning for a job in a queue that no job declares and the configuration does not name, so
// that no worker takes it. Usually the name is misspelt.
func (c *Client) warnUnknownQueue(ctx context.Context, queue, kind, id string) {
	if _, configured := c.cfg.Queues[queue]; configured || c.registry.hasQueue(queue) {
		return
	}
	c.log.WarnContext(ctx, "job enqueued to an unknown queue, which no worker serves; add it to jobs.queues",
		"queue", queue, "declared", strings.Join(c.registry.Queues(), ", "), "job_kind", kind, "job_id", id)
}
