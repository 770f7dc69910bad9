package jobs

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	covetmodels "github.com/covetgo/covet/models"
)

// The end of a job that is a member of a chain or a batch changes other rows, in the transaction that records it: the next
// member of the chain is due, or all those behind it end like it; and the batch counts it, and starts its callback when
// it is the last. The row of the batch is what two workers that finish at once wait for.

// waitingStates are those of jobs that have not started.
var waitingStates = [...]State{Held, Pending, Dispatched}

// notRun begins LastError of jobs that ended because one before them in the chain did.
const notRun = "not run: "

const linked = "(chain_id IS NOT NULL OR batch_id IS NOT NULL)"

// end moves those of the rows that are in one of the states to the end that values tells, and returns how many.
func (s store) end(ctx context.Context, ids []string, states []State, values map[string]any) (int, error) {
	state, _ := values["state"].(State)
	values["holder"], values["lease_until"], values["unique_key"] = "", nil, keyAfter(state)
	total, err := s.update(ctx, values, "id IN ? AND state IN ? AND chain_id IS NULL AND batch_id IS NULL", ids, states)
	if err != nil {
		return total, err
	}
	members, err := s.linkedAmong(ctx, ids, states)
	for _, id := range members {
		var ended bool
		err = s.transaction(ctx, func(ctx context.Context) error {
			res := s.rows(ctx).Where("id = ? AND state IN ?", id, states).Updates(values)
			if ended = res.RowsAffected == 1; !ended || res.Error != nil {
				return res.Error
			}
			return s.settle(ctx, id, state)
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

func (s store) linkedAmong(ctx context.Context, ids []string, states []State) (found []string, err error) {
	err = s.rows(ctx).Where("id IN ? AND state IN ? AND "+linked, ids, states).Order("chain_index, id").Pluck("id", &found).Error
	return found, err
}

// settle does what the end of a member means for its chain and its batch. It runs in the transaction of that end.
func (s store) settle(ctx context.Context, id string, state State) error {
	row, err := s.row(ctx, id, "id", "kind", "chain_id", "chain_index", "batch_id")
	if err != nil {
		return err
	}
	if row.ChainID != nil {
		if err := s.settleChain(ctx, &row, state); err != nil {
			return err
		}
	}
	if row.BatchID == nil {
		return nil
	}
	return s.settleBatch(ctx, *row.BatchID, state, 1)
}

// settleChain makes the next member due, or ends all members behind one that did not succeed.
func (s store) settleChain(ctx context.Context, row *covetmodels.OutboxRow, state State) error {
	if state == Done {
		return s.rows(ctx).Where("chain_id = ? AND chain_index = ? AND state = ?", *row.ChainID, row.ChainIndex+1, Held).
			Updates(map[string]any{"state": Pending, "run_at": s.now()}).Error
	}
	var rest []covetmodels.OutboxRow
	err := s.rows(ctx).Select("id", "batch_id").
		Where("chain_id = ? AND chain_index > ? AND state = ?", *row.ChainID, row.ChainIndex, Held).Find(&rest).Error
	if err != nil || len(rest) == 0 {
		return err
	}
	reason := fmt.Sprintf("%sjob %s (%s) before it in the chain is %s", notRun, row.ID, row.Kind, state)
	err = s.rows(ctx).Where("id IN ? AND state = ?", idsOf(rest), Held).Updates(map[string]any{
		"state": state, "finished_at": s.now(), "last_error": reason, "unique_key": keyAfter(state),
	}).Error
	if err != nil {
		return err
	}
	for batch, n := range batchesOf(rest) {
		if err := s.settleBatch(ctx, batch, state, n); err != nil {
			return err
		}
	}
	return nil
}

func batchesOf(rows []covetmodels.OutboxRow) map[string]int {
	counts := map[string]int{}
	for i := range rows {
		if rows[i].BatchID != nil {
			counts[*rows[i].BatchID]++
		}
	}
	return counts
}

// batchColumns are the counts of a batch.
var batchColumns = map[State]string{Done: "done", Dead: "dead", Cancelled: "cancelled"}

// settleBatch counts members that have ended, and starts the callback after the last one.
func (s store) settleBatch(ctx context.Context, id string, state State, n int) error {
	batches := func() *gorm.DB { return s.db.With(ctx).Model(&covetmodels.JobBatch{}) }
	column := batchColumns[state]
	err := batches().Where("id = ?", id).Update(column, gorm.Expr(column+" + ?", n)).Error
	if err != nil || n < 0 {
		return err
	}
	res := batches().Where("id = ? AND finished_at IS NULL AND done + dead + cancelled >= total", id).Update("finished_at", s.now())
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	var batch covetmodels.JobBatch
	if err := batches().Where("id = ?", id).Take(&batch).Error; err != nil || batch.CallbackID == nil {
		return err
	}
	return s.rows(ctx).Where("id = ? AND state = ?", *batch.CallbackID, Held).
		Updates(map[string]any{"state": Pending, "run_at": s.now()}).Error
}

// growBatch adds members to a batch that has not ended.
func (s store) growBatch(ctx context.Context, id string, n int) error {
	res := s.db.With(ctx).Model(&covetmodels.JobBatch{}).Where("id = ? AND finished_at IS NULL", id).
		Update("total", gorm.Expr("total + ?", n))
	if res.Error == nil && res.RowsAffected == 0 {
		return ErrNoBatch
	}
	return res.Error
}

// retryMember retries a job that is unique, in a chain, or in a batch or its callback; false if it is neither dead nor cancelled.
func (s store) retryMember(ctx context.Context, id string) (changed bool, err error) {
	err = s.transaction(ctx, func(ctx context.Context) error {
		row, err := s.row(ctx, id, "id", "state", "unique_as", "unique_key", "chain_id", "chain_index", "batch_id", "callback_of")
		if err != nil {
			return err
		}
		values := s.retried()
		if row.UniqueAs != "" {
			values["unique_key"] = row.UniqueAs
		}
		if values["state"], err = s.stateAgain(ctx, &row); err != nil {
			return err
		}
		res := s.rows(ctx).Where("id = ? AND state = ? AND state IN ?", id, row.State, []State{Dead, Cancelled}).Updates(values)
		if errors.Is(res.Error, gorm.ErrDuplicatedKey) {
			return ErrDuplicate
		}
		if changed = res.RowsAffected == 1; res.Error != nil || !changed {
			return res.Error
		}
		if row.BatchID != nil {
			if err := s.settleBatch(ctx, *row.BatchID, row.State, -1); err != nil {
				return err
			}
		}
		return s.reviveChain(ctx, &row)
	})
	return changed, err
}

// stateAgain is the state of a row that is retried: Held if it has to wait for one before it in the chain, or for the end of
// the batch that it is the callback of.
func (s store) stateAgain(ctx context.Context, row *covetmodels.OutboxRow) (State, error) {
	var before int64
	var err error
	switch {
	case row.CallbackOf != nil:
		err = s.db.With(ctx).Model(&covetmodels.JobBatch{}).Where("id = ? AND finished_at IS NULL", *row.CallbackOf).Count(&before).Error
	case row.ChainID != nil:
		err = s.rows(ctx).Where("chain_id = ? AND chain_index < ? AND state <> ?", *row.ChainID, row.ChainIndex, Done).Count(&before).Error
	}
	if err != nil || before == 0 {
		return Pending, err
	}
	return Held, nil
}

// reviveChain lets the members wait again that ended because of this one.
func (s store) reviveChain(ctx context.Context, row *covetmodels.OutboxRow) error {
	if row.ChainID == nil {
		return nil
	}
	var rest []covetmodels.OutboxRow
	err := s.rows(ctx).Select("id", "batch_id").Where("chain_id = ? AND chain_index > ? AND state = ? AND last_error LIKE ?",
		*row.ChainID, row.ChainIndex, row.State, notRun+"%").Find(&rest).Error
	if err != nil || len(rest) == 0 {
		return err
	}
	err = s.rows(ctx).Where("id IN ?", idsOf(rest)).
		Updates(map[string]any{"state": Held, "finished_at": nil, "last_error": ""}).Error
	if err != nil {
		return err
	}
	for batch, n := range batchesOf(rest) {
		if err := s.settleBatch(ctx, batch, row.State, -n); err != nil {
			return err
		}
	}
	return nil
}
