package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// MaxBulk is the most rows that one call of [Client.RetryAll], [Client.CancelAll] or [Client.DeleteAll] changes, so that
// none takes much longer than a second.
const MaxBulk = 5000

// Retry runs a dead or cancelled job again: it is pending from now on, with all its attempts. Its last error stays until
// there is another. It writes in the transaction that ctx carries, if any. [ErrNoJob] is returned when there is no such job,
// and [ErrNotEnded] when it is neither dead nor cancelled, so that a second call does nothing.
func (c *Client) Retry(ctx context.Context, id string) error {
	changed, err := 0, ErrNoJob
	if isID(id) {
		changed, err = c.store.retry(ctx, []string{id}, true)
	}
	if err == nil && changed == 0 {
		err = c.store.refusal(ctx, id, ErrNotEnded)
	}
	if err != nil {
		return fmt.Errorf("retrying job %s: %w", id, err)
	}
	c.rouseAfterCommit(ctx)
	return nil
}

// Delete deletes the row of a job that is not running, which then never runs. It writes in the transaction that ctx carries,
// if any. [ErrNoJob] is returned when there is no such job, and [ErrRunning] while it runs.
//
// A job whose row went while a worker was about to start it is looked for a few times more, and logged as a job without a
// row; to call off a job that may start at any moment, [Client.Cancel] is the quieter way.
func (c *Client) Delete(ctx context.Context, id string) error {
	row, err := c.store.row(ctx, id)
	var deleted int
	if err == nil {
		deleted, err = c.store.remove(ctx, []string{id}, notRunning[:])
	}
	if err == nil && deleted == 0 {
		err = c.store.refusal(ctx, id, ErrRunning)
	}
	if err != nil {
		return fmt.Errorf("deleting job %s: %w", id, err)
	}
	if row.State == Dispatched {
		withdraw := func(ctx context.Context) { c.withdraw(ctx, deliveryOf(&row)) }
		if !database.AfterCommit(ctx, withdraw) {
			withdraw(ctx)
		}
	}
	return nil
}

var (
	// endedStates are those of jobs that will not run by themselves.
	endedStates = [...]State{Done, Dead, Cancelled}
	notRunning  = [...]State{Held, Pending, Dispatched, Done, Dead, Cancelled}
)

// withdrawTimeout bounds the tidying up in Redis after the deletion of a row.
const withdrawTimeout = time.Second

// withdrawal removes a task of asynq that no worker has taken.
var withdrawal = goredis.NewScript(`
if redis.call('LREM', KEYS[1], -1, ARGV[1]) > 0 then
	return redis.call('DEL', KEYS[2])
end
return 0`)

// withdraw takes a delivery out of Redis, so that no worker looks for its row. Without success nothing worse happens.
func (c *Client) withdraw(ctx context.Context, d delivery) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	task := taskID(d.id, d.number)
	keys := []string{asynqPendingKey(d.lane()), asynqTaskKey(d.lane(), task)}
	if err := withdrawal.Run(ctx, c.redis.Client(), keys, task).Err(); err != nil {
		c.jobLog(d).DebugContext(ctx, "the task of a deleted job stays in Redis", "error", err)
	}
}

// RetryAll retries the dead and cancelled jobs that f selects, like [Client.Retry], and returns how many. Unique jobs whose
// place has been taken stay as they are. It begins with the newest and stops when [MaxBulk] have been changed: a caller that
// wants all calls again while it returns that many.
func (c *Client) RetryAll(ctx context.Context, f Filter) (int, error) {
	n, err := c.bulk(ctx, f, f.among(Dead, Cancelled), func(ctx context.Context, ids []string) (int, error) {
		return c.store.retry(ctx, ids, false)
	})
	if err != nil {
		return n, fmt.Errorf("retrying jobs: %w", err)
	}
	if n > 0 {
		c.rouseAfterCommit(ctx)
	}
	return n, nil
}

// CancelAll calls off the waiting jobs that f selects, like [Client.Cancel], and returns how many, [MaxBulk] at most.
func (c *Client) CancelAll(ctx context.Context, f Filter) (int, error) {
	n, err := c.bulk(ctx, f, f.among(waitingStates[:]...), c.store.cancelAll)
	if err != nil {
		return n, fmt.Errorf("cancelling jobs: %w", err)
	}
	return n, nil
}

// DeleteAll deletes the rows of done, dead and cancelled jobs that f selects, and returns how many, [MaxBulk] at most. Rows in
// other states stay; [Client.CancelAll] ends those that wait.
func (c *Client) DeleteAll(ctx context.Context, f Filter) (int, error) {
	states := f.among(endedStates[:]...)
	n, err := c.bulk(ctx, f, states, func(ctx context.Context, ids []string) (int, error) {
		return c.store.remove(ctx, ids, states)
	})
	if err != nil {
		return n, fmt.Errorf("deleting jobs: %w", err)
	}
	return n, nil
}

// bulk calls do with batches of ids in one of the states, newest first, until it has changed MaxBulk or come to the last. What
// moves on meanwhile, or may not be changed, do leaves alone.
func (c *Client) bulk(
	ctx context.Context, f Filter, states []State, do func(context.Context, []string) (int, error),
) (int, error) {
	total := 0
	for after := (position{}); total < MaxBulk; {
		ids, err := c.store.pageIDs(ctx, f, states, after, min(maintenanceBatch, MaxBulk-total))
		if err != nil || len(ids) == 0 {
			return total, err
		}
		next, err := c.store.lastOf(ctx, ids)
		if err != nil || next.isZero() {
			return total, err
		}
		after = next
		changed, err := do(ctx, ids)
		total += changed
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// lastOf returns the position of the last of the rows; zero if none of them is there any more.
func (s store) lastOf(ctx context.Context, ids []string) (position, error) {
	var rows []covetmodels.OutboxRow
	err := s.rows(ctx).Select("id", "run_at").Where("id IN ?", ids).Order("run_at, id").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return position{}, err
	}
	return positionOf(&rows[0]), nil
}

// retry retries rows: most in one statement, those that are unique or linked one by one. A unique job whose place is taken
// is left as it is, or, if strict, an error.
func (s store) retry(ctx context.Context, ids []string, strict bool) (int, error) {
	const special = "(unique_as <> '' OR callback_of IS NOT NULL OR " + linked + ")"
	total, err := s.update(ctx, s.retried(), "id IN ? AND state IN ? AND NOT "+special, ids, []State{Dead, Cancelled})
	if err != nil {
		return total, err
	}
	var members []string
	err = s.rows(ctx).Where("id IN ? AND state IN ? AND "+special, ids, []State{Dead, Cancelled}).
		Order("chain_index, id").Pluck("id", &members).Error
	for _, id := range members {
		changed, err := s.retryMember(ctx, id)
		if errors.Is(err, ErrDuplicate) && !strict {
			continue
		}
		if err != nil {
			return total, err
		}
		if changed {
			total++
		}
	}
	return total, err
}

// retried is what a retry changes.
func (s store) retried() map[string]any {
	return s.back(map[string]any{
		"run_at": s.now(), "attempts": 0, "losses": 0, "started_at": nil, "finished_at": nil,
		"cancel_asked_at": nil, "progress_done": 0, "progress_total": 0,
	})
}

func (s store) cancelAll(ctx context.Context, ids []string) (int, error) {
	return s.end(ctx, ids, waitingStates[:], map[string]any{"state": Cancelled, "finished_at": s.now()})
}

// remove deletes those of the rows that are in one of the states. For its chain and its batch, a job that is deleted while
// it waits is one that was cancelled.
func (s store) remove(ctx context.Context, ids []string, states []State) (int, error) {
	var deleted int64
	err := s.transaction(ctx, func(ctx context.Context) error {
		var waiting []State
		for _, state := range waitingStates {
			if slices.Contains(states, state) {
				waiting = append(waiting, state)
			}
		}
		members, err := s.linkedAmong(ctx, ids, waiting)
		if err != nil {
			return err
		}
		if len(members) > 0 {
			if _, err := s.cancelAll(ctx, members); err != nil {
				return err
			}
		}
		res := s.rows(ctx).Where("id IN ? AND state IN ?", ids, states).Delete(&covetmodels.OutboxRow{})
		deleted = res.RowsAffected
		return res.Error
	})
	return int(deleted), err
}

// refusal says why a row was not changed: because it is not there, or else for the given reason.
func (s store) refusal(ctx context.Context, id string, reason error) error {
	exists, err := s.exists(ctx, id)
	if err != nil {
		return err
	}
	if !exists {
		return ErrNoJob
	}
	return reason
}
