package jobs

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	covetmodels "github.com/covetgo/covet/models"
)

// A statement of EnqueueMany inserts so many rows, of so many bytes of arguments at most.
const (
	manyRows  = 500
	manyBytes = 4 << 20
)

// EnqueueMany stores many jobs, of one kind or of several, and returns their ids in the same order. It is like calling
// [Client.Enqueue] for each, all or nothing, and many times faster: 500 of them are one statement. Jobs that are [Unique]
// take one each.
func (c *Client) EnqueueMany(ctx context.Context, jobs []any, opts ...EnqueueOption) ([]string, error) {
	var ids []string
	err := c.store.transaction(ctx, func(ctx context.Context) error {
		rows, o, err := c.rowsOf(ctx, jobs, opts)
		if err == nil {
			ids, err = c.insertMany(ctx, rows, o)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("enqueuing %d jobs: %w", len(jobs), err)
	}
	c.rouseAfterCommit(ctx)
	return ids, nil
}

// rowsOf makes rows of jobs that are enqueued together.
func (c *Client) rowsOf(ctx context.Context, jobs []any, opts []EnqueueOption) ([]*covetmodels.OutboxRow, enqueueOptions, error) {
	rows := make([]*covetmodels.OutboxRow, len(jobs))
	var o enqueueOptions
	for i, job := range jobs {
		var err error
		if rows[i], o, err = c.row(ctx, job, opts); err != nil {
			return nil, o, fmt.Errorf("job %d: %w", i, err)
		}
	}
	return rows, o, nil
}

func (c *Client) insertMany(ctx context.Context, rows []*covetmodels.OutboxRow, o enqueueOptions) ([]string, error) {
	ids := make([]string, 0, len(rows))
	var batch []*covetmodels.OutboxRow
	size, added := 0, 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := c.store.rows(ctx).Create(batch).Error
		batch, size = nil, 0
		return err
	}
	queues := map[string]bool{}
	for _, row := range rows {
		if !queues[row.Queue] {
			queues[row.Queue] = true
			c.warnUnknownQueue(ctx, row.Queue, row.Kind, row.ID)
		}
		if row.UniqueKey != nil {
			id, err := c.insertAlone(ctx, row, o)
			if err != nil {
				return nil, err
			}
			if ids = append(ids, id); id == row.ID {
				added++
			}
			continue
		}
		if len(batch) == manyRows || size+len(row.Payload) > manyBytes {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		batch, size, ids = append(batch, row), size+len(row.Payload), append(ids, row.ID)
		added++
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if o.batch == "" || added == 0 {
		return ids, nil
	}
	return ids, c.store.growBatch(ctx, o.batch, added)
}

// EnqueueChain stores jobs that run one after the other: each when the one before is done, decided in the transaction
// that ends it. It returns their ids in order.
//
// When one of them is dead or cancelled, those behind it end in the same way, with the reason as their error. A retry of
// the one that stopped the chain makes them wait again.
func (c *Client) EnqueueChain(ctx context.Context, jobs []any, opts ...EnqueueOption) ([]string, error) {
	chain, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("enqueuing a chain: making an id: %w", err)
	}
	var ids []string
	err = c.store.transaction(ctx, func(ctx context.Context) error {
		rows, o, err := c.rowsOf(ctx, jobs, opts)
		if err != nil {
			return err
		}
		id := chain.String()
		for i, row := range rows {
			row.ChainID, row.ChainIndex = &id, i
			row.UniqueKey, row.UniqueAs, row.UniqueUntil = nil, "", nil // a member that is left out would end the chain
			if i > 0 {
				row.State, row.RunAt = Held, row.CreatedAt
			}
		}
		ids, err = c.insertMany(ctx, rows, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("enqueuing a chain: %w", err)
	}
	c.rouseAfterCommit(ctx)
	return ids, nil
}
