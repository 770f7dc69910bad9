package jobs

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	covetmodels "github.com/covetgo/covet/models"
)

// Redis may lose a part of what it held and keep the rest, the epoch included: the last second before a crash, what a
// failover had not replicated, keys that were evicted or deleted by hand. A row that is dispatched has a task in Redis
// until it starts, so the relay looks for the tasks of dispatched rows now and then, and sends again what is missing.

// auditLimit is how many rows one audit looks at; the next one continues where it ended.
const auditLimit = 2000

func asynqTaskKey(queue, task string) string { return "asynq:{" + queue + "}:t:" + task }

// audit is how far the relay has come in looking through the dispatched rows.
type audit struct {
	at    time.Time
	after string // id of the last row that was looked at
}

// auditTasks puts back dispatched rows whose tasks are gone, about once a lease.
func (r *relay) auditTasks(ctx context.Context) error {
	if time.Since(r.audit.at) < r.cfg.Lease {
		return nil
	}
	for seen := 0; seen < auditLimit; seen += maintenanceBatch {
		rows, err := r.store.dispatchedAfter(ctx, r.audit.after)
		if err != nil {
			return fmt.Errorf("looking for dispatched jobs: %w", err)
		}
		if err := r.sendMissing(ctx, rows); err != nil {
			return err
		}
		if len(rows) < maintenanceBatch {
			r.audit.after = ""
			break
		}
		r.audit.after = rows[len(rows)-1].ID
	}
	r.audit.at = time.Now()
	return nil
}

func (r *relay) sendMissing(ctx context.Context, rows []covetmodels.OutboxRow) error {
	if len(rows) == 0 {
		return nil
	}
	found := make([]*goredis.IntCmd, len(rows))
	_, err := r.redis.Client().Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		for i := range rows {
			found[i] = pipe.Exists(ctx, asynqTaskKey(deliveryOf(&rows[i]).lane(), taskID(rows[i].ID, rows[i].Delivery)))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking for the tasks of dispatched jobs: %w", err)
	}
	for i := range rows {
		if found[i].Val() == 0 {
			if err := r.sendAgain(ctx, deliveryOf(&rows[i]), "job was not in Redis any more, and is sent again"); err != nil {
				return err
			}
		}
	}
	return nil
}

// dispatchedAfter returns a batch of dispatched rows in the order of their ids.
func (s store) dispatchedAfter(ctx context.Context, id string) ([]covetmodels.OutboxRow, error) {
	var rows []covetmodels.OutboxRow
	err := s.rows(ctx).Omit("payload", "last_error", "last_stack", "result").Where("state = ? AND id > ?", Dispatched, id).
		Order("id").Limit(maintenanceBatch).Find(&rows).Error
	return rows, err
}
