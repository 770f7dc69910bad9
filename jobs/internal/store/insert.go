package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Limits of one statement of InsertMany: rows, and bytes of their arguments.
const (
	manyRows  = 500
	manyBytes = 4 << 20
)

// Insert inserts the row of a new job, pending or held, and returns its id. If another row has its unique key, it
// inserts nothing and returns the id of that row. A row of a batch adds a member to the batch; ErrNoBatch is returned
// if the batch has ended.
func (s *Store) Insert(ctx context.Context, row *job.Row) (id string, err error) {
	if row.BatchID == nil {
		return s.insertAlone(ctx, row)
	}
	err = s.transaction(ctx, func(ctx context.Context) error {
		var err error
		if id, err = s.insertAlone(ctx, row); err != nil || id != row.ID {
			return err
		}
		return s.growBatch(ctx, *row.BatchID, 1)
	})
	return id, err
}

// InsertMany inserts many rows like Insert, all or none of them. Rows without a unique key share statements. All rows
// belong to the same batch, or to none.
func (s *Store) InsertMany(ctx context.Context, rows []*job.Row) (ids []string, err error) {
	err = s.transaction(ctx, func(ctx context.Context) error {
		ids, err = s.insertMany(ctx, rows)
		return err
	})
	return ids, err
}

// BatchParams are the rows that InsertBatch inserts.
type BatchParams struct {
	Batch covetmodels.JobBatch
	// Callback is the job that runs after the end of the batch; nil for none.
	Callback *job.Row
	// Members are the jobs of the batch, which carry its id.
	Members []*job.Row
}

// InsertBatch inserts a batch, its members, and its callback, which is held. A batch without members ends immediately.
func (s *Store) InsertBatch(ctx context.Context, p BatchParams) error {
	return s.transaction(ctx, func(ctx context.Context) error {
		if p.Callback != nil {
			p.Callback.State, p.Callback.CallbackOf = job.Held, &p.Batch.ID
			p.Batch.CallbackID = &p.Callback.ID
			if _, err := s.insertAlone(ctx, p.Callback); err != nil {
				return err
			}
		}
		if err := s.db.With(ctx).Create(&p.Batch).Error; err != nil {
			return err
		}
		if _, err := s.insertMany(ctx, p.Members); err != nil {
			return err
		}
		return s.settleBatch(ctx, p.Batch.ID, job.Done, 0)
	})
}

func (s *Store) insertMany(ctx context.Context, rows []*job.Row) ([]string, error) {
	ids := make([]string, 0, len(rows))
	var together []*job.Row
	size, added := 0, 0
	flush := func() error {
		if len(together) == 0 {
			return nil
		}
		err := s.rows(ctx).Create(together).Error
		together, size = nil, 0
		return err
	}
	for _, row := range rows {
		if row.UniqueKey != nil {
			id, err := s.insertAlone(ctx, row)
			if err != nil {
				return nil, err
			}
			if ids = append(ids, id); id == row.ID {
				added++
			}
			continue
		}
		if len(together) == manyRows || size+len(row.Payload) > manyBytes {
			if err := flush(); err != nil {
				return nil, err
			}
		}
		together, size, ids = append(together, row), size+len(row.Payload), append(ids, row.ID)
		added++
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if added == 0 || rows[0].BatchID == nil {
		return ids, nil
	}
	return ids, s.growBatch(ctx, *rows[0].BatchID, added)
}

// insertAlone inserts a row and returns its id, or the id of the row that has its unique key.
func (s *Store) insertAlone(ctx context.Context, row *job.Row) (id string, err error) {
	if row.UniqueKey == nil {
		return row.ID, s.rows(ctx).Create(row).Error
	}
	for range 5 {
		inserted, err := s.insertOnce(ctx, row)
		if err != nil || inserted {
			return row.ID, err
		}
		other, err := s.keyHolder(ctx, *row.UniqueKey)
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			continue // it has just ended
		case err != nil:
			return "", err
		case other.UniqueUntil == nil || other.UniqueUntil.After(row.CreatedAt):
			return other.ID, nil
		}
		// The period of the key has passed.
		err = s.rows(ctx).Where("id = ? AND unique_key = ?", other.ID, *row.UniqueKey).Update("unique_key", nil).Error
		if err != nil {
			return "", err
		}
	}
	return "", errors.New("its unique key is taken by one job after the other")
}

// insertOnce inserts a row unless its unique key exists, and reports whether it did. MySQL does not report that in the
// number of rows, but, unlike the others, continues a transaction after the error.
func (s *Store) insertOnce(ctx context.Context, row *job.Row) (bool, error) {
	var inserted bool
	err := Again(ctx, func() error {
		if s.isMySQL() {
			err := s.rows(ctx).Create(row).Error
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

// keyHolder returns the row that has a unique key. The lock makes MySQL read what is committed now, and not at the
// begin of the transaction.
func (s *Store) keyHolder(ctx context.Context, key string) (row job.Row, err error) {
	query := s.rows(ctx).Select("id", "unique_until")
	if s.isMySQL() {
		query = query.Clauses(clause.Locking{Strength: clause.LockingStrengthShare})
	}
	err = query.Where("unique_key = ?", key).Take(&row).Error
	return row, err
}

// Batch returns the counts of a batch; ErrNoBatch if there is none with the id.
func (s *Store) Batch(ctx context.Context, id string) (batch covetmodels.JobBatch, err error) {
	if !job.IsID(id) {
		return batch, job.ErrNoBatch
	}
	err = s.db.With(ctx).Where("id = ?", id).Take(&batch).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = job.ErrNoBatch
	}
	return batch, err
}

// Notify notifies the relays of other processes, on PostgreSQL, that rows have been committed.
func (s *Store) Notify(ctx context.Context) error {
	if !s.Notifies() {
		return nil
	}
	return s.db.With(ctx).Exec("SELECT pg_notify(?, '')", notifyChannel).Error
}

// notifyChannel is the channel on which processes without a relay announce committed rows.
const notifyChannel = "covet_jobs"

// Notifies reports whether the database supports notifications between processes.
func (s *Store) Notifies() bool { return s.db.Dialect() == "postgres" }

// Listen calls heard for each notification of another process until ctx ends or the connection breaks.
func (s *Store) Listen(ctx context.Context, heard func()) error {
	if err := s.db.Listen(ctx, notifyChannel, heard); err != nil {
		return fmt.Errorf("listening for new jobs: %w", err)
	}
	return nil
}
