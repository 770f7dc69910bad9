package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/hibiken/asynq"

	covetmodels "github.com/covetgo/covet/models"
)

// Headers of a task that delivers a row. A task without them was enqueued directly.
const (
	headerRow      = "covet-row"
	headerDelivery = "covet-delivery"
	headerAttempts = "covet-attempts"
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
	embeddedCheckInterval = 150 * time.Millisecond
)

// delivery is one row on its way to a worker. Its number tells it from earlier ones of the same row.
type delivery struct {
	id       string
	kind     string
	queue    string
	payload  []byte
	number   int
	attempts int // failed so far
}

func deliveryOf(row *covetmodels.OutboxRow) delivery {
	return delivery{
		id: row.ID, kind: row.Kind, queue: row.Queue, payload: []byte(row.Payload),
		number: row.Delivery, attempts: row.Attempts,
	}
}

// send hands the delivery to asynq. That it is there already is success.
func (d delivery) send(ctx context.Context, queue *asynq.Client) error {
	task := asynq.NewTaskWithHeaders(d.kind, d.payload, map[string]string{
		headerRow:      d.id,
		headerDelivery: strconv.Itoa(d.number),
		headerAttempts: strconv.Itoa(d.attempts),
	})
	_, err := queue.EnqueueContext(ctx, task, asynq.TaskID(taskID(d.id, d.number)),
		asynq.Queue(d.queue), asynq.MaxRetry(taskRetries), noTimeout)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// received reads a delivery back from the task; false if the task was enqueued directly.
func received(ctx context.Context, task *asynq.Task) (delivery, bool, error) {
	id, _ := asynq.GetTaskID(ctx)
	queue, _ := asynq.GetQueueName(ctx)
	d := delivery{id: id, kind: task.Type(), queue: queue, payload: task.Payload()}
	headers := task.Headers()
	row, ok := headers[headerRow]
	if !ok {
		return d, false, nil
	}
	d.id = row
	var err1, err2 error
	d.number, err1 = strconv.Atoi(headers[headerDelivery])
	d.attempts, err2 = strconv.Atoi(headers[headerAttempts])
	if err := errors.Join(err1, err2); err != nil {
		return d, true, fmt.Errorf("reading the headers of task %s: %w", id, err)
	}
	return d, true, nil
}

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
