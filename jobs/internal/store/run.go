package store

import (
	"context"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Run identifies a run of a job: its row while it is running under this delivery and held by this worker.
type Run struct {
	ID       string
	Delivery int
	Holder   string
	// Linked is true for members of chains and batches.
	Linked bool
}

// Progress is the progress that a job reports. The zero value means none.
type Progress struct{ Done, Total int64 }

// Payload returns the arguments of a row. It returns false if the row has been deleted.
func (s *Store) Payload(ctx context.Context, id string) ([]byte, bool, error) {
	var found []string
	err := s.rows(ctx).Where("id = ?", id).Limit(1).Pluck("payload", &found).Error
	if err != nil || len(found) == 0 {
		return nil, false, err
	}
	return []byte(found[0]), true, nil
}

// Exists reports whether there is a row with the id.
func (s *Store) Exists(ctx context.Context, id string) (bool, error) {
	var n int64
	err := s.rows(ctx).Where("id = ?", id).Count(&n).Error
	return n > 0, err
}

// StartParams identify the worker that starts a delivery.
type StartParams struct {
	Holder string
	// Until is the end of the lease.
	Until time.Time
}

// Start assigns a pending or dispatched row to a worker. It returns false if the row has changed since the delivery was
// sent.
func (s *Store) Start(ctx context.Context, d job.Ref, p StartParams) (bool, error) {
	var started bool
	err := Again(ctx, func() error {
		values := to(job.Running).held(p.Holder, p.Until)
		values.columns["started_at"], values.columns["limit_key"] = s.Now(), nil
		res := s.rows(ctx).
			Where("id = ? AND delivery = ? AND state IN ?", d.ID, d.Number, []job.State{job.Pending, job.Dispatched}).
			Updates(values.columns)
		started = res.RowsAffected == 1
		return res.Error
	})
	return started, err
}

// PostponeParams say until when a delivery waits, and why.
type PostponeParams struct {
	RunAt time.Time
	// Error is why no process can run it yet; empty keeps the last error.
	Error string
	// LimitKey is the limit that it waits for; empty keeps the last one.
	LimitKey string
}

// Postpone returns a delivery that has not started to pending.
func (s *Store) Postpone(ctx context.Context, d job.Ref, p PostponeParams) error {
	values := s.toPending().runAt(p.RunAt)
	if p.Error != "" {
		values = values.lastError(p.Error)
	}
	if p.LimitKey != "" {
		values.columns["limit_key"] = p.LimitKey
	}
	return s.rows(ctx).
		Where("id = ? AND delivery = ? AND state IN ?", d.ID, d.Number, []job.State{job.Pending, job.Dispatched}).
		Updates(values.columns).Error
}

// CompleteParams are the results of a run that succeeded.
type CompleteParams struct {
	At       time.Time
	Progress Progress
	// Result is JSON; empty for none.
	Result string
}

// Complete ends a run as done. Like all transitions of a run, it returns false and changes nothing if the row has
// another delivery or another holder.
func (s *Store) Complete(ctx context.Context, r Run, p CompleteParams) (bool, error) {
	return s.endRun(ctx, r, job.Done, toEnd(job.Done, p.At).progress(p.Progress).result(p.Result))
}

// DiscardParams say why a job will not run again.
type DiscardParams struct {
	At time.Time
	// Attempts is the number of failed runs, including this one.
	Attempts     int
	Error, Stack string
	Progress     Progress
}

// Discard ends a run, and its job, as dead.
func (s *Store) Discard(ctx context.Context, r Run, p DiscardParams) (bool, error) {
	values := toEnd(job.Dead, p.At).attempts(p.Attempts).losses(0).failure(p.Error, p.Stack).progress(p.Progress)
	return s.endRun(ctx, r, job.Dead, values)
}

// CancelRunParams say how a job ended that had been asked to stop.
type CancelRunParams struct {
	At       time.Time
	Error    string
	Progress Progress
}

// CancelRun ends a run as cancelled.
func (s *Store) CancelRun(ctx context.Context, r Run, p CancelRunParams) (bool, error) {
	return s.endRun(ctx, r, job.Cancelled, toEnd(job.Cancelled, p.At).lastError(p.Error).progress(p.Progress))
}

// RetryParams say when a failed job runs again.
type RetryParams struct {
	RunAt time.Time
	// Attempts is the number of failed runs, including this one.
	Attempts     int
	Error, Stack string
	Progress     Progress
}

// Retry returns a job whose run failed to pending, or cancels it if that was requested in the meantime.
func (s *Store) Retry(ctx context.Context, r Run, p RetryParams) (bool, error) {
	values := s.toPending().runAt(p.RunAt).attempts(p.Attempts).losses(0).failure(p.Error, p.Stack).progress(p.Progress)
	return s.returnRun(ctx, r, values)
}

// SnoozeParams say when a job runs again that returned Snooze.
type SnoozeParams struct {
	RunAt    time.Time
	Progress Progress
}

// Snooze returns a job that has neither failed nor succeeded to pending, or cancels it if that was requested in the
// meantime.
func (s *Store) Snooze(ctx context.Context, r Run, p SnoozeParams) (bool, error) {
	return s.returnRun(ctx, r, s.toPending().runAt(p.RunAt).losses(0).progress(p.Progress))
}

// ReleaseParams say when a job runs again that its worker released.
type ReleaseParams struct {
	RunAt    time.Time
	Progress Progress
}

// Release returns a job that the stop of its worker interrupted to pending, or cancels it if that was requested in the
// meantime.
func (s *Store) Release(ctx context.Context, r Run, p ReleaseParams) (bool, error) {
	return s.returnRun(ctx, r, s.toPending().runAt(p.RunAt).progress(p.Progress))
}

// changeRun changes the row of a current run. It returns false if its worker has lost the row.
func (s *Store) changeRun(ctx context.Context, r Run, and string, values set) (bool, error) {
	res := s.rows(ctx).
		Where("id = ? AND delivery = ? AND holder = ? AND state = ?"+and, r.ID, r.Delivery, r.Holder, job.Running).
		Updates(values.columns)
	return res.RowsAffected == 1, res.Error
}

// returnRun returns a run to pending, or cancels the job if that was requested.
func (s *Store) returnRun(ctx context.Context, r Run, values set) (bool, error) {
	kept, err := s.changeRun(ctx, r, " AND cancel_asked_at IS NULL", values)
	if err != nil || kept {
		return kept, err
	}
	return s.endRun(ctx, r, job.Cancelled, toEnd(job.Cancelled, s.Now()))
}

// endRun ends a run and updates the chain and the batch of the job.
func (s *Store) endRun(ctx context.Context, r Run, state job.State, values set) (kept bool, err error) {
	if !r.Linked {
		return s.changeRun(ctx, r, "", values)
	}
	err = s.transaction(ctx, func(ctx context.Context) error {
		if kept, err = s.changeRun(ctx, r, "", values); err != nil || !kept {
			return err
		}
		return s.settle(ctx, r.ID, state)
	})
	return kept, err
}

// SaveProgress writes the progress of a current run.
func (s *Store) SaveProgress(ctx context.Context, r Run, p Progress) error {
	values := keepState()
	values.columns["progress_done"], values.columns["progress_total"] = p.Done, p.Total
	_, err := s.changeRun(ctx, r, "", values)
	return err
}

// ExtendParams say which rows their holder keeps, and until when.
type ExtendParams struct {
	Holder string
	IDs    []string
	Until  time.Time
}

// Extend extends the leases of running rows that still belong to their holder.
func (s *Store) Extend(ctx context.Context, p ExtendParams) error {
	values := keepState()
	values.columns["lease_until"] = p.Until
	_, err := s.update(ctx, values, "id IN ? AND holder = ? AND state = ?", p.IDs, p.Holder, job.Running)
	return err
}

// ReleaseAll returns all rows that a worker holds to pending and returns how many.
func (s *Store) ReleaseAll(ctx context.Context, holder string) (int, error) {
	return s.updateAll(ctx, s.toPending(), "state = ? AND holder = ?", job.Running, holder)
}

// CancelRequests returns those of a holder's running rows that have been asked to stop.
func (s *Store) CancelRequests(ctx context.Context, holder string, ids []string) (asked []string, err error) {
	err = s.rows(ctx).
		Where("id IN ? AND holder = ? AND state = ? AND cancel_asked_at IS NOT NULL", ids, holder, job.Running).
		Pluck("id", &asked).Error
	return asked, err
}

// WakeLimited makes the first pending row that waits for a limit due. It returns false if none waits.
func (s *Store) WakeLimited(ctx context.Context, key string) (bool, error) {
	var ids []string
	at := s.Now()
	err := s.rows(ctx).Where("limit_key = ? AND state = ? AND run_at > ?", key, job.Pending, at).
		Order("id").Limit(1).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return false, err
	}
	res := s.rows(ctx).Where("id = ? AND limit_key = ? AND state = ?", ids[0], key, job.Pending).Update("run_at", at)
	return res.RowsAffected == 1, res.Error
}
