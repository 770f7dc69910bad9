package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// Info describes the run of a job. Package jobs documents its fields.
type Info struct {
	ID          string
	Kind, Queue string
	Attempt     int
	Batch       string
}

// Execution is the run of a job, in its context.
type Execution struct {
	Info Info
	Log  *slog.Logger
	save func(ctx context.Context, p store.Progress) error // nil for a job without a row

	mu       sync.Mutex
	progress store.Progress
	saved    time.Time // time of the last write
	result   string
}

type executionKey struct{}

// FromContext returns the run that ctx belongs to; nil outside of jobs.
func FromContext(ctx context.Context) *Execution {
	e, _ := ctx.Value(executionKey{}).(*Execution)
	return e
}

func newExecution(log *slog.Logger, d job.Delivery) *Execution {
	return &Execution{
		Info: Info{ID: d.ID, Kind: d.Kind, Queue: d.Queue, Attempt: d.Attempts + 1, Batch: d.Batch},
		Log:  job.Log(log, d), saved: time.Now(),
	}
}

// progressInterval is the minimum time between two writes of progress. The last progress is written with the end of the
// run.
const progressInterval = 500 * time.Millisecond

// SetProgress records that done of total units of the work are done.
func (e *Execution) SetProgress(ctx context.Context, done, total int64) {
	if e.save == nil {
		return
	}
	p := store.Progress{Done: max(done, 0), Total: max(total, 0)}
	e.mu.Lock()
	e.progress = p
	write := time.Since(e.saved) >= progressInterval
	if write {
		e.saved = time.Now()
	}
	e.mu.Unlock()
	if !write {
		return
	}
	if err := e.save(ctx, p); err != nil && ctx.Err() == nil {
		e.Log.DebugContext(ctx, "storing the progress of a job failed", "error", err)
	}
}

// SetResult keeps a value as JSON, which is stored with the success of the run.
func (e *Execution) SetResult(value any) error {
	text, err := json.Marshal(value)
	if err == nil && len(text) > job.MaxPayload {
		err = job.ErrPayloadTooLarge
	}
	if err != nil {
		return fmt.Errorf("setting the result of a job: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.result = string(text)
	return nil
}

// report returns the progress and the result so far.
func (e *Execution) report() (store.Progress, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.progress, e.result
}

// ErrNoExecution is returned for a result that is set outside of jobs.
var ErrNoExecution = errors.New("setting the result of a job: the context does not belong to a job")
