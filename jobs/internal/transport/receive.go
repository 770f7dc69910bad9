package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/jobs/internal/job"
)

// The average time until an idle worker polls Redis again. Frequent polls of a server keep the time from commit to
// start short; in a process with an embedded Redis, the CPU of an idle laptop matters more.
const (
	checkInterval         = 50 * time.Millisecond
	embeddedCheckInterval = 100 * time.Millisecond
)

// receiver fetches deliveries until it is stopped.
type receiver struct {
	server  *asynq.Server
	fetches *fetches
}

// Receive starts to fetch deliveries. The context of handlers is ctx and not asynq's: asynq abandons a job when it
// cannot reach Redis for some time, which is no reason to stop the job, because the row says who holds it.
func (a *Asynq) Receive(ctx context.Context, p job.ReceiveParams) (job.Receiver, error) {
	check := checkInterval
	if a.redis.Embedded() {
		check = embeddedCheckInterval
	}
	r := &receiver{fetches: &fetches{places: p.Concurrency}}
	r.server = asynq.NewServerFromRedisClient(watchedRedis{a.redis.Client(), r.fetches}, asynq.Config{
		Concurrency:              p.Concurrency,
		Queues:                   lanesServed(p.Queues, p.Priorities, p.Strict),
		StrictPriority:           p.Strict,
		TaskCheckInterval:        check,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          p.StopTimeout,
		RetryDelayFunc:           retryDelay,
		IsFailure:                isFailure,
		BaseContext:              func() context.Context { return ctx },
		Logger:                   asynqLog{a.log},
	})
	err := r.server.Start(asynq.HandlerFunc(func(taskCtx context.Context, task *asynq.Task) error {
		defer r.fetches.begin()()
		d, err := deliveryOf(taskCtx, task)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := p.Handle(ctx, d); err != nil {
			if d.Direct {
				return fmt.Errorf("%w: %w", asynq.SkipRetry, err)
			}
			return err
		}
		return nil
	}))
	if err != nil {
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	return r, nil
}

// Stop stops fetching, waits for handlers, and returns to Redis what did not finish.
func (r *receiver) Stop() {
	r.fetches.end()
	r.server.Shutdown()
}

// Stuck reports whether nothing has been fetched for too long although deliveries could have been.
func (r *receiver) Stuck(at time.Time) bool { return r.fetches.stuck(at) }

// retryDelay delays tasks that could not be started, and tasks that asynq took from a lost worker.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	base := time.Second
	if errors.Is(err, job.ErrForeign) {
		base = 10 * time.Second
	}
	return base + rand.N(base)
}

// isFailure says which errors asynq counts: losing a worker or the database is not a failure of the job.
func isFailure(err error) bool { return errors.Is(err, job.ErrForeign) }

// asynqLog logs messages of asynq at the debug level. The relay reports an outage of Redis once, the worker logs failed
// jobs, and what asynq could not write to Redis is delivered again.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) write(args []any) {
	l.log.LogAttrs(context.Background(), slog.LevelDebug, "asynq", slog.String("message", fmt.Sprint(args...)))
}

func (l asynqLog) Debug(args ...any) { l.write(args) }
func (l asynqLog) Info(args ...any)  { l.write(args) }
func (l asynqLog) Warn(args ...any)  { l.write(args) }
func (l asynqLog) Error(args ...any) { l.write(args) }
func (l asynqLog) Fatal(args ...any) { l.write(args) }
