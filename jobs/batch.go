package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"gorm.io/gorm"

	covetmodels "github.com/covetgo/covet/models"
)

// Batch is a set of jobs, after whose end another one runs.
type Batch struct {
	// Jobs are the members. Each of them may add more, with [InBatch], while the batch has not ended.
	Jobs []any
	// Then runs once all members are done, dead or cancelled: exactly one job, however many workers finish at once.
	// It learns how they ended with [Client.Batch] and the id in [Execution].Batch. Defaults to nothing.
	Then any
}

// EnqueueBatch stores the jobs of a batch and its callback, and returns the id of the batch. A member that is retried
// after the end of the batch changes its counts, and does not call back again. Members are not [Unique].
//
// A batch without jobs has ended at once.
func (c *Client) EnqueueBatch(ctx context.Context, b Batch, opts ...EnqueueOption) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("enqueuing a batch: making an id: %w", err)
	}
	err = c.store.transaction(ctx, func(ctx context.Context) error { return c.insertBatch(ctx, id.String(), b, opts) })
	if err != nil {
		return "", fmt.Errorf("enqueuing a batch: %w", err)
	}
	c.rouseAfterCommit(ctx)
	return id.String(), nil
}

func (c *Client) insertBatch(ctx context.Context, id string, b Batch, opts []EnqueueOption) error {
	row := covetmodels.JobBatch{ID: id, CreatedAt: c.now()}
	if b.Then != nil {
		then, _, err := c.row(ctx, b.Then, nil)
		if err != nil {
			return fmt.Errorf("its callback: %w", err)
		}
		then.State, row.CallbackID = Held, &then.ID
		then.UniqueKey, then.UniqueAs, then.UniqueUntil = nil, "", nil
		then.CallbackOf = &id
		if err := c.store.insert(ctx, then); err != nil {
			return err
		}
	}
	if err := c.store.db.With(ctx).Create(&row).Error; err != nil {
		return err
	}
	rows, o, err := c.rowsOf(ctx, b.Jobs, append(opts, InBatch(id)))
	if err != nil {
		return err
	}
	for _, row := range rows {
		row.UniqueKey, row.UniqueAs, row.UniqueUntil = nil, "", nil
	}
	if _, err := c.insertMany(ctx, rows, o); err != nil {
		return err
	}
	return c.store.settleBatch(ctx, id, Done, 0) // it may have no members
}

// InBatch adds the job to a batch that has not ended; [ErrNoBatch] is returned when it has. A member of the batch always
// can: until its own end the batch goes on.
func InBatch(id string) EnqueueOption {
	return func(o *enqueueOptions) { o.batch = id }
}

// Batch returns how many jobs of a batch there are, and how many ended how; [ErrNoBatch] if it does not exist.
func (c *Client) Batch(ctx context.Context, id string) (covetmodels.JobBatch, error) {
	var batch covetmodels.JobBatch
	err := ErrNoBatch
	if isID(id) {
		err = c.store.db.With(ctx).Where("id = ?", id).Take(&batch).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = ErrNoBatch
	}
	if err != nil {
		return batch, fmt.Errorf("looking for batch %s: %w", id, err)
	}
	return batch, nil
}
