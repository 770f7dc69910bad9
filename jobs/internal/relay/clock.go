package relay

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/store"
)

// Rows contain times of the system clock, which may be set while jobs wait and run.
//
// When the clock is set forward, all leases seem to have ended although their workers are alive. Therefore no job
// counts as lost for half a lease; by then every worker has extended its leases by the new time.
//
// When the clock is set back, due jobs seem to be due later, and the leases of lost workers seem to last. Therefore due
// jobs stay due, and leases that end later than any live worker would write count as ended. The relay also does this
// once after its start, because the clock may have been set before.

// clockWatch is the state of a relay's observation of the clock.
type clockWatch struct {
	at, steady time.Time // the clock and the monotonic time when they were last read
	due        time.Time // time of the clock before it was set back; zero if it was not or has been handled
	trusted    time.Time // when expired leases can be relied on again
	late       time.Time // when to look for leases that end too late; zero if done
}

// observe records the time and returns by how much the clock has been set since the last call, if by more than
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

// clockSkew is the maximum difference between the clocks of processes.
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
			return false, fmt.Errorf("finding jobs that were due before the clock was set: %w", err)
		}
		r.clock.due = time.Time{}
	}
	if r.clock.steady.Before(r.clock.trusted) {
		return false, nil
	}
	if !r.clock.late.IsZero() && !r.clock.steady.Before(r.clock.late) {
		count, err := r.rescuer.Rescue(ctx, store.LostBeyond(at.Add(2*r.cfg.Lease+clockSkew)))
		if err != nil {
			return false, fmt.Errorf("rescuing jobs with leases of another time: %w", err)
		}
		if count > 0 {
			r.log.WarnContext(ctx, "jobs that lost their worker before the clock was set back run again", "count", count)
		}
		r.clock.late = time.Time{}
	}
	return true, nil
}
