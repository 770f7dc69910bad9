package jobs

import (
	"context"
	"fmt"
	"math"

	"github.com/covetgo/covet/jobs/internal/schedule"
)

// ScheduleOption changes what a schedule does in special cases.
type ScheduleOption func(*schedule.Schedule)

// CatchUpAll is for [CatchUp]: all ticks that were missed, 10,000 of them at most.
const CatchUpAll = math.MaxInt

// CatchUp fires the last n of the ticks that passed while no process worked, as soon as one does; CatchUp(1) is for
// jobs that look at everything since the last time. Without it, and with CatchUp(0), ticks that are more than a minute
// late are skipped. Nothing is missed before a schedule has been started for the first time.
func CatchUp(n int) ScheduleOption {
	return func(s *schedule.Schedule) { s.CatchUp = max(n, 0) }
}

// SkipOverlap skips a tick while the job of an earlier tick of the same schedule has not ended. The skipped tick is a
// row that is cancelled, with the reason.
func SkipOverlap() ScheduleOption {
	return func(s *schedule.Schedule) { s.SkipOverlap = true }
}

// Schedule enqueues a copy of job at each tick of spec, once however many processes run, while at least one works.
// Ticks that pass while none does are skipped, unless [CatchUp] says otherwise. The name identifies the schedule and is
// not reused for another one.
//
// spec is a cron expression of five fields (minute, hour, day of month, month, day of week), in UTC unless it begins
// with a time zone; a descriptor such as @hourly, @daily or @weekly; or "@every" with a duration of whole seconds,
// which ticks at its multiples since 1970, not since the start of the process:
//
//	client.Schedule("digest", "30 7 * * 1-5", Digest{})
//	client.Schedule("report", "CRON_TZ=Europe/Berlin 0 9 1 * *", Report{}, covetjobs.CatchUp(1))
//	client.Schedule("sweep", "@every 10m", Sweep{}, covetjobs.SkipOverlap())
//
// A local time that the start of daylight saving skips does not fire that day; one that its end repeats fires twice.
// A clock that is set back fires no tick again, and one that is set forward misses those between. Faults are reported
// by [Client.Start].
func (c *Client) Schedule(name, spec string, job any, opts ...ScheduleOption) {
	added := schedule.Schedule{Name: name, Spec: spec, Job: job}
	for _, opt := range opts {
		opt(&added)
	}
	if err := c.scheduler.Add(added); err != nil {
		c.fault(fmt.Errorf("scheduling %q at %q: %w", name, spec, err))
	}
}

// RunSchedule enqueues the job of a schedule now, whatever its ticks and its options say, and returns its id. It writes
// in the transaction that ctx carries, if any. [ErrNoSchedule] is returned if no schedule of this process has the name.
func (c *Client) RunSchedule(ctx context.Context, name string) (string, error) {
	value, known := c.scheduler.Job(name)
	if !known {
		return "", fmt.Errorf("running schedule %q: %w", name, ErrNoSchedule)
	}
	row, err := c.rows.NewRow(ctx, value)
	var id string
	if err == nil {
		row.Schedule = name
		id, err = c.store.Insert(ctx, row)
	}
	if err != nil {
		return "", fmt.Errorf("running schedule %q: %w", name, err)
	}
	c.waker.WakeAfterCommit(ctx)
	return id, nil
}
