package jobs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"gorm.io/gorm"

	covetmodels "github.com/covetgo/covet/models"
)

// A job whose worker disappeared has not failed, and runs again at once: usually somebody restarted a machine. But a job
// can also be what kills its worker, by using up the memory or by ending the process. So each row counts the losses in a
// row, and Config.MaxLosses of them are its end, if it must have been the job:
//
//   - From the second loss on its next run is moved by a random time, which parts the guilty job from those that only
//     happened to run beside it. Jobs that have lost nearly all their workers are suspects. Of several suspects in one
//     worker none is found guilty: they are moved again.
//   - A worker that was lost while the job waited, and without a suspect of its own, shows that workers are lost for
//     another reason. Then the job runs once more.
//
// What stays unclear ends as well, after three times as many losses.

// unclearLosses is how many times Config.MaxLosses a job may lose its worker while it is unclear why.
const unclearLosses = 3

// lossDelay is how long a job waits that has lost so many workers in a row: at least, and at random beyond that.
func lossDelay(losses int) (least, spread time.Duration) {
	switch {
	case losses <= 1:
		return 0, 0
	case losses == 2:
		return 0, 2 * time.Second
	case losses == 3:
		return 5 * time.Second, 10 * time.Second
	default:
		return 45 * time.Second, time.Minute
	}
}

// whenLost returns when a job runs again that has lost so many workers in a row: far from the times of other suspects, so
// that one of them does not end the worker of another.
func (c *Client) whenLost(ctx context.Context, losses int, at time.Time) (time.Time, error) {
	least, spread := lossDelay(losses)
	if spread == 0 {
		return at.Add(least), nil
	}
	from := at.Add(least)
	taken, err := c.store.suspectTimes(ctx, c.cfg.MaxLosses-1, from, from.Add(spread))
	if err != nil {
		return time.Time{}, err
	}
	var best time.Time
	distance := time.Duration(-1)
	for range 10 {
		when, nearest := from.Add(rand.N(spread)), spread
		for _, other := range taken {
			nearest = min(nearest, when.Sub(other).Abs())
		}
		if nearest > distance {
			best, distance = when, nearest
		}
	}
	return best, nil
}

// suspectTimes returns when suspects run again, within a span of time.
func (s store) suspectTimes(ctx context.Context, losses int, from, to time.Time) (times []time.Time, err error) {
	err = s.rows(ctx).Where("state = ? AND run_at >= ? AND run_at < ? AND losses >= ?", Pending, from, to, losses).
		Pluck("run_at", &times).Error
	return times, err
}

// putBackLost returns running rows whose worker is lost to pending, or ends those that have lost too many. It returns
// how many there were.
func (c *Client) putBackLost(ctx context.Context, condition string, args ...any) (int, error) {
	total := 0
	for {
		var rows []covetmodels.OutboxRow
		err := c.store.rows(ctx).Select("id", "kind", "queue", "attempts", "losses", "holder", "run_at", "started_at", "cancel_asked_at").
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
	together, err := c.suspects(ctx, rows)
	if err != nil {
		return 0, err
	}
	var first []string
	total := 0
	for i := range rows {
		row := &rows[i]
		if row.Losses == 0 && row.CancelAskedAt == nil && c.cfg.MaxLosses > 1 {
			first = append(first, row.ID)
			continue
		}
		changed, err := c.putBackOne(ctx, row, together[row.Holder], condition, args)
		if err != nil {
			return total, err
		}
		total += changed
	}
	if len(first) == 0 {
		return total, nil
	}
	changed, err := c.store.update(ctx, c.store.back(map[string]any{"losses": 1}), "id IN ? AND "+condition,
		append([]any{first}, args...)...)
	return total + changed, err
}

// putBackOne deals with a row that has lost a worker before, or was to be cancelled. Its worker had so many suspects.
func (c *Client) putBackOne(
	ctx context.Context, row *covetmodels.OutboxRow, suspects int, condition string, args []any,
) (int, error) {
	losses, at := row.Losses+1, c.now()
	if row.CancelAskedAt != nil {
		return c.store.endLost(ctx, row.ID, condition, args, map[string]any{
			"state": Cancelled, "finished_at": at, "last_error": ErrCancelled.Error(),
		})
	}
	guilty, err := c.guilty(ctx, row, suspects)
	if err != nil {
		return 0, err
	}
	var changed int
	if guilty {
		reason := fmt.Sprintf("its worker was lost %d times in a row: the job may be what kills it", losses)
		changed, err = c.store.endLost(ctx, row.ID, condition, args, map[string]any{
			"state": Dead, "finished_at": at, "last_error": reason, "losses": losses,
		})
		if changed == 1 {
			c.jobLog(deliveryOf(row)).ErrorContext(ctx, "job dead", "error", reason)
			c.stats.count(at, row.Queue, Dead, 0, -1)
		}
	} else {
		var when time.Time
		if when, err = c.whenLost(ctx, losses, at); err != nil {
			return 0, err
		}
		values := map[string]any{"losses": losses, "run_at": when}
		changed, err = c.store.update(ctx, c.store.back(values), "id = ? AND "+condition, append([]any{row.ID}, args...)...)
	}
	if err == nil && changed == 1 && c.suspect(row) {
		err = c.store.addSuspect(ctx, row.Holder)
	}
	return changed, err
}

// suspect tells whether one more loss may be the end of a job.
func (c *Client) suspect(row *covetmodels.OutboxRow) bool { return row.Losses >= c.cfg.MaxLosses-1 }

// guilty tells whether a row that has lost its worker again, with so many suspects, must be what kills it.
func (c *Client) guilty(ctx context.Context, row *covetmodels.OutboxRow, suspects int) (bool, error) {
	losses := row.Losses + 1
	switch {
	case losses < c.cfg.MaxLosses:
		return false, nil
	case c.cfg.MaxLosses == 1 || losses >= unclearLosses*c.cfg.MaxLosses:
		return true, nil
	case suspects > 1:
		return false, nil
	}
	waited, _ := lossDelay(row.Losses)
	from, to := row.RunAt.Add(-waited), row.RunAt
	if row.StartedAt != nil {
		to = *row.StartedAt
	}
	others, err := c.store.othersLost(ctx, row.Holder, from, to.Add(-2*beatInterval))
	return !others, err
}

// suspects counts the suspects of each worker that lost one of the rows: those that still have to be dealt with, and
// those that have been.
func (c *Client) suspects(ctx context.Context, rows []covetmodels.OutboxRow) (map[string]int, error) {
	var holders []string
	for i := range rows {
		if c.suspect(&rows[i]) {
			holders = append(holders, rows[i].Holder)
		}
	}
	if len(holders) == 0 {
		return nil, nil
	}
	return c.store.suspects(ctx, holders, c.cfg.MaxLosses-1)
}

func (s store) suspects(ctx context.Context, holders []string, losses int) (map[string]int, error) {
	var left, before []struct {
		Holder string
		N      int
	}
	err := s.rows(ctx).Select("holder, count(*) AS n").
		Where("state = ? AND holder IN ? AND losses >= ?", Running, holders, losses).Group("holder").Scan(&left).Error
	if err != nil {
		return nil, err
	}
	err = s.db.With(ctx).Model(&covetmodels.JobWorker{}).Select("id AS holder, suspects AS n").
		Where("id IN ?", holders).Scan(&before).Error
	counts := map[string]int{}
	for _, group := range append(left, before...) {
		counts[group.Holder] += group.N
	}
	return counts, err
}

// addSuspect notes that a lost worker had a suspect.
func (s store) addSuspect(ctx context.Context, worker string) error {
	return s.db.With(ctx).Model(&covetmodels.JobWorker{}).Where("id = ?", worker).
		UpdateColumn("suspects", gorm.Expr("suspects + 1")).Error
}

// othersLost tells whether another worker was lost in a span of time for which no single suspect can be blamed.
func (s store) othersLost(ctx context.Context, worker string, from, to time.Time) (bool, error) {
	var n int64
	err := s.db.With(ctx).Model(&covetmodels.JobWorker{}).
		Where("id <> ? AND works = ? AND suspects <> 1 AND seen_at >= ? AND seen_at < ?", worker, true, from, to).
		Count(&n).Error
	return n > 0, err
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
