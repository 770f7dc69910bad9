package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Handler runs a job; [Info] tells which, and [Logger] logs in its name.
type Handler func(ctx context.Context) error

// Middleware does something around the runs of all jobs: it calls next, or does not, and returns its error, or another.
// A panic below it passes through it; around all middleware it becomes an error.
type Middleware func(next Handler) Handler

// Use adds middleware to all jobs of c, the first outermost. It is called before [Client.Start].
func (c *Client) Use(middleware ...Middleware) { c.middleware = append(c.middleware, middleware...) }

// wrapped puts the middleware around the work of a job.
func (c *Client) wrapped(work Handler) Handler {
	for i := len(c.middleware) - 1; i >= 0; i-- {
		work = c.middleware[i](work)
	}
	return work
}

// Observe returns middleware that tells a function about each run: which one, how long it took, and its error. It is
// meant for metrics.
func Observe(tell func(ctx context.Context, job Execution, took time.Duration, err error)) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context) error {
			job, _ := Info(ctx)
			begun := time.Now()
			err := next(ctx)
			tell(ctx, job, time.Since(begun), err)
			return err
		}
	}
}

// carried is a value that goes along from where a job is enqueued to where it runs.
type carried struct {
	name string
	from func(context.Context) string
	into func(context.Context, string) context.Context
}

// maxCarried bounds what goes along with a job, in bytes for each value.
const maxCarried = 1 << 10

// Carry takes a value along from the context of Enqueue to that of Work, such as the id of a request or of a trace:
//
//	client.Carry("request_id", middleware.RequestID, middleware.WithRequestID)
//
// It is called before [Client.Start]. Empty values, and those of more than a kilobyte, are not taken along.
func (c *Client) Carry(
	name string, from func(ctx context.Context) string, into func(ctx context.Context, value string) context.Context,
) {
	c.carried = append(c.carried, carried{name, from, into})
}

// meta collects what goes along; empty if nothing does.
func (c *Client) meta(ctx context.Context) (string, error) {
	var values map[string]string
	for _, one := range c.carried {
		if value := one.from(ctx); value != "" && len(value) <= maxCarried && storableText(value) {
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
		return "", fmt.Errorf("encoding what goes along with the job: %w", err)
	}
	return string(text), nil
}

// withMeta puts what went along into the context of the job.
func (c *Client) withMeta(ctx context.Context, meta string) context.Context {
	if meta == "" {
		return ctx
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(meta), &values); err != nil {
		c.log.WarnContext(ctx, "what went along with a job cannot be read", "error", err)
	}
	for _, one := range c.carried {
		if value := values[one.name]; value != "" {
			ctx = one.into(ctx, value)
		}
	}
	return ctx
}
