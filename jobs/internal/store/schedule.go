package store

import (
	"context"
	"fmt"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Schedules returns the stored schedules by name.
func (s *Store) Schedules(ctx context.Context) (map[string]covetmodels.JobSchedule, error) {
	var rows []covetmodels.JobSchedule
	if err := s.db.With(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	byName := make(map[string]covetmodels.JobSchedule, len(rows))
	for _, row := range rows {
		byName[row.Name] = row
	}
	return byName, nil
}

// InsertSchedule records a schedule that has no row yet.
func (s *Store) InsertSchedule(ctx context.Context, row *covetmodels.JobSchedule) error {
	return s.db.With(ctx).Clauses(clause.OnConflict{DoNothing: true}).Create(row).Error
}

// UpdateSchedule records the declaration of a schedule by a process that starts, without its last tick, which another
// process may be writing.
func (s *Store) UpdateSchedule(ctx context.Context, row *covetmodels.JobSchedule) error {
	return s.db.With(ctx).Model(&covetmodels.JobSchedule{}).Where("name = ?", row.Name).
		Updates(map[string]any{"spec": row.Spec, "kind": row.Kind, "seen_at": row.SeenAt}).Error
}

// TickParams describe a tick.
type TickParams struct {
	// Row is the job of the tick, with the name of the schedule and a unique key of the tick.
	Row *job.Row
	// SkipOverlap cancels the row while the job of an earlier tick has not ended.
	SkipOverlap bool
}

// FireTick inserts the row of a tick and records the tick. It returns false if another process has done so.
func (s *Store) FireTick(ctx context.Context, p TickParams) (fired bool, err error) {
	err = s.transaction(ctx, func(ctx context.Context) error {
		if p.SkipOverlap {
			if err := s.skipOverlap(ctx, p.Row); err != nil {
				return err
			}
		}
		if fired, err = s.insertOnce(ctx, p.Row); err != nil || !fired {
			return err
		}
		values := map[string]any{"last_tick": p.Row.RunAt}
		if p.Row.State != job.Cancelled {
			values["last_job_id"] = p.Row.ID
		}
		return s.db.With(ctx).Model(&covetmodels.JobSchedule{}).Where("name = ?", p.Row.Schedule).Updates(values).Error
	})
	return fired, err
}

// skipOverlap makes a row cancelled if the job of an earlier tick has not ended.
func (s *Store) skipOverlap(ctx context.Context, row *job.Row) error {
	var known covetmodels.JobSchedule
	err := s.db.With(ctx).Where("name = ?", row.Schedule).Limit(1).Find(&known).Error
	if err != nil || known.LastJobID == "" {
		return err
	}
	var before []job.Row
	err = s.rows(ctx).Select("id").Where("id = ? AND state NOT IN ?", known.LastJobID, job.Ended()).
		Limit(1).Find(&before).Error
	if err != nil || len(before) == 0 {
		return err
	}
	at := s.Now()
	row.State, row.FinishedAt = job.Cancelled, &at
	row.LastError = fmt.Sprintf("skipped: job %s of an earlier tick has not ended", known.LastJobID)
	return nil
}
