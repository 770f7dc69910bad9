package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Cancel cancels those of the rows that have not started, and returns how many.
func (s *Store) Cancel(ctx context.Context, ids []string) (int, error) {
	values := toEnd(job.Cancelled, s.Now())
	const alone = "id IN ? AND state IN ? AND chain_id IS NULL AND batch_id IS NULL"
	total, err := s.update(ctx, values, alone, ids, job.Waiting())
	if err != nil {
		return total, err
	}
	members, err := s.membersAmong(ctx, ids, job.Waiting())
	for _, id := range members {
		ended := false
		err = s.transaction(ctx, func(ctx context.Context) error {
			res := s.rows(ctx).Where("id = ? AND state IN ?", id, job.Waiting()).Updates(values.columns)
			if ended = res.RowsAffected == 1; !ended || res.Error != nil {
				return res.Error
			}
			return s.settle(ctx, id, job.Cancelled)
		})
		if err != nil {
			return total, err
		}
		if ended {
			total++
		}
	}
	return total, err
}

// membersAmong returns those of the rows in one of the states that belong to a chain or a batch, sorted by chain.
func (s *Store) membersAmong(ctx context.Context, ids []string, states []job.State) (found []string, err error) {
	err = s.rows(ctx).Where("id IN ? AND state IN ? AND "+linked, ids, states).
		Order("chain_index, id").Pluck("id", &found).Error
	return found, err
}

// RequestCancel asks a running job to stop. It returns false if the job is not running.
func (s *Store) RequestCancel(ctx context.Context, id string) (bool, error) {
	res := s.rows(ctx).Where("id = ? AND state = ?", id, job.Running).Update("cancel_asked_at", s.Now())
	return res.RowsAffected == 1, res.Error
}

// requeuable returns the states from which Requeue returns a row to pending.
func requeuable() []job.State { return []job.State{job.Dead, job.Cancelled} }

// toRequeued begins the set of a job that runs again with all its attempts. Its last error remains until the next one.
func (s *Store) toRequeued() set {
	values := s.toPending().runAt(s.Now()).attempts(0).losses(0)
	for _, column := range []string{"started_at", "finished_at", "cancel_asked_at"} {
		values.columns[column] = nil
	}
	values.columns["progress_done"], values.columns["progress_total"] = 0, 0
	return values
}

// Requeue returns a dead or cancelled row to pending, with all its attempts; it returns false for other states. A
// member of a chain that waits for an earlier member is held instead, and so is the callback of a batch that has not
// ended. ErrDuplicate is returned while another row has its unique key.
func (s *Store) Requeue(ctx context.Context, id string) (changed bool, err error) {
	err = s.transaction(ctx, func(ctx context.Context) error {
		changed, err = s.requeue(ctx, id)
		return err
	})
	return changed, err
}

// RequeueMany requeues many rows and returns how many it changed. It skips rows whose unique key is taken.
func (s *Store) RequeueMany(ctx context.Context, ids []string) (int, error) {
	const special = "(unique_as <> '' OR callback_of IS NOT NULL OR " + linked + ")"
	total, err := s.update(ctx, s.toRequeued(), "id IN ? AND state IN ? AND NOT "+special, ids, requeuable())
	if err != nil {
		return total, err
	}
	var members []string
	err = s.rows(ctx).Where("id IN ? AND state IN ? AND "+special, ids, requeuable()).
		Order("chain_index, id").Pluck("id", &members).Error
	for _, id := range members {
		changed, err := s.Requeue(ctx, id)
		if err != nil && !errors.Is(err, job.ErrDuplicate) {
			return total, err
		}
		if changed {
			total++
		}
	}
	return total, err
}

func (s *Store) requeue(ctx context.Context, id string) (bool, error) {
	row, err := s.row(ctx, id,
		"id", "state", "unique_as", "unique_key", "chain_id", "chain_index", "batch_id", "callback_of")
	if err != nil {
		return false, err
	}
	values := s.toRequeued()
	if row.UniqueAs != "" {
		values.columns["unique_key"] = row.UniqueAs
	}
	waits, err := s.waitsForOthers(ctx, &row)
	if err != nil {
		return false, err
	}
	if waits {
		values.columns["state"] = job.Held
	}
	res := s.rows(ctx).Where("id = ? AND state = ? AND state IN ?", id, row.State, requeuable()).Updates(values.columns)
	if errors.Is(res.Error, gorm.ErrDuplicatedKey) {
		return false, job.ErrDuplicate
	}
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	if row.BatchID != nil {
		if err := s.settleBatch(ctx, *row.BatchID, row.State, -1); err != nil {
			return false, err
		}
	}
	return true, s.reviveChain(ctx, &row)
}

// waitsForOthers reports whether a requeued row waits for an earlier member of its chain, or for the end of the batch
// whose callback it is.
func (s *Store) waitsForOthers(ctx context.Context, row *job.Row) (bool, error) {
	var before int64
	var err error
	switch {
	case row.CallbackOf != nil:
		err = s.db.With(ctx).Model(&covetmodels.JobBatch{}).
			Where("id = ? AND finished_at IS NULL", *row.CallbackOf).Count(&before).Error
	case row.ChainID != nil:
		err = s.rows(ctx).
			Where("chain_id = ? AND chain_index < ? AND state <> ?", *row.ChainID, row.ChainIndex, job.Done).
			Count(&before).Error
	}
	return before > 0, err
}

// reviveChain makes the members wait again that ended because of this one.
func (s *Store) reviveChain(ctx context.Context, row *job.Row) error {
	if row.ChainID == nil {
		return nil
	}
	var rest []job.Row
	err := s.rows(ctx).Select("id", "batch_id").Where(
		"chain_id = ? AND chain_index > ? AND state = ? AND last_error LIKE ?",
		*row.ChainID, row.ChainIndex, row.State, notRun+"%").Find(&rest).Error
	if err != nil || len(rest) == 0 {
		return err
	}
	values := to(job.Held).lastError("")
	values.columns["finished_at"] = nil
	if err := s.rows(ctx).Where("id IN ?", idsOf(rest)).Updates(values.columns).Error; err != nil {
		return err
	}
	for batch, n := range batchesOf(rest) {
		if err := s.settleBatch(ctx, batch, row.State, -n); err != nil {
			return err
		}
	}
	return nil
}

// Delete deletes those of the rows that are in one of the states, and returns how many. A waiting job that is deleted
// counts as cancelled for its chain and its batch: the states of such a call include Cancelled.
func (s *Store) Delete(ctx context.Context, ids []string, states []job.State) (int, error) {
	var deleted int64
	err := s.transaction(ctx, func(ctx context.Context) error {
		waiting := slices.DeleteFunc(job.Waiting(), func(state job.State) bool {
			return !slices.Contains(states, state)
		})
		members, err := s.membersAmong(ctx, ids, waiting)
		if err != nil {
			return err
		}
		if len(members) > 0 {
			if _, err := s.Cancel(ctx, members); err != nil {
				return err
			}
		}
		res := s.rows(ctx).Where("id IN ? AND state IN ?", ids, states).Delete(&job.Row{})
		deleted = res.RowsAffected
		return res.Error
	})
	return int(deleted), err
}

// PruneParams select the rows that are too old.
type PruneParams struct {
	States []job.State
	// Before is the time before which the jobs ended.
	Before time.Time
	// KeysBefore is the same for rows with a unique key, which prevents a tick from firing twice.
	KeysBefore time.Time
}

// Prune deletes up to MaintenanceBatch rows that ended long ago, and returns how many.
func (s *Store) Prune(ctx context.Context, p PruneParams) (int, error) {
	var ids []string
	err := s.rows(ctx).
		Where("state IN ? AND run_at < ? AND finished_at < ?", p.States, p.Before, p.Before).
		Where("unique_key IS NULL OR finished_at < ?", p.KeysBefore).
		Where("unique_until IS NULL OR unique_until < ?", s.Now()).
		Limit(MaintenanceBatch).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = s.transaction(ctx, func(ctx context.Context) error {
		return s.rows(ctx).Where("id IN ? AND state IN ?", ids, p.States).Delete(&job.Row{}).Error
	})
	return len(ids), err
}

// PruneRestParams are the times before which other rows are too old.
type PruneRestParams struct{ Stats, Workers, Batches time.Time }

// PruneRest deletes statistics, the rows of workers that were killed, and batches that have ended.
func (s *Store) PruneRest(ctx context.Context, before PruneRestParams) error {
	return s.transaction(ctx, func(ctx context.Context) error {
		db := s.db.With(ctx)
		return errors.Join(
			db.Where("minute < ?", before.Stats).Delete(&covetmodels.JobStat{}).Error,
			db.Where("seen_at < ?", before.Workers).Delete(&covetmodels.JobWorker{}).Error,
			db.Where("finished_at < ?", before.Batches).Delete(&covetmodels.JobBatch{}).Error,
		)
	})
}
