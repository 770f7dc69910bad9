package store

import (
	"context"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// Run is a run of a job: its row while it is running under this delivery and held by this worker.
type Run struct {
	ID       string
	Delivery int
	Holder   string
	// Linked is true for members of chains and batches.
	Linked bool
}

// Progress is how far a job has come, by its own account. The zero value is no report.
type Progress struct{ Done, Total int64 }

// Payload returns the arguments of a row; false if it has been deleted.
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

// StartParams say who starts a delivery.
type StartParams struct {
	Holder string
	// Until is the end of the lease.
	Until time.Time
}

// Start gives a pending or dispatched row to a worker; false if the row has moved on since the delivery was sent.
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
	// Error is why no process can run it yet; empty leaves the last error.
	Error string
	// LimitKey is the limit that it waits for; empty leaves the last one.
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

// CompleteParams are what a run that succeeded leaves behind.
type CompleteParams struct {
	At       time.Time
	Progress Progress
	// Result is JSON; empty if there is none.
	Result string
}

// Complete ends a run as done. Like all transitions of a run it returns false, and changes nothing, once the row has
// another delivery or another holder.
func (s *Store) Complete(ctx context.Context, r Run, p CompleteParams) (bool, error) {
	return s.endRun(ctx, r, job.Done, toEnd(job.Done, p.At).progress(p.Progress).result(p.Result))
}

// DiscardParams say why a job will not run again.
type DiscardParams struct {
	At time.Time
	// Attempts counts the runs that failed, this one included.
	Attempts     int
	Error, Stack string
	Progress     Progress
}

// Discard ends a run, and with it the job, as dead.
func (s *Store) Discard(ctx context.Context, r Run, p DiscardParams) (bool, error) {
	values := toEnd(job.Dead, p.At).attempts(p.Attempts).losses(0).failure(p.Error, p.Stack).progress(p.Progress)
	return s.endRun(ctx, r, job.Dead, values)
}

// CancelRunParams say how a job ended that was asked to stop.
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
	// Attempts counts the runs that failed, this one included.
	Attempts     int
	Error, Stack string
	Progress     Progress
}

// Retry returns a job whose run failed to pending. If it was asked to stop meanwhile it is cancelled instead.
func (s *Store) Retry(ctx context.Context, r Run, p RetryParams) (bool, error) {
	values := s.toPending().runAt(p.RunAt).attempts(p.Attempts).losses(0).failure(p.Error, p.Stack).progress(p.Progress)
	return s.returnRun(ctx, r, values)
}

// SnoozeParams say when a job runs again that asked for it.
type SnoozeParams struct {
	RunAt    time.Time
	Progress Progress
}

// Snooze returns a job to pending that has neither failed nor succeeded. If it was asked to stop meanwhile it is
// cancelled instead.
func (s *Store) Snooze(ctx context.Context, r Run, p SnoozeParams) (bool, error) {
	return s.returnRun(ctx, r, s.toPending().runAt(p.RunAt).losses(0).progress(p.Progress))
}

// ReleaseParams say when a job runs again that its worker gave up.
type ReleaseParams struct {
	RunAt    time.Time
	Progress Progress
}

// Release returns a job to pending that was interrupted by the stop of its worker. If it was asked to stop meanwhile
// it is cancelled instead.
func (s *Store) Release(ctx context.Context, r Run, p ReleaseParams) (bool, error) {
	return s.returnRun(ctx, r, s.toPending().runAt(p.RunAt).progress(p.Progress))
}

// changeRun changes the row of a run that goes on; false if its worker has lost it.
func (s *Store) changeRun(ctx context.Context, r Run, and string, values set) (bool, error) {
	res := s.rows(ctx).
		Where("id = ? AND delivery = ? AND holder = ? AND state = ?"+and, r.ID, r.Delivery, r.Holder, job.Running).
		Updates(values.columns)
	return res.RowsAffected == 1, res.Error
}

// returnRun returns a run to pending, or cancels the job if that was asked for.
func (s *Store) returnRun(ctx context.Context, r Run, values set) (bool, error) {
	kept, err := s.changeRun(ctx, r, " AND cancel_asked_at IS NULL", values)
	if err != nil || kept {
		return kept, err
	}
	return s.endRun(ctx, r, job.Cancelled, toEnd(job.Cancelled, s.Now()))
}

// endRun ends a run, with what that means for the chain and the batch of a member.
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

// SaveProgress writes the progress of a run that goes on.
func (s *Store) SaveProgress(ctx context.Context, r Run, p Progress) error {
	values := keepState()
	values.columns["progress_done"], values.columns["progress_total"] = p.Done, p.Total
	_, err := s.changeRun(ctx, r, "", values)
	return err
}

// ExtendParams say which rows stay with their holder, and until when.
type ExtendParams struct {
	Holder string
	IDs    []string
	Until  time.Time
}

// Extend extends the leases of running rows that their holder still has.
func (s *Store) Extend(ctx context.Context, p ExtendParams) error {
	values := keepState()
	values.columns["lease_until"] = p.Until
	_, err := s.update(ctx, values, "id IN ? AND holder = ? AND state = ?", p.IDs, p.Holder, job.Running)
	return err
}

// ReleaseAll returns what a worker still holds to pending, and returns how many rows there were.
func (s *Store) ReleaseAll(ctx context.Context, holder string) (int, error) {
	return s.updateAll(ctx, s.toPending(), "state = ? AND holder = ?", job.Running, holder)
}

// CancelRequests returns those of the running rows of a holder that are asked to stop.
func (s *Store) CancelRequests(ctx context.Context, holder string, ids []string) (asked []string, err error) {
	err = s.rows(ctx).
		Where("id IN ? AND holder = ? AND state = ? AND cancel_asked_at IS NOT NULL", ids, holder, job.Running).
		Pluck("id", &asked).Error
	return asked, err
}

// WakeLimited makes the first pending row due that waits for a limit; false if none waits.
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
