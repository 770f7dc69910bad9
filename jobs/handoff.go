package jobs

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// A worker that is killed after it took a task from Redis and before it made the row its own leaves a row that is
// dispatched and a task that nobody works. asynq itself returns such a task after one to two minutes; the relay does
// it sooner: it looks at the tasks that have been taken, and sends those again whose rows do not start. Doing so
// wrongly, because a worker is slow, costs nothing: the worker finds its delivery outdated.

// The keys of asynq that are read here. TestTakenTaskIsSentAgain fails when a new version changes them.
const asynqQueuesKey = "asynq:queues"

func asynqActiveKey(queue string) string  { return "asynq:{" + queue + "}:active" }
func asynqPendingKey(queue string) string { return "asynq:{" + queue + "}:pending" }

// handoffs are the tasks that workers have taken, with the time when they were first seen.
type handoffs map[string]time.Time

// look updates what has been taken and returns the tasks that were already taken before the given time.
func (h handoffs) look(taken []string, at, before time.Time) []string {
	present := make(map[string]bool, len(taken))
	var old []string
	for _, task := range taken {
		present[task] = true
		if since, seen := h[task]; !seen {
			h[task] = at
		} else if since.Before(before) {
			old = append(old, task)
		}
	}
	for task := range h {
		if !present[task] {
			delete(h, task)
		}
	}
	return old
}

// taskID names one delivery of a row in Redis.
func taskID(id string, number int) string { return id + "." + strconv.Itoa(number) }

// rowOf returns the row that a task delivers; false for a direct job.
func rowOf(task string) (string, bool) {
	id, _, ok := strings.Cut(task, ".")
	return id, ok
}

// reapHandoffs puts back rows whose tasks were taken some time ago and which have not started.
func (r *relay) reapHandoffs(ctx context.Context) error {
	taken, err := r.taken(ctx)
	if err != nil {
		return fmt.Errorf("looking for the tasks that workers took: %w", err)
	}
	at := time.Now()
	var ids []string
	old := map[string]bool{}
	for _, task := range r.handoffs.look(taken, at, at.Add(-r.cfg.Lease/4)) {
		if id, ok := rowOf(task); ok {
			ids, old[task] = append(ids, id), true
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := r.store.dispatched(ctx, ids)
	if err != nil {
		return fmt.Errorf("looking for jobs that did not start: %w", err)
	}
	for i := range rows {
		if d := deliveryOf(&rows[i]); old[taskID(d.id, d.number)] {
			if err := r.sendAgain(ctx, d, "job was taken by a worker that did not start it, and is sent again"); err != nil {
				return err
			}
		}
	}
	return nil
}

// sendAgain puts a dispatched row back, unless it has moved on in the meantime, and logs why.
func (r *relay) sendAgain(ctx context.Context, d delivery, why string) error {
	back, err := r.store.putBackDelivery(ctx, d)
	if err != nil {
		return fmt.Errorf("putting back a job that did not start: %w", err)
	}
	if back {
		r.jobLog(d).WarnContext(ctx, why)
	}
	return nil
}

// taken returns the ids of all tasks that workers have taken and not acknowledged.
func (r *relay) taken(ctx context.Context) ([]string, error) {
	client := r.redis.Client()
	queues, err := client.SMembers(ctx, asynqQueuesKey).Result()
	if err != nil {
		return nil, err
	}
	var taken []string
	for _, queue := range queues {
		tasks, err := client.LRange(ctx, asynqActiveKey(queue), 0, -1).Result()
		if err != nil {
			return nil, err
		}
		taken = append(taken, tasks...)
	}
	return taken, nil
}

// dispatched returns those of the rows that are dispatched.
func (s store) dispatched(ctx context.Context, ids []string) ([]covetmodels.OutboxRow, error) {
	var rows []covetmodels.OutboxRow
	err := s.rows(ctx).Omit("payload", "last_error", "last_stack", "result").Where("id IN ? AND state = ?", ids, Dispatched).Find(&rows).Error
	return rows, err
}

// putBackDelivery returns a dispatched row to pending; false if it has moved on.
func (s store) putBackDelivery(ctx context.Context, d delivery) (bool, error) {
	res := s.rows(ctx).Where("id = ? AND delivery = ? AND state = ?", d.id, d.number, Dispatched).
		Updates(s.back(map[string]any{}))
	return res.RowsAffected == 1, res.Error
}
