package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// The end of a job that is a member of a chain or a batch changes other rows, in the transaction that records it: the
// next member of the chain is due, or all those behind it end like it; and the batch counts it, and starts its callback
// after the last one. Two workers that finish at once wait for the row of the batch.

// notRun begins LastError of jobs that ended because one before them in the chain did.
const notRun = "not run: "

const linked = "(chain_id IS NOT NULL OR batch_id IS NOT NULL)"

// settle does what the end of a member means for its chain and its batch. It runs in the transaction of that end.
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
// takes back what was counted.
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
