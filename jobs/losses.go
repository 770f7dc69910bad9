package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	covetmodels "github.com/covetgo/covet/models"
)

// A job whose worker disappeared has not failed, and runs again at once: usually somebody restarted a machine. But a job
// can also be what kills its worker, by using up the memory or by ending the process. So each row counts the losses in a
// row. From the second one on its next run is moved by a random time, which parts the guilty job from those that only
// happened to run beside it, and Config.MaxLosses of them are its end. The times grow, so that somebody who kills workers
// again and again for a minute is not taken for the fault of a job that was among them each time.

// lossDelay is how long a job waits that has lost so many workers in a row.
func lossDelay(losses int) time.Duration {
	switch {
	case losses <= 1:
		return 0
	case losses == 2:
		return rand.N(2 * time.Second)
	case losses == 3:
		return 5*time.Second + rand.N(10*time.Second)
	default:
		return time.Minute + rand.N(30*time.Second)
	}
}

// putBackLost returns running rows whose worker is lost to pending, or ends those that have lost too many. It returns
// how many there were.
func (c *Client) putBackLost(ctx context.Context, condition string, args ...any) (int, error) {
	total := 0
	for {
		var rows []covetmodels.OutboxRow
		err := c.store.rows(ctx).Select("id", "kind", "queue", "attempts", "losses", "cancel_asked_at").
			Where(condition, args...).Order("run_at").Limit(maintenanceBatch).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return total, err
		}
		changed, err := c.putBackRows(ctx, rows, condition, args)
		total += changed
		if err != nil || len(rows) < maintenanceBatch {
			return total, err
		}
	}
}

func (c *Client) putBackRows(ctx context.Context, rows []covetmodels.OutboxRow, condition string, args []any) (int, error) {
	var first []string
	total := 0
	for i := range rows {
		row := &rows[i]
		if row.Losses == 0 && row.CancelAskedAt == nil && c.cfg.MaxLosses > 1 {
			first = append(first, row.ID)
			continue
		}
		changed, err := c.putBackOne(ctx, row, condition, args)
		if err != nil {
			return total, err
		}
		total += changed
	}
	if len(first) == 0 {
		return total, nil
	}
	changed, err := c.store.update(ctx, back(map[string]any{"losses": 1}), "id IN ? AND "+condition,
		append([]any{first}, args...)...)
	return total + changed, err
}

// putBackOne deals with a row that has lost a worker before, or was to be cancelled.
func (c *Client) putBackOne(ctx context.Context, row *covetmodels.OutboxRow, condition string, args []any) (int, error) {
	losses := row.Losses + 1
	at := c.now()
	switch {
	case row.CancelAskedAt != nil:
		return c.store.endLost(ctx, row.ID, condition, args, map[string]any{
			"state": Cancelled, "finished_at": at, "last_error": ErrCancelled.Error(),
		})
	case losses >= c.cfg.MaxLosses:
		reason := fmt.Sprintf("its worker was lost %d times in a row: the job may be what kills it", losses)
		n, err := c.store.endLost(ctx, row.ID, condition, args, map[string]any{
			"state": Dead, "finished_at": at, "last_error": reason, "losses": losses,
		})
		if n == 1 {
			c.jobLog(deliveryOf(row)).ErrorContext(ctx, "job dead", "error", reason)
			c.stats.count(at, row.Queue, Dead, 0, -1)
		}
		return n, err
	default:
		values := map[string]any{"losses": losses, "run_at": at.Add(lossDelay(losses))}
		return c.store.update(ctx, back(values), "id = ? AND "+condition, append([]any{row.ID}, args...)...)
	}
}

// endLost ends a running row that still fulfils the condition.
func (s store) endLost(ctx context.Context, id, condition string, args []any, values map[string]any) (int, error) {
	n := 0
	err := s.transaction(ctx, func(ctx context.Context) error {
		state, _ := values["state"].(State)
		values["holder"], values["lease_until"], values["unique_key"] = "", nil, keyAfter(state)
		res := s.rows(ctx).Where("id = ? AND "+condition, append([]any{id}, args...)...).Updates(values)
		if n = int(res.RowsAffected); n == 0 || res.Error != nil {
			return res.Error
		}
		return s.settle(ctx, id, state)
	})
	return n, err
}
