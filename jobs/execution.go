package jobs

import (
	"context"
	"log/slog"

	"github.com/covetgo/covet/jobs/internal/worker"
)

// Execution describes the current run of a job, for the job itself.
type Execution struct {
	// ID is the id that Enqueue returned.
	ID string
	// Kind and Queue are the kind and the queue of the job.
	Kind, Queue string
	// Attempt is 1 in the first run and increases by one after each failed run.
	Attempt int
	// Batch is the id of the batch that the job is a member or the callback of; empty if there is none.
	Batch string
}

// Info returns the run that ctx belongs to. It returns false outside of jobs.
func Info(ctx context.Context) (Execution, bool) {
	if e := worker.FromContext(ctx); e != nil {
		return Execution(e.Info), true
	}
	return Execution{}, false
}

// Logger returns the logger of the job that ctx belongs to, which adds job_id, job_kind, job_queue and job_attempt to
// each record. Outside of jobs it returns a logger that discards all records.
func Logger(ctx context.Context) *slog.Logger {
	if e := worker.FromContext(ctx); e != nil {
		return e.Log
	}
	return slog.New(slog.DiscardHandler)
}

// SetProgress reports that done of total units of the job's work are done. It may be called at any rate: progress is
// written at most twice a second, and at the end of the run. It does nothing outside of jobs and in direct jobs.
func SetProgress(ctx context.Context, done, total int64) {
	if e := worker.FromContext(ctx); e != nil {
		e.SetProgress(ctx, done, total)
	}
}

// SetResult stores the result of the job, as JSON of at most [MaxPayload] bytes; [Result] reads it. It is written
// together with the success of the run, so a failed run leaves none. Outside of jobs SetResult returns an error. In
// direct jobs it does nothing, because they have no row.
func SetResult(ctx context.Context, value any) error {
	e := worker.FromContext(ctx)
	if e == nil {
		return worker.ErrNoExecution
	}
	return e.SetResult(value)
}
