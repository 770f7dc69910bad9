package jobs

import (
	"context"
	"fmt"
	"time"
)

// Rows hold times of the clock on the wall, which may be set while jobs wait and run.
//
// Set forward, all leases seem to be over, although their workers live. So for half a lease no job counts as lost: by then
// every worker has extended its leases by the new time.
//
// Set back, jobs that were due seem to be due later, and the leases of workers that are gone seem to last. So what was due
// stays due, and leases that end later than any worker would say by the new time are over. The same is looked for once after
// the start of a relay, before which the clock may have been set.

// clockWatch is what a relay knows of the clock.
type clockWatch struct {
	at, steady time.Time // the clock, and the time that nobody sets, when they were last looked at
	due        time.Time // what was due before the clock was set back; zero if nothing is to be done about it
	trusted    time.Time // when expired leases can be relied on again
	late       time.Time // when leases that end too late are looked for; zero if they have been
}

// look notes the time and returns by how much the clock has been set since it last did, if by more than tolerance.
func (w *clockWatch) look(at, steady time.Time, tolerance, settle time.Duration) time.Duration {
	first := w.steady.IsZero()
	by := at.Sub(w.at) - steady.Sub(w.steady)
	w.at, w.steady = at, steady
	switch {
	case first:
		w.due, w.late = at, steady.Add(settle)
		return 0
	case by.Abs() <= tolerance:
		return 0
	}
	w.trusted, w.late = steady.Add(settle), steady.Add(settle)
	if by < 0 {
		w.due = at.Add(-by)
	}
	return by
}

// heedClock puts right what the setting of the clock has upset, and reports whether expired leases can be relied on.
func (r *relay) heedClock(ctx context.Context, at time.Time) (bool, error) {
	by := r.clock.look(at, time.Now(), r.cfg.Lease/4, r.cfg.Lease/2)
	if by != 0 {
		r.log.WarnContext(ctx, "the clock has been set", "by", by.Round(time.Millisecond))
	}
	if !r.clock.due.IsZero() {
		if err := r.store.keepDue(ctx, at, r.clock.due); err != nil {
			return false, fmt.Errorf("looking for jobs that were due before the clock was set: %w", err)
		}
		r.clock.due = time.Time{}
	}
	if r.clock.steady.Before(r.clock.trusted) {
		return false, nil
	}
	if !r.clock.late.IsZero() && !r.clock.steady.Before(r.clock.late) {
		count, err := r.putBackLost(ctx, "state = ? AND lease_until > ?", Running, at.Add(2*r.cfg.Lease+clockSkew))
		if err != nil {
			return false, fmt.Errorf("putting back jobs whose leases are of another time: %w", err)
		}
		if count > 0 {
			r.log.WarnContext(ctx, "jobs had lost their worker before the clock was set back, and run again", "count", count)
		}
		r.clock.late = time.Time{}
	}
	return true, nil
}

// clockSkew is by how much the clocks of processes may differ.
const clockSkew = time.Minute

// keepDue makes those pending rows due that were due before the clock was set back: until then, or when they were enqueued.
// The claims of relays that are gone end, too.
func (s store) keepDue(ctx context.Context, at, until time.Time) error {
	_, err := s.updateAll(ctx, func() map[string]any { return map[string]any{"run_at": at} },
		"state = ? AND run_at > ? AND (run_at <= ? OR run_at <= created_at)", Pending, at, until)
	if err != nil {
		return err
	}
	_, err = s.updateAll(ctx, unheld, "state = ? AND lease_until > ?", Pending, at.Add(claimLease+clockSkew))
	return err
}
