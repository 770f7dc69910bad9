package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	covetmodels "github.com/covetgo/covet/models"
)

// Headers of a task that delivers a row. A task without them was enqueued directly.
const (
	headerRow      = "covet-row"
	headerDelivery = "covet-delivery"
	headerAttempts = "covet-attempts"
	// headerMore holds the rest, as JSON, for jobs that have any.
	headerMore = "covet-more"
	// headerDue is the time when the job was due, in microseconds since 1970.
	headerDue = "covet-due"
)

// delivery is one row on its way to a worker. Its number tells it from earlier ones of the same row.
type delivery struct {
	id       string
	kind     string
	queue    string
	priority Priority
	payload  []byte
	number   int
	attempts int // failed so far
	due      time.Time
	extras
}

// extras are what most jobs have not.
type extras struct {
	Version int    `json:"v,omitempty"`
	Sealed  string `json:"s,omitempty"`
	Meta    string `json:"m,omitempty"`
	// Linked is true for members of chains and batches, whose end changes other rows.
	Linked bool   `json:"l,omitempty"`
	Batch  string `json:"b,omitempty"`
	// Fetch is true if the arguments are not carried along, but are in the row.
	Fetch bool `json:"f,omitempty"`
}

func deliveryOf(row *covetmodels.OutboxRow) delivery {
	d := delivery{
		id: row.ID, kind: row.Kind, queue: row.Queue, priority: Priority(row.Priority), payload: []byte(row.Payload),
		number: row.Delivery, attempts: row.Attempts, due: row.RunAt,
		extras: extras{
			Version: row.Version, Sealed: row.SealedWith, Meta: row.Meta, Linked: row.ChainID != nil || row.BatchID != nil,
		},
	}
	switch {
	case row.BatchID != nil:
		d.Batch = *row.BatchID
	case row.CallbackOf != nil:
		d.Batch = *row.CallbackOf
	}
	return d
}

// lane is the queue of asynq that the delivery goes to.
func (d delivery) lane() string { return lane(d.queue, d.priority) }

// more returns the header with the extras; nil if there are none.
func (d delivery) more() map[string]string {
	if d.extras == (extras{}) {
		return nil
	}
	text, err := json.Marshal(d.extras)
	if err != nil { // strings and numbers always are
		return nil
	}
	return map[string]string{headerMore: string(text)}
}

// send hands the delivery to asynq. That it is there already is success.
func (d delivery) send(ctx context.Context, queue *asynq.Client) error {
	headers := d.more()
	if headers == nil {
		headers = make(map[string]string, 4)
	}
	headers[headerRow] = d.id
	headers[headerDelivery] = strconv.Itoa(d.number)
	headers[headerAttempts] = strconv.Itoa(d.attempts)
	headers[headerDue] = strconv.FormatInt(d.due.UnixMicro(), 10)
	task := asynq.NewTaskWithHeaders(d.kind, d.payload, headers)
	_, err := queue.EnqueueContext(ctx, task, asynq.TaskID(taskID(d.id, d.number)),
		asynq.Queue(d.lane()), asynq.MaxRetry(taskRetries), noTimeout)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// received reads a delivery back from the task; false if the task was enqueued directly.
func received(ctx context.Context, task *asynq.Task) (delivery, bool, error) {
	id, _ := asynq.GetTaskID(ctx)
	name, _ := asynq.GetQueueName(ctx)
	d := delivery{id: id, kind: task.Type(), payload: task.Payload()}
	d.queue, d.priority = ofLane(name)
	headers := task.Headers()
	var err error
	if more := headers[headerMore]; more != "" {
		err = json.Unmarshal([]byte(more), &d.extras)
	}
	row, isRow := headers[headerRow]
	if !isRow && err == nil {
		var again string
		if d.id, again, _ = strings.Cut(id, directAgain); again != "" {
			d.number, err = strconv.Atoi(again)
		}
		return d, false, err
	}
	d.id = row
	var err1, err2, err3 error
	var due int64
	d.number, err1 = strconv.Atoi(headers[headerDelivery])
	d.attempts, err2 = strconv.Atoi(headers[headerAttempts])
	if text := headers[headerDue]; text != "" { // absent in tasks of an earlier release
		due, err3 = strconv.ParseInt(text, 10, 64)
		d.due = time.UnixMicro(due)
	}
	if err := errors.Join(err, err1, err2, err3); err != nil {
		return d, isRow, fmt.Errorf("reading the headers of task %s: %w", id, err)
	}
	return d, true, nil
}
