package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// SetPaused records when a queue was paused; nil records that it is not paused.
func (s *Store) SetPaused(ctx context.Context, queue string, at *time.Time) error {
	row := covetmodels.JobQueue{Name: queue, PausedAt: at}
	conflict := clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}
	return s.db.With(ctx).Clauses(conflict).Create(&row).Error
}

// Queues returns all queues that have ever been paused, sorted, with the time at which they were paused; nil if they
// are not.
func (s *Store) Queues(ctx context.Context) (rows []covetmodels.JobQueue, err error) {
	err = s.db.With(ctx).Order("name").Find(&rows).Error
	return rows, err
}
