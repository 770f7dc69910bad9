package transport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Headers of a task that delivers a row. A task without them is a direct job.
const (
	headerRow      = "covet-row"
	headerDelivery = "covet-delivery"
	headerAttempts = "covet-attempts"
	// headerMore contains the extras as JSON, for jobs that have any.
	headerMore = "covet-more"
	// headerDue is when the job was due, in microseconds since 1970.
	headerDue = "covet-due"
)

// taskOf returns the task of a delivery.
func taskOf(d job.Delivery) *asynq.Task {
	headers := map[string]string{}
	if d.Extras != (job.Extras{}) {
		if text, err := json.Marshal(d.Extras); err == nil { // which never fails for strings and numbers
			headers[headerMore] = string(text)
		}
	}
	if !d.Direct {
		headers[headerRow] = d.ID
		headers[headerDelivery] = strconv.Itoa(d.Number)
		headers[headerAttempts] = strconv.Itoa(d.Attempts)
		headers[headerDue] = strconv.FormatInt(d.Due.UnixMicro(), 10)
	}
	return asynq.NewTaskWithHeaders(d.Kind, d.Payload, headers)
}

// deliveryOf returns the delivery of a task that a worker has taken.
func deliveryOf(ctx context.Context, task *asynq.Task) (job.Delivery, error) {
	id, _ := asynq.GetTaskID(ctx)
	lane, _ := asynq.GetQueueName(ctx)
	return readTask(id, lane, task)
}

func readTask(id, lane string, task *asynq.Task) (d job.Delivery, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading the headers of task %s: %w", id, err)
		}
	}()
	d = job.Delivery{ID: id, Kind: task.Type(), Payload: task.Payload()}
	d.Queue, d.Priority = ofLane(lane)
	headers := task.Headers()
	if more := headers[headerMore]; more != "" {
		if err := json.Unmarshal([]byte(more), &d.Extras); err != nil {
			return d, err
		}
	}
	row, isRow := headers[headerRow]
	if !isRow {
		d.Direct = true
		var again string
		if d.ID, again, _ = strings.Cut(id, directAgain); again != "" {
			d.Number, err = strconv.Atoi(again)
		}
		return d, err
	}
	d.ID = row
	var due int64
	var err1, err2, err3 error
	d.Number, err1 = strconv.Atoi(headers[headerDelivery])
	d.Attempts, err2 = strconv.Atoi(headers[headerAttempts])
	if text := headers[headerDue]; text != "" { // absent in tasks of an earlier release
		due, err3 = strconv.ParseInt(text, 10, 64)
		d.Due = time.UnixMicro(due)
	}
	return d, errors.Join(err1, err2, err3)
}
