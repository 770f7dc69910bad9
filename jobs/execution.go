package jobs

import (
	"context"
	"log/slog"

	"github.com/covetgo/covet/jobs/internal/worker"
)

// Execution describes the run of a job, to the job itself.
type Execution struct {
	// ID is the id that Enqueue returned.
	ID string
	// Kind and Queue are those of the job.
	Kind, Queue string
	// Attempt is 1 in the first run, and one more after each that failed.
	Attempt int
	// Batch is the batch that the job is in, or that it is the callback of; empty if there is none.
	Batch string
}

// Info returns which job ctx belongs to; false outside of jobs.
func Info(ctx context.Context) (Execution, bool) {
	if e := worker.FromContext(ctx); e != nil {
		return Execution(e.Info), true
	}
	return Execution{}, false
}

// Logger returns the logger of the job that ctx belongs to, which adds job_id, job_kind, job_queue and job_attempt to
// each record; outside of jobs it returns one that discards.
func Logger(ctx context.Context) *slog.Logger {
	if e := worker.FromContext(ctx); e != nil {
		return e.Log
	}
	return slog.New(slog.DiscardHandler)
}

// SetProgress reports that done of total units of the job's work are done. It may be called as often as there is
// progress: it writes twice a second at most, and with the end of the run. Outside of jobs, and in direct ones, it
// does nothing.
func SetProgress(ctx context.Context, done, total int64) {
	if e := worker.FromContext(ctx); e != nil {
		e.SetProgress(ctx, done, total)
	}
}

// SetResult leaves a value behind, as JSON of at most [MaxPayload] bytes, to be read with [Result]. It is stored
// together with the success of the run; one that fails leaves nothing. Outside of jobs it returns an error; in direct
// ones it does nothing, because they have no row.
func SetResult(ctx context.Context, value any) error {
	e := worker.FromContext(ctx)
	if e == nil {
		return worker.ErrNoExecution
	}
	return e.SetResult(value)
}
