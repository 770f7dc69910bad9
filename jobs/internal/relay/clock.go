package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/store"
)

// Rows hold times of the system clock, which may be set while jobs wait and run.
//
// Set forward, all leases seem to be over, although their workers are alive. So for half a lease no job counts as
// lost: by then every worker has extended its leases by the new time.
//
// Set back, jobs that were due seem to be due later, and the leases of workers that are gone seem to last. So jobs that
// were due stay due, and leases that end later than any worker would write by the new time are over. The relay does the
// same once after its start, before which the clock may have been set.

// clockWatch is what a relay knows of the clock.
type clockWatch struct {
	at, steady time.Time // the clock and the monotonic time when they were last read
	due        time.Time // what was due before the clock was set back; zero if nothing is to be done about it
	trusted    time.Time // when expired leases can be relied on again
	late       time.Time // when leases that end too late are looked for; zero if they have been
}

// observe records the time and returns by how much the clock has been set since the last time, if by more than
// tolerance.
func (w *clockWatch) observe(at, steady time.Time, tolerance, settle time.Duration) time.Duration {
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

// clockSkew is by how much the clocks of processes may differ.
const clockSkew = time.Minute

// adjustClock corrects rows after the clock has been set, and reports whether expired leases can be relied on.
func (r *Relay) adjustClock(ctx context.Context, at time.Time) (bool, error) {
	by := r.clock.observe(at, time.Now(), r.cfg.Lease/4, r.cfg.Lease/2)
	if by != 0 {
		r.log.WarnContext(ctx, "the clock has been set", "by", by.Round(time.Millisecond))
	}
	if !r.clock.due.IsZero() {
		err := r.outbox.KeepDue(ctx, store.KeepDueParams{
			At: at, Until: r.clock.due, ClaimsUntil: at.Add(claimLease + clockSkew),
		})
		if err != nil {
			return false, fmt.Errorf("looking for jobs that were due before the clock was set: %w", err)
		}
		r.clock.due = time.Time{}
	}
	if r.clock.steady.Before(r.clock.trusted) {
		return false, nil
	}
	if !r.clock.late.IsZero() && !r.clock.steady.Before(r.clock.late) {
		count, err := r.rescuer.Rescue(ctx, store.LostBeyond(at.Add(2*r.cfg.Lease+clockSkew)))
		if err != nil {
			return false, fmt.Errorf("returning jobs whose leases are of another time: %w", err)
		}
		if count > 0 {
			r.log.WarnContext(ctx, "jobs had lost their worker before the clock was set back, and run again", "count", count)
		}
		r.clock.late = time.Time{}
	}
	return true, nil
}
