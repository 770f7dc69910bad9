package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// oldestTick is how late a tick fires at most. Ticks that passed while no process was working, or the database was
// out of reach, for longer are skipped.
const oldestTick = time.Minute

// farTick is the longest sleep between two looks at the clock, which may be set.
const farTick = time.Minute

// Schedule enqueues a copy of job at each tick of spec, once however many processes run, while at least one works.
// Ticks that pass while none does are skipped. The name identifies the schedule and is not reused for another one.
//
// spec is a cron expression of five fields (minute, hour, day of month, month, day of week), in UTC unless it begins
// with a time zone; a descriptor such as @hourly, @daily or @weekly; or "@every" with a duration of whole seconds,
// which ticks at its multiples since 1970, not since the start of the process:
//
//	client.Schedule("digest", "30 7 * * 1-5", Digest{})
//	client.Schedule("report", "CRON_TZ=Europe/Berlin 0 9 1 * *", Report{})
//	client.Schedule("sweep", "@every 10m", Sweep{})
//
// A local time that the start of daylight saving skips does not fire that day; one that its end repeats fires twice.
// Faults are reported by [Client.Start].
func (c *Client) Schedule(name, spec string, job any) {
	ticks, err := parseSpec(spec)
	if err == nil {
		err = c.schedules.add(&schedule{name: name, ticks: ticks, job: job})
	}
	if err != nil {
		c.fault(fmt.Errorf("scheduling %q at %q: %w", name, spec, err))
	}
}

type schedule struct {
	name  string
	ticks ticks
	job   any
	after time.Time // ticks up to here are settled
}

// schedules are all schedules of a client.
type schedules struct {
	mu  sync.Mutex
	all []*schedule
}

func (s *schedules) add(added *schedule) error {
	if !validKind.MatchString(added.name) || len(added.name) > 150 {
		return errors.New("expected a name of up to 150 letters, digits, '.', '_', ':', '/' or '-'")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.all {
		if other.name == added.name {
			return errors.New("the name is taken by another schedule")
		}
	}
	s.all = append(s.all, added)
	return nil
}

// check returns the schedules whose job is not registered; it is asked at the start because the order of Schedule and
// Register does not matter.
func (s *schedules) check(r *registry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, one := range s.all {
		if _, err := r.of(one.job); err != nil {
			errs = append(errs, fmt.Errorf("scheduling %q: %w", one.name, err))
		}
	}
	return errors.Join(errs...)
}

// begin returns a copy of all schedules, to run from the given time on.
func (s *schedules) begin(at time.Time) []*schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := make([]*schedule, len(s.all))
	for i, one := range s.all {
		copied := *one
		copied.after = at
		copies[i] = &copied
	}
	return copies
}

// fireSchedules fires ticks until ctx ends.
func (c *Client) fireSchedules(ctx context.Context) {
	all := c.schedules.begin(time.Now())
	if len(all) == 0 {
		return
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	var trouble outage
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		wait, err := c.fireDue(ctx, all, time.Now())
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			trouble.end()
		} else if wait = time.Second; trouble.begin(err) {
			c.log.WarnContext(ctx, "schedules cannot fire; trying again", "error", err)
		}
		timer.Reset(wait)
	}
}

// fireDue fires the ticks that have passed and returns the time until the next one.
func (c *Client) fireDue(ctx context.Context, all []*schedule, at time.Time) (time.Duration, error) {
	wait := farTick
	for _, one := range all {
		if oldest := at.Add(-oldestTick); one.after.Before(oldest) {
			one.after = oldest
		}
		tick := one.ticks.Next(one.after)
		for ; !tick.IsZero() && !tick.After(at); tick = one.ticks.Next(tick) {
			if err := c.fire(ctx, one, tick); err != nil {
				return 0, fmt.Errorf("firing schedule %q: %w", one.name, err)
			}
			one.after = tick
		}
		if !tick.IsZero() {
			wait = min(wait, tick.Sub(at))
		}
	}
	return wait, nil
}

// fire writes the row of one tick, unless another process has.
func (c *Client) fire(ctx context.Context, s *schedule, tick time.Time) error {
	row, err := c.row(s.job, nil)
	if err != nil {
		return err
	}
	key := "schedule:" + s.name + ":" + strconv.FormatInt(tick.Unix(), 10)
	row.UniqueKey, row.RunAt = &key, tick.UTC()
	fired, err := c.store.insertOnce(ctx, row)
	if err != nil {
		return err
	}
	if fired {
		c.log.DebugContext(ctx, "schedule fired", "schedule", s.name, "tick", tick, "job_id", row.ID)
		c.rouse()
	}
	return nil
}
