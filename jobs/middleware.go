package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Handler runs a job. [Info] returns its run and [Logger] its logger.
type Handler func(ctx context.Context) error

// Middleware wraps the runs of all jobs: it may call next, and returns its error or another one. A panic in next passes
// through it and becomes an error outside of all middleware.
type Middleware func(next Handler) Handler

// Use adds middleware to all jobs of c. The first one is the outermost. Call it before [Client.Start].
func (c *Client) Use(middleware ...Middleware) {
	c.registry.middleware = append(c.registry.middleware, middleware...)
}

// wrapped wraps the work of a job in the middleware.
func (r *registry) wrapped(work Handler) Handler {
	for i := len(r.middleware) - 1; i >= 0; i-- {
		work = r.middleware[i](work)
	}
	return work
}

// Observe returns middleware that calls observe after each run, with the run, its duration and its error. It is
// intended for metrics.
func Observe(observe func(ctx context.Context, job Execution, took time.Duration, err error)) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context) error {
			job, _ := Info(ctx)
			begun := time.Now()
			err := next(ctx)
			observe(ctx, job, time.Since(begun), err)
			return err
		}
	}
}

// carried is a value that travels from the context in which a job is enqueued to the context in which it runs.
type carried struct {
	name string
	from func(context.Context) string
	into func(context.Context, string) context.Context
}

// maxCarried is the maximum size of a carried value, in bytes.
const maxCarried = 1 << 10

// Carry copies a value from the context of Enqueue to the context of Work, such as the id of a request or of a trace:
//
//	client.Carry("request_id", middleware.RequestID, middleware.WithRequestID)
//
// Call it before [Client.Start]. Empty values and values of more than a kilobyte are not copied.
func (c *Client) Carry(
	name string, from func(ctx context.Context) string, into func(ctx context.Context, value string) context.Context,
) {
	c.registry.carried = append(c.registry.carried, carried{name, from, into})
}

// meta returns the carried values as JSON; empty if there are none.
func (r *registry) meta(ctx context.Context) (string, error) {
	var values map[string]string
	for _, one := range r.carried {
		if value := one.from(ctx); value != "" && len(value) <= maxCarried && job.IsStorable(value) {
			if values == nil {
				values = map[string]string{}
			}
			values[one.name] = value
		}
	}
	if len(values) == 0 {
		return "", nil
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("encoding the values carried with the job: %w", err)
	}
	return string(text), nil
}

// withMeta adds the carried values to the context of a job.
func (r *registry) withMeta(ctx context.Context, meta string) context.Context {
	if meta == "" {
		return ctx
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(meta), &values); err != nil {
		r.log.WarnContext(ctx, "invalid context values of a job", "error", err)
	}
	for _, one := range r.carried {
		if value := values[one.name]; value != "" {
			ctx = one.into(ctx, value)
		}
	}
	return ctx
}
