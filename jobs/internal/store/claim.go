package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/jobs/internal/job"
)

// carriedPayload is how many bytes of arguments go through Redis at most. Larger ones stay in the row, where the worker
// fetches them: neither a batch of the relay nor Redis grows with them.
const carriedPayload = 64 << 10

// claimedColumns are those of a delivery. Arguments that are not carried are empty, as others never are.
var claimedColumns = "id, kind, queue, priority, delivery, attempts, run_at, version, sealed_with, meta, " +
	"chain_id, batch_id, callback_of, " +
	fmt.Sprintf("CASE WHEN octet_length(payload) <= %d THEN payload ELSE '' END AS payload", carriedPayload)

// unclaimed narrows to pending rows that no relay has claimed.
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

// ClaimParams say which rows a relay claims.
type ClaimParams struct {
	// Token names the claim.
	Token string
	// Limit is how many rows are claimed at most.
	Limit int
	// At is the time by which rows are due, Until the end of the claim.
	At, Until time.Time
}

// Claim gives pending rows that are due to a relay and returns their deliveries. Servers let relays claim side by side
// (SKIP LOCKED); on SQLite the transaction is the only one that writes.
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

// DispatchParams name the rows of a claim that have been sent.
type DispatchParams struct {
	Token string
	// Epoch is that of the contents of Redis.
	Epoch string
	IDs   []string
}

// Dispatch ends the claim on pending rows that have been sent. Rows that a fast worker has started meanwhile stay as
// they are.
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

// UnclaimAll ends every claim: the caller knows that no other process relays.
func (s *Store) UnclaimAll(ctx context.Context) error {
	_, err := s.update(ctx, keepState().free(), "state = ? AND lease_until IS NOT NULL", job.Pending)
	return err
}

// RedeliverStrays returns rows to pending that were dispatched under another epoch than the given one.
func (s *Store) RedeliverStrays(ctx context.Context, epoch string) (int, error) {
	return s.updateAll(ctx, s.toPending(), "state = ? AND epoch <> ?", job.Dispatched, epoch)
}

// Redeliver returns a dispatched row to pending; false if it has moved on since the delivery.
func (s *Store) Redeliver(ctx context.Context, d job.Ref) (bool, error) {
	n, err := s.update(ctx, s.toPending(), "id = ? AND delivery = ? AND state = ?", d.ID, d.Number, job.Dispatched)
	return n == 1, err
}

// Dispatched returns the deliveries of those of the rows that are dispatched, without arguments.
func (s *Store) Dispatched(ctx context.Context, ids []string) ([]job.Delivery, error) {
	var rows []job.Row
	err := s.withoutTexts(ctx).Where("id IN ? AND state = ?", ids, job.Dispatched).Find(&rows).Error
	return deliveriesOf(rows), err
}

// DispatchedAfter returns a batch of dispatched deliveries behind an id, in the order of their ids, without arguments.
func (s *Store) DispatchedAfter(ctx context.Context, id string) ([]job.Delivery, error) {
	var rows []job.Row
	err := s.withoutTexts(ctx).Where("state = ? AND id > ?", job.Dispatched, id).
		Order("id").Limit(MaintenanceBatch).Find(&rows).Error
	return deliveriesOf(rows), err
}

func (s *Store) withoutTexts(ctx context.Context) *gorm.DB {
	return s.rows(ctx).Omit("payload", "last_error", "last_stack", "result")
}

// KeepDueParams say what was due before the clock was set back.
type KeepDueParams struct {
	// At is the time by the present clock. Pending rows that were due by Until, or when they were enqueued, are due
	// then.
	At, Until time.Time
	// ClaimsUntil is the latest time until which a living relay claims.
	ClaimsUntil time.Time
}

// KeepDue makes those pending rows due that were due before the clock was set back, and ends the claims of relays that
// are gone.
func (s *Store) KeepDue(ctx context.Context, p KeepDueParams) error {
	_, err := s.updateAll(ctx, keepState().runAt(p.At),
		"state = ? AND run_at > ? AND (run_at <= ? OR run_at <= created_at)", job.Pending, p.At, p.Until)
	if err != nil {
		return err
	}
	_, err = s.updateAll(ctx, keepState().free(), "state = ? AND lease_until > ?", job.Pending, p.ClaimsUntil)
	return err
}
