package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Workers returns the rows of processes, the longest running first.
func (s *Store) Workers(ctx context.Context) (rows []covetmodels.JobWorker, err error) {
	err = s.db.With(ctx).Order("started_at, id").Find(&rows).Error
	return rows, err
}

// SaveWorker writes the heartbeat of a process.
func (s *Store) SaveWorker(ctx context.Context, row *covetmodels.JobWorker) error {
	return s.upsert(ctx, row, "id")
}

// TouchWorker records that a process is alive now, if it has a row.
func (s *Store) TouchWorker(ctx context.Context, id string) error {
	return s.db.With(ctx).Model(&covetmodels.JobWorker{}).Where("id = ?", id).Update("seen_at", s.Now()).Error
}

// StopWorker records that a process is stopping and waits for its last jobs.
func (s *Store) StopWorker(ctx context.Context, id string) error {
	return s.db.With(ctx).Model(&covetmodels.JobWorker{}).Where("id = ?", id).
		Updates(map[string]any{"stopping": true, "seen_at": s.Now()}).Error
}

// DeleteWorker deletes the row of a process that has stopped.
func (s *Store) DeleteWorker(ctx context.Context, id string) error {
	return s.db.With(ctx).Where("id = ?", id).Delete(&covetmodels.JobWorker{}).Error
}

// SaveStats writes the counts of a process and replaces its earlier ones.
func (s *Store) SaveStats(ctx context.Context, rows []covetmodels.JobStat) error {
	return s.upsert(ctx, &rows, "minute", "queue", "worker")
}

// upsert inserts rows or replaces those with the same key.
func (s *Store) upsert(ctx context.Context, rows any, key ...string) error {
	conflict := clause.OnConflict{UpdateAll: true}
	for _, name := range key {
		conflict.Columns = append(conflict.Columns, clause.Column{Name: name})
	}
	return s.transaction(ctx, func(ctx context.Context) error {
		return s.db.With(ctx).Clauses(conflict).Create(rows).Error
	})
}

// StatsParams select statistics. Until is exclusive. An empty queue means all.
type StatsParams struct {
	Since, Until time.Time
	Queue        string
}

// Stats returns what processes counted, sorted by time.
func (s *Store) Stats(ctx context.Context, p StatsParams) (rows []covetmodels.JobStat, err error) {
	if !job.IsStorable(p.Queue) {
		return nil, nil
	}
	query := s.db.With(ctx).Where("minute >= ? AND minute < ?", p.Since.UTC(), p.Until.UTC())
	if p.Queue != "" {
		query = query.Where("queue = ?", p.Queue)
	}
	err = query.Find(&rows).Error
	slices.SortFunc(rows, func(a, b covetmodels.JobStat) int { return a.Minute.Compare(b.Minute) })
	return rows, err
}
