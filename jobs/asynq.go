package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
)

// noTimeout is as good as none: timeouts are ours, because asynq frees the worker of a job that exceeds its own while
// the job goes on.
var noTimeout = asynq.Timeout(10 * 365 * 24 * time.Hour)

// taskRetries bounds only how often a task is delivered that belongs to no row here; nothing else counts as failure.
const taskRetries = 25

// How long an idle worker waits until it asks Redis again, on average. Asking a server more often keeps the time from
// commit to start low; in a process that carries its Redis along, the CPU of an idle laptop counts more.
const (
	checkInterval         = 50 * time.Millisecond
	embeddedCheckInterval = 100 * time.Millisecond
)

// retryDelay spaces the deliveries of a task that could not be started, or that asynq took from a lost worker.
func retryDelay(_ int, err error, _ *asynq.Task) time.Duration {
	base := time.Second
	if errors.Is(err, errForeign) {
		base = 10 * time.Second
	}
	return base + rand.N(base)
}

// isFailure tells asynq what to count: losing a worker or the database is no failure of the job.
func isFailure(err error) bool { return errors.Is(err, errForeign) }

// asynqLog passes what asynq says at the debug level: the relay reports that Redis is out of reach, once; failed jobs
// are logged by the runner; and what asynq could not write to Redis is delivered again.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) write(args []any) {
	l.log.LogAttrs(context.Background(), slog.LevelDebug, "asynq", slog.String("message", fmt.Sprint(args...)))
}

func (l asynqLog) Debug(args ...any) { l.write(args) }
func (l asynqLog) Info(args ...any)  { l.write(args) }
func (l asynqLog) Warn(args ...any)  { l.write(args) }
func (l asynqLog) Error(args ...any) { l.write(args) }
func (l asynqLog) Fatal(args ...any) { l.write(args) }
