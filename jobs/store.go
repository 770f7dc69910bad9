package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// store is the table of jobs. Every change of a row names the state (and, for a run, the delivery and the holder) that
// it expects, so that whoever comes late changes nothing.
type store struct {
	db    *database.DB
	clock func() time.Time
}

// now is the time as every database can store it.
func (s store) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func (s store) rows(ctx context.Context) *gorm.DB {
	// Each statement stands alone, and GORM's transaction around it would double the round trips.
	return s.db.With(ctx).Session(&gorm.Session{SkipDefaultTransaction: true}).Model(&covetmodels.OutboxRow{})
}

// transaction runs fn in a transaction of its own. On MySQL it reads committed rows: in the default isolation, repeatable
// read, statements lock the gaps between the rows they look at, and applications that enqueue run into deadlocks.
func (s store) transaction(ctx context.Context, fn func(ctx context.Context) error) error {
	if !s.isMySQL() {
		return s.db.Transaction(ctx, fn)
	}
	return s.db.With(ctx).Transaction(func(tx *gorm.DB) error {
		return fn(database.Join(ctx, tx))
	}, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
}

func (s store) isMySQL() bool { return s.db.Dialect() == "mysql" }

// update changes the rows that the condition selects, possibly many, and returns how many. On MySQL it does so in a
// transaction, for the isolation.
func (s store) update(ctx context.Context, values map[string]any, condition string, args ...any) (int, error) {
	var changed int64
	statement := func(ctx context.Context) error {
		res := s.rows(ctx).Where(condition, args...).Updates(values)
		changed = res.RowsAffected
		return res.Error
	}
	if !s.isMySQL() {
		err := statement(ctx)
		return int(changed), err
	}
	err := s.transaction(ctx, statement)
	return int(changed), err
}

func (s store) insert(ctx context.Context, row *covetmodels.OutboxRow) error {
	return s.rows(ctx).Create(row).Error
}

// insertOnce inserts a row unless its unique key exists, and reports whether it did. MySQL cannot tell that by the number
// of rows, but goes on with a transaction after the error, as the others do not.
func (s store) insertOnce(ctx context.Context, row *covetmodels.OutboxRow) (bool, error) {
	var inserted bool
	err := again(ctx, func() error {
		if s.isMySQL() {
			err := s.insert(ctx, row)
			inserted = err == nil
			if errors.Is(err, gorm.ErrDuplicatedKey) {
				return nil
			}
			return err
		}
		res := s.rows(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row)
		inserted = res.RowsAffected == 1
		return res.Error
	})
	return inserted, err
}

func (s store) exists(ctx context.Context, id string) (bool, error) {
	var n int64
	err := s.rows(ctx).Where("id = ?", id).Count(&n).Error
	return n > 0, err
}

func (s store) count(ctx context.Context) (map[State]int, error) {
	var groups []struct {
		State State
		N     int
	}
	if err := s.rows(ctx).Select("state, count(*) AS n").Group("state").Scan(&groups).Error; err != nil {
		return nil, err
	}
	counts := make(map[State]int, len(groups))
	for _, g := range groups {
		counts[g.State] = g.N
	}
	return counts, nil
}

// unclaimed narrows to pending rows that no relay has claimed.
func (s store) unclaimed(ctx context.Context, at time.Time) *gorm.DB {
	return s.rows(ctx).Where("state = ? AND (lease_until IS NULL OR lease_until < ?)", Pending, at).Order("run_at, id")
}

// earliest returns the time of the next row to relay; false if there is none.
func (s store) earliest(ctx context.Context, at time.Time) (time.Time, bool, error) {
	var rows []covetmodels.OutboxRow
	if err := s.unclaimed(ctx, at).Select("run_at").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return time.Time{}, false, err
	}
	return rows[0].RunAt, true, nil
}

// due returns rows to run, without claiming them.
func (s store) due(ctx context.Context, at time.Time, limit int) ([]covetmodels.OutboxRow, error) {
	var rows []covetmodels.OutboxRow
	err := s.unclaimed(ctx, at).Where("run_at <= ?", at).Limit(limit).Find(&rows).Error
	return rows, err
}

// carriedPayload is how many bytes of arguments go through Redis at most. Larger ones stay in the row, where the worker fetches
// them: neither a batch of the relay nor what waits in Redis grows with them.
const carriedPayload = 64 << 10

// claimedColumns are what a delivery needs. Arguments that are not carried are empty, as others never are.
var claimedColumns = fmt.Sprintf("id, kind, queue, priority, delivery, attempts, run_at, version, sealed_with, meta, "+
	"chain_id, batch_id, callback_of, CASE WHEN octet_length(payload) <= %d THEN payload ELSE '' END AS payload", carriedPayload)

// payload returns the arguments of a row; false if it has been deleted.
func (s store) payload(ctx context.Context, id string) ([]byte, bool, error) {
	var found []string
	err := s.rows(ctx).Where("id = ?", id).Limit(1).Pluck("payload", &found).Error
	if err != nil || len(found) == 0 {
		return nil, false, err
	}
	return []byte(found[0]), true, nil
}

// claim gives rows that are due to the relay that calls itself token, until the given time. Servers let relays claim
// side by side (SKIP LOCKED); on SQLite the transaction is the only one that writes.
func (s store) claim(ctx context.Context, token string, limit int, at, until time.Time) ([]covetmodels.OutboxRow, error) {
	var rows []covetmodels.OutboxRow
	err := s.transaction(ctx, func(ctx context.Context) error {
		query := s.unclaimed(ctx, at).Select(claimedColumns).Where("run_at <= ?", at).Limit(limit)
		if !s.db.Embedded() {
			query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked})
		}
		if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		return s.rows(ctx).Where("id IN ?", idsOf(rows)).
			Updates(map[string]any{"holder": token, "lease_until": until}).Error
	})
	return rows, err
}

// markDispatched ends the claim on rows that are in Redis. Rows that a fast worker has taken or ended stay as they are.
func (s store) markDispatched(ctx context.Context, token, epoch string, ids []string) error {
	values := map[string]any{"state": Dispatched, "epoch": epoch, "holder": "", "lease_until": nil}
	_, err := s.update(ctx, values, "id IN ? AND holder = ? AND state = ?", ids, token, Pending)
	return err
}

// unclaim ends the claim on rows that could not be sent.
func (s store) unclaim(ctx context.Context, token string, ids []string) error {
	_, err := s.update(ctx, unheld(), "id IN ? AND holder = ? AND state = ?", ids, token, Pending)
	return err
}

// start makes a row the caller's; false if the row has moved on since the delivery was sent.
func (s store) start(ctx context.Context, d delivery, holder string, until time.Time) (bool, error) {
	var started bool
	err := again(ctx, func() error {
		res := s.rows(ctx).
			Where("id = ? AND delivery = ? AND state IN ?", d.id, d.number, []State{Pending, Dispatched}).
			Updates(map[string]any{"state": Running, "holder": holder, "lease_until": until, "started_at": s.now(), "limit_key": nil})
		started = res.RowsAffected == 1
		return res.Error
	})
	return started, err
}

// postpone sends a delivery that this process cannot run back to wait.
func (s store) postpone(ctx context.Context, d delivery, values map[string]any) error {
	return s.rows(ctx).
		Where("id = ? AND delivery = ? AND state IN ?", d.id, d.number, []State{Pending, Dispatched}).
		Updates(s.back(values)).Error
}

// finish records the end of a run; false if the run had lost its row to another worker. A job that somebody has asked
// to cancel does not wait for another run.
func (s store) finish(ctx context.Context, d delivery, holder string, values map[string]any) (bool, error) {
	state, _ := values["state"].(State)
	values["holder"], values["lease_until"] = "", nil
	if state == Pending {
		res := s.running(ctx, d, holder).Where("cancel_asked_at IS NULL").Updates(values)
		if res.Error != nil || res.RowsAffected == 1 {
			return res.RowsAffected == 1, res.Error
		}
		state = Cancelled
		values = map[string]any{"state": Cancelled, "finished_at": s.now(), "holder": "", "lease_until": nil}
	}
	values["unique_key"] = keyAfter(state)
	if !d.Linked {
		res := s.running(ctx, d, holder).Updates(values)
		return res.RowsAffected == 1, res.Error
	}
	kept := false
	err := s.transaction(ctx, func(ctx context.Context) error {
		res := s.running(ctx, d, holder).Updates(values)
		if kept = res.RowsAffected == 1; res.Error != nil || !kept {
			return res.Error
		}
		return s.settle(ctx, d.id, state)
	})
	return kept, err
}

// back adds to values what every return to pending changes. A row that had been due stays due, although the clock may have
// been set back since.
func (s store) back(values map[string]any) map[string]any {
	values["state"] = Pending
	values["delivery"] = gorm.Expr("delivery + 1")
	values["holder"], values["lease_until"] = "", nil
	if _, moved := values["run_at"]; !moved {
		at := s.now()
		values["run_at"] = gorm.Expr("CASE WHEN run_at > ? THEN ? ELSE run_at END", at, at)
	}
	return values
}

// unheld is what the end of a claim changes.
func unheld() map[string]any { return map[string]any{"holder": "", "lease_until": nil} }

// extend keeps running rows with their holder.
func (s store) extend(ctx context.Context, holder string, ids []string, until time.Time) error {
	values := map[string]any{"lease_until": until}
	_, err := s.update(ctx, values, "id IN ? AND holder = ? AND state = ?", ids, holder, Running)
	return err
}

// maintenanceBatch is how many rows one statement of maintenance touches.
const maintenanceBatch = 500

// putBack returns all rows to pending that the condition selects, and returns how many.
func (s store) putBack(ctx context.Context, condition string, args ...any) (int, error) {
	return s.updateAll(ctx, func() map[string]any { return s.back(map[string]any{}) }, condition, args...)
}

// updateAll changes all rows that the condition selects, a batch at a time, and returns how many. The change ends the
// condition.
func (s store) updateAll(ctx context.Context, values func() map[string]any, condition string, args ...any) (int, error) {
	total := 0
	for {
		var ids []string
		err := s.rows(ctx).Where(condition, args...).Order("run_at").Limit(maintenanceBatch).Pluck("id", &ids).Error
		if err != nil || len(ids) == 0 {
			return total, err
		}
		changed, err := s.update(ctx, values(), "id IN ? AND "+condition, append([]any{ids}, args...)...)
		total += changed
		if err != nil || len(ids) < maintenanceBatch {
			return total, err
		}
	}
}

// putBackStrays returns rows that were dispatched under another epoch.
func (s store) putBackStrays(ctx context.Context, epoch string) (int, error) {
	return s.putBack(ctx, "state = ? AND epoch <> ?", Dispatched, epoch)
}

// putBackHeld returns what the worker called holder still runs.
func (s store) putBackHeld(ctx context.Context, holder string) (int, error) {
	return s.putBack(ctx, "state = ? AND holder = ?", Running, holder)
}

// endClaims ends every claim of a relay: the caller knows that no other process relays.
func (s store) endClaims(ctx context.Context) error {
	_, err := s.update(ctx, unheld(), "state = ? AND lease_until IS NOT NULL", Pending)
	return err
}

// prune deletes up to a batch of rows in one of states that ended before the given time, and returns how many. Rows
// with a unique key stay until uniqueBefore: their key keeps a tick from firing twice.
func (s store) prune(ctx context.Context, states []State, before, uniqueBefore time.Time) (int, error) {
	var ids []string
	err := s.rows(ctx).
		Where("state IN ? AND run_at < ? AND finished_at < ?", states, before, before).
		Where("unique_key IS NULL OR finished_at < ?", uniqueBefore).
		Where("unique_until IS NULL OR unique_until < ?", s.now()).
		Limit(maintenanceBatch).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.transaction(ctx, func(ctx context.Context) error {
		return s.rows(ctx).Where("id IN ? AND state IN ?", ids, states).Delete(&covetmodels.OutboxRow{}).Error
	})
	return len(ids), err
}

func idsOf(rows []covetmodels.OutboxRow) []string {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	return ids
}

// again calls fn up to three times while it loses against other transactions.
func again(ctx context.Context, fn func() error) error {
	var err error
	for range 3 {
		if err = fn(); err == nil || !errors.Is(err, database.ErrConflict) || ctx.Err() != nil {
			return err
		}
	}
	return err
}
