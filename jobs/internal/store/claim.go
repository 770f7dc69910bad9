package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/jobs/internal/job"
)

// carriedPayload is the maximum size of arguments that travel through Redis, in bytes. The worker reads larger ones
// from the row, so that neither a batch of the relay nor Redis grows with them.
const carriedPayload = 64 << 10

// claimedColumns are the columns of a delivery. Arguments that do not travel are read as empty, which real ones never
// are.
var claimedColumns = "id, kind, queue, priority, delivery, attempts, run_at, version, sealed_with, meta, " +
	"chain_id, batch_id, callback_of, " +
	fmt.Sprintf("CASE WHEN octet_length(payload) <= %d THEN payload ELSE '' END AS payload", carriedPayload)

// unclaimed selects pending rows that no relay has claimed.
func (s *Store) unclaimed(ctx context.Context, at time.Time) *gorm.DB {
	return s.rows(ctx).
		Where("state = ? AND (lease_until IS NULL OR lease_until < ?)", job.Pending, at).Order("run_at, id")
}

// Earliest returns the time of the next row to relay; false if there is none.
func (s *Store) Earliest(ctx context.Context, at time.Time) (time.Time, bool, error) {
	var rows []job.Row
	if err := s.unclaimed(ctx, at).Select("run_at").Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return time.Time{}, false, err
	}
	return rows[0].RunAt, true, nil
}

// Due returns up to limit rows to run, without claiming them.
func (s *Store) Due(ctx context.Context, at time.Time, limit int) (rows []job.Row, err error) {
	err = s.unclaimed(ctx, at).Where("run_at <= ?", at).Limit(limit).Find(&rows).Error
	return rows, err
}

// ClaimParams select the rows that a relay claims.
type ClaimParams struct {
	// Token identifies the claim.
	Token string
	// Limit is the maximum number of rows.
	Limit int
	// Rows that are due at At are claimed. Until is the end of the claim.
	At, Until time.Time
}

// Claim assigns due pending rows to a relay and returns their deliveries. On servers several relays claim at the same
// time (SKIP LOCKED). On SQLite the transaction is the only one that writes.
func (s *Store) Claim(ctx context.Context, p ClaimParams) ([]job.Delivery, error) {
	var rows []job.Row
	err := s.transaction(ctx, func(ctx context.Context) error {
		query := s.unclaimed(ctx, p.At).Select(claimedColumns).Where("run_at <= ?", p.At).Limit(p.Limit)
		if !s.db.Embedded() {
			query = query.Clauses(clause.Locking{
				Strength: clause.LockingStrengthUpdate, Options: clause.LockingOptionsSkipLocked,
			})
		}
		if err := query.Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		return s.rows(ctx).Where("id IN ?", idsOf(rows)).Updates(keepState().held(p.Token, p.Until).columns).Error
	})
	if err != nil {
		return nil, err
	}
	deliveries := deliveriesOf(rows)
	for i := range deliveries {
		deliveries[i].Fetch = len(deliveries[i].Payload) == 0
	}
	return deliveries, nil
}

func deliveriesOf(rows []job.Row) []job.Delivery {
	deliveries := make([]job.Delivery, len(rows))
	for i := range rows {
		deliveries[i] = job.DeliveryOf(&rows[i])
	}
	return deliveries
}

// DispatchParams identify the rows of a claim that have been sent.
type DispatchParams struct {
	Token string
	// Epoch is the epoch of the contents of Redis.
	Epoch string
	IDs   []string
}

// Dispatch marks pending rows of a claim as sent and ends the claim. It does not change rows that a worker has started
// already.
func (s *Store) Dispatch(ctx context.Context, p DispatchParams) error {
	values := to(job.Dispatched).free()
	values.columns["epoch"] = p.Epoch
	_, err := s.update(ctx, values, "id IN ? AND holder = ? AND state = ?", p.IDs, p.Token, job.Pending)
	return err
}

// Unclaim ends the claim on pending rows that could not be sent.
func (s *Store) Unclaim(ctx context.Context, token string, ids []string) error {
	_, err := s.update(ctx, keepState().free(), "id IN ? AND holder = ? AND state = ?", ids, token, job.Pending)
	return err
}

// UnclaimAll ends all claims. The caller knows that no other process relays.
func (s *Store) UnclaimAll(ctx context.Context) error {
	_, err := s.update(ctx, keepState().free(), "state = ? AND lease_until IS NOT NULL", job.Pending)
	return err
}

// RedeliverStrays returns rows to pending that were dispatched under another epoch than the given one.
func (s *Store) RedeliverStrays(ctx context.Context, epoch string) (int, error) {
	return s.updateAll(ctx, s.toPending(), "state = ? AND epoch <> ?", job.Dispatched, epoch)
}

// Redeliver returns a dispatched row to pending. It returns false if the row has changed since the delivery.
func (s *Store) Redeliver(ctx context.Context, d job.Ref) (bool, error) {
	n, err := s.update(ctx, s.toPending(), "id = ? AND delivery = ? AND state = ?", d.ID, d.Number, job.Dispatched)
	return n == 1, err
}

// Dispatched returns the deliveries of the given rows that are dispatched, without arguments.
func (s *Store) Dispatched(ctx context.Context, ids []string) ([]job.Delivery, error) {
	var rows []job.Row
	err := s.withoutTexts(ctx).Where("id IN ? AND state = ?", ids, job.Dispatched).Find(&rows).Error
	return deliveriesOf(rows), err
}

// DispatchedAfter returns a batch of dispatched deliveries after an id, sorted by id, without arguments.
func (s *Store) DispatchedAfter(ctx context.Context, id string) ([]job.Delivery, error) {
	var rows []job.Row
	err := s.withoutTexts(ctx).Where("state = ? AND id > ?", job.Dispatched, id).
		Order("id").Limit(MaintenanceBatch).Find(&rows).Error
	return deliveriesOf(rows), err
}

func (s *Store) withoutTexts(ctx context.Context) *gorm.DB {
	return s.rows(ctx).Omit("payload", "last_error", "last_stack", "result")
}

// KeepDueParams describe what was due before the clock was set back.
type KeepDueParams struct {
	// At is the current time. Pending rows that were due by Until, or when they were enqueued, become due at At.
	At, Until time.Time
	// ClaimsUntil is the latest time until which a live relay claims.
	ClaimsUntil time.Time
}

// KeepDue keeps pending rows due that were due before the clock was set back, and ends the claims of lost relays.
func (s *Store) KeepDue(ctx context.Context, p KeepDueParams) error {
	_, err := s.updateAll(ctx, keepState().runAt(p.At),
		"state = ? AND run_at > ? AND (run_at <= ? OR run_at <= created_at)", job.Pending, p.At, p.Until)
	if err != nil {
		return err
	}
	_, err = s.updateAll(ctx, keepState().free(), "state = ? AND lease_until > ?", job.Pending, p.ClaimsUntil)
	return err
}
