package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
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

type executionKey struct{}

// execution is what the context of a job carries.
type execution struct {
	info Execution
	log  *slog.Logger
	save func(ctx context.Context, done, total int64) error // nil for a job without a row

	mu          sync.Mutex
	done, total int64
	saved       time.Time // when progress was last written
	result      string
}

func executionOf(ctx context.Context) *execution {
	e, _ := ctx.Value(executionKey{}).(*execution)
	return e
}

// Info returns which job ctx belongs to; false outside of jobs.
func Info(ctx context.Context) (Execution, bool) {
	if e := executionOf(ctx); e != nil {
		return e.info, true
	}
	return Execution{}, false
}

// Logger returns the logger of the job that ctx belongs to, which adds job_id, job_kind, job_queue and job_attempt to
// each record; outside of jobs it returns one that discards.
func Logger(ctx context.Context) *slog.Logger {
	if e := executionOf(ctx); e != nil {
		return e.log
	}
	return slog.New(slog.DiscardHandler)
}

// progressInterval is how often progress is written at most; the last one always is, with the end of the job.
const progressInterval = 500 * time.Millisecond

// SetProgress says that done of total units of the job's work are done. It may be called as often as there is something
// to say: it writes twice a second at most, and with the end of the run. Outside of jobs, and in direct ones, it does
// nothing.
func SetProgress(ctx context.Context, done, total int64) {
	e := executionOf(ctx)
	if e == nil || e.save == nil {
		return
	}
	e.mu.Lock()
	done, total = max(done, 0), max(total, 0)
	e.done, e.total = done, total
	write := time.Since(e.saved) >= progressInterval
	if write {
		e.saved = time.Now()
	}
	e.mu.Unlock()
	if !write {
		return
	}
	if err := e.save(ctx, done, total); err != nil && ctx.Err() == nil {
		e.log.DebugContext(ctx, "the progress of the job could not be stored", "error", err)
	}
}

// SetResult leaves a value behind, as JSON of at most [MaxPayload] bytes, to be read with [Result]. It is stored together
// with the success of the run; one that fails leaves nothing. Outside of jobs it returns an error; in direct ones it does
// nothing, because they have no row.
func SetResult(ctx context.Context, value any) error {
	e := executionOf(ctx)
	if e == nil {
		return errors.New("setting the result of a job: the context belongs to none")
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("setting the result of a job: %w", err)
	}
	if len(text) > MaxPayload {
		return fmt.Errorf("setting the result of a job: %w", ErrPayloadTooLarge)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result = string(text)
	return nil
}

// remains adds to values what the run says of itself.
func (e *execution) remains(values map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.total != 0 || e.done != 0 {
		values["progress_done"], values["progress_total"] = e.done, e.total
	}
	if values["state"] == Done && e.result != "" {
		values["result"] = e.result
	}
}
