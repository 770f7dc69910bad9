package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// When a member of a chain or a batch ends, other rows change in the same transaction. The next member of the chain
// becomes due, or all members behind it end in the same state. The batch counts the end and starts its callback after
// the last member. Two workers that finish at the same time wait for the row of the batch.

// notRun is the prefix of LastError of jobs that ended because an earlier job of the chain did.
const notRun = "not run: "

const linked = "(chain_id IS NOT NULL OR batch_id IS NOT NULL)"

// settle updates the chain and the batch of a member that ends, in the transaction that records the end.
func (s *Store) settle(ctx context.Context, id string, state job.State) error {
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
func (s *Store) settleChain(ctx context.Context, row *job.Row, state job.State) error {
	if state == job.Done {
		return s.rows(ctx).
			Where("chain_id = ? AND chain_index = ? AND state = ?", *row.ChainID, row.ChainIndex+1, job.Held).
			Updates(to(job.Pending).runAt(s.Now()).columns).Error
	}
	var rest []job.Row
	err := s.rows(ctx).Select("id", "batch_id").
		Where("chain_id = ? AND chain_index > ? AND state = ?", *row.ChainID, row.ChainIndex, job.Held).
		Find(&rest).Error
	if err != nil || len(rest) == 0 {
		return err
	}
	reason := fmt.Sprintf("%sjob %s (%s) before it in the chain is %s", notRun, row.ID, row.Kind, state)
	err = s.rows(ctx).Where("id IN ? AND state = ?", idsOf(rest), job.Held).
		Updates(toEnd(state, s.Now()).lastError(reason).columns).Error
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

func batchesOf(rows []job.Row) map[string]int {
	counts := map[string]int{}
	for i := range rows {
		if rows[i].BatchID != nil {
			counts[*rows[i].BatchID]++
		}
	}
	return counts
}

// settleBatch counts n members that have ended in a state, and starts the callback after the last one. A negative n
// reverts an earlier count.
func (s *Store) settleBatch(ctx context.Context, id string, state job.State, n int) error {
	column := "done"
	switch state {
	case job.Dead:
		column = "dead"
	case job.Cancelled:
		column = "cancelled"
	default:
	}
	batches := func() *gorm.DB { return s.db.With(ctx).Model(&covetmodels.JobBatch{}) }
	err := batches().Where("id = ?", id).Update(column, gorm.Expr(column+" + ?", n)).Error
	if err != nil || n < 0 {
		return err
	}
	res := batches().Where("id = ? AND finished_at IS NULL AND done + dead + cancelled >= total", id).
		Update("finished_at", s.Now())
	if res.Error != nil || res.RowsAffected == 0 {
		return res.Error
	}
	var batch covetmodels.JobBatch
	if err := batches().Where("id = ?", id).Take(&batch).Error; err != nil || batch.CallbackID == nil {
		return err
	}
	return s.rows(ctx).Where("id = ? AND state = ?", *batch.CallbackID, job.Held).
		Updates(to(job.Pending).runAt(s.Now()).columns).Error
}

// growBatch adds members to a batch that has not ended.
func (s *Store) growBatch(ctx context.Context, id string, n int) error {
	res := s.db.With(ctx).Model(&covetmodels.JobBatch{}).Where("id = ? AND finished_at IS NULL", id).
		Update("total", gorm.Expr("total + ?", n))
	if res.Error == nil && res.RowsAffected == 0 {
		return job.ErrNoBatch
	}
	return res.Error
}
