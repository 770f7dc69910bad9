package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Lost selects running rows whose worker is lost. Transitions of lost rows check the condition again, so that a worker
// that extends its lease at the last moment keeps its row.
type Lost struct {
	condition string
	args      []any
}

// LostBefore selects running rows whose lease ended before the given time.
func LostBefore(at time.Time) Lost {
	return Lost{"state = ? AND lease_until < ?", []any{job.Running, at}}
}

// LostBeyond selects running rows whose lease ends later than any live worker would write.
func LostBeyond(at time.Time) Lost {
	return Lost{"state = ? AND lease_until > ?", []any{job.Running, at}}
}

// LostAll selects all running rows. The caller knows that no other process runs jobs.
func LostAll() Lost { return Lost{"state = ?", []any{job.Running}} }

// LostRows returns a batch of lost rows, with the columns that a rescue needs.
func (s *Store) LostRows(ctx context.Context, lost Lost) (rows []job.Row, err error) {
	err = s.rows(ctx).
		Select("id", "kind", "queue", "attempts", "losses", "holder", "run_at", "started_at", "cancel_asked_at").
		Where(lost.condition, lost.args...).Order("run_at").Limit(MaintenanceBatch).Find(&rows).Error
	return rows, err
}

// RescueParams say which lost rows run again and when.
type RescueParams struct {
	IDs []string
	// Losses is the number of consecutive workers that the jobs have lost, including this one.
	Losses int
	// RunAt is when they run again; zero keeps the time when they were due.
	RunAt time.Time
}

// Rescue returns lost rows to pending and returns how many.
func (s *Store) Rescue(ctx context.Context, lost Lost, p RescueParams) (int, error) {
	values := s.toPending().losses(p.Losses)
	if !p.RunAt.IsZero() {
		values = values.runAt(p.RunAt)
	}
	return s.update(ctx, values, "id IN ? AND "+lost.condition, append([]any{p.IDs}, lost.args...)...)
}

// DiscardLostParams say why a lost row is dead.
type DiscardLostParams struct {
	ID     string
	Losses int
	Error  string
}

// DiscardLost ends a lost row as dead.
func (s *Store) DiscardLost(ctx context.Context, lost Lost, p DiscardLostParams) (bool, error) {
	return s.endLost(ctx, lost, p.ID, job.Dead, toEnd(job.Dead, s.Now()).losses(p.Losses).lastError(p.Error))
}

// CancelLost ends a lost row as cancelled.
func (s *Store) CancelLost(ctx context.Context, lost Lost, id string) (bool, error) {
	return s.endLost(ctx, lost, id, job.Cancelled, toEnd(job.Cancelled, s.Now()).lastError(job.ErrCancelled.Error()))
}

func (s *Store) endLost(
	ctx context.Context, lost Lost, id string, state job.State, values set,
) (ended bool, err error) {
	err = s.transaction(ctx, func(ctx context.Context) error {
		res := s.rows(ctx).Where("id = ? AND "+lost.condition, append([]any{id}, lost.args...)...).
			Updates(values.columns)
		if ended = res.RowsAffected == 1; !ended || res.Error != nil {
			return res.Error
		}
		return s.settle(ctx, id, state)
	})
	return ended, err
}

// SuspectTimes returns when pending rows with at least the given losses run again, within an interval.
func (s *Store) SuspectTimes(ctx context.Context, losses int, from, to time.Time) (times []time.Time, err error) {
	err = s.rows(ctx).Where("state = ? AND run_at >= ? AND run_at < ? AND losses >= ?", job.Pending, from, to, losses).
		Pluck("run_at", &times).Error
	return times, err
}

// Suspects counts, for each worker, the jobs with at least the given losses that it was running or had run when it was
// lost.
func (s *Store) Suspects(ctx context.Context, holders []string, losses int) (map[string]int, error) {
	var left, before []struct {
		Holder string
		N      int
	}
	err := s.rows(ctx).Select("holder, count(*) AS n").
		Where("state = ? AND holder IN ? AND losses >= ?", job.Running, holders, losses).
		Group("holder").Scan(&left).Error
	if err != nil {
		return nil, err
	}
	err = s.db.With(ctx).Model(&covetmodels.JobWorker{}).Select("id AS holder, suspects AS n").
		Where("id IN ?", holders).Scan(&before).Error
	counts := map[string]int{}
	for _, group := range append(left, before...) {
		counts[group.Holder] += group.N
	}
	return counts, err
}

// AddSuspect records that a lost worker ran a suspect.
func (s *Store) AddSuspect(ctx context.Context, worker string) error {
	return s.db.With(ctx).Model(&covetmodels.JobWorker{}).Where("id = ?", worker).
		UpdateColumn("suspects", gorm.Expr("suspects + 1")).Error
}

// OthersLost reports whether another worker was last seen within an interval without exactly one suspect.
func (s *Store) OthersLost(ctx context.Context, worker string, from, to time.Time) (bool, error) {
	var n int64
	err := s.db.With(ctx).Model(&covetmodels.JobWorker{}).
		Where("id <> ? AND works = ? AND suspects <> 1 AND seen_at >= ? AND seen_at < ?", worker, true, from, to).
		Count(&n).Error
	return n > 0, err
}
