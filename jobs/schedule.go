package jobs

import (
	"context"
	"fmt"
	"math"

	"github.com/covetgo/covet/jobs/internal/schedule"
)

// ScheduleOption changes a schedule's handling of missed and overlapping ticks.
type ScheduleOption func(*schedule.Schedule)

// CatchUpAll makes [CatchUp] fire all missed ticks, up to 10,000.
const CatchUpAll = math.MaxInt

// CatchUp fires the last n ticks that passed while no process ran jobs, as soon as one does. Use CatchUp(1) for jobs
// that process everything since their last run. Without it, and with CatchUp(0), ticks that are more than a minute late
// are skipped. Ticks before the first start of a schedule do not count as missed.
func CatchUp(n int) ScheduleOption {
	return func(s *schedule.Schedule) { s.CatchUp = max(n, 0) }
}

// SkipOverlap skips a tick while the job of an earlier tick of the same schedule has not ended. A skipped tick is
// stored as a cancelled job with the reason.
func SkipOverlap() ScheduleOption {
	return func(s *schedule.Schedule) { s.SkipOverlap = true }
}

// Schedule enqueues a copy of job at each tick of spec, once for all processes, while at least one of them runs jobs.
// Ticks that pass while none does are skipped, unless [CatchUp] says otherwise. The name identifies the schedule; do
// not reuse it for another one.
//
// spec is a cron expression of five fields (minute, hour, day of month, month, day of week), in UTC unless it begins
// with a time zone; a descriptor such as @hourly, @daily or @weekly; or "@every" with a duration in whole seconds,
// which ticks at multiples of the duration since 1970, not since the start of the process:
//
//	client.Schedule("digest", "30 7 * * 1-5", Digest{})
//	client.Schedule("report", "CRON_TZ=Europe/Berlin 0 9 1 * *", Report{}, covetjobs.CatchUp(1))
//	client.Schedule("sweep", "@every 10m", Sweep{}, covetjobs.SkipOverlap())
//
// A local time that the start of daylight saving time skips does not fire on that day; one that its end repeats fires
// twice. When the clock is set back, no tick fires again; when it is set forward, the ticks in between are missed.
// [Client.Start] reports faults.
func (c *Client) Schedule(name, spec string, job any, opts ...ScheduleOption) {
	added := schedule.Schedule{Name: name, Spec: spec, Job: job}
	for _, opt := range opts {
		opt(&added)
	}
	if err := c.scheduler.Add(added); err != nil {
		c.fault(fmt.Errorf("scheduling %q at %q: %w", name, spec, err))
	}
}

// RunSchedule enqueues the job of a schedule now, regardless of its ticks and options, and returns its id. It writes in
// the transaction that ctx carries, if any. It returns [ErrNoSchedule] if this process has no schedule with the name.
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
