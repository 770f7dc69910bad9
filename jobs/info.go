package jobs

import (
	"context"
	"log/slog"
)

// Execution describes the run of a job, to the job itself.
type Execution struct {
	// ID is the id that Enqueue returned.
	ID string
	// Kind and Queue are those of the job.
	Kind, Queue string
	// Attempt is 1 in the first run, and one more after each that failed.
	Attempt int
}

type executionKey struct{}

// execution is what the context of a job carries.
type execution struct {
	info Execution
	log  *slog.Logger
}

func withExecution(ctx context.Context, info Execution, log *slog.Logger) context.Context {
	return context.WithValue(ctx, executionKey{}, execution{info: info, log: log})
}

// Info returns which job ctx belongs to; false outside of jobs.
func Info(ctx context.Context) (Execution, bool) {
	e, ok := ctx.Value(executionKey{}).(execution)
	return e.info, ok
}

// Logger returns the logger of the job that ctx belongs to, which adds job_id, job_kind, job_queue and job_attempt to
// each record; outside of jobs it returns one that discards.
func Logger(ctx context.Context) *slog.Logger {
	if e, ok := ctx.Value(executionKey{}).(execution); ok {
		return e.log
	}
	return slog.New(slog.DiscardHandler)
}
