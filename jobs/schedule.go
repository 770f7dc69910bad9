package jobs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"github.com/covetgo/covet/jobs/internal/cron"
	covetmodels "github.com/covetgo/covet/models"
)

const (
	// oldestTick is how late a tick fires at most that no CatchUp asks for.
	oldestTick = time.Minute
	// farTick is the longest sleep between two looks at the clock, which may be set.
	farTick = time.Minute
	// farFuture is how far in the future a stored tick may be before the clock that wrote it is taken to have been wrong.
	farFuture = 24 * time.Hour
	// mostMissed bounds how many missed ticks are counted and fired, whatever CatchUp says.
	mostMissed = 10_000
)

// ScheduleOption changes what a schedule does in special cases.
type ScheduleOption func(*schedule)

// CatchUpAll is for [CatchUp]: all ticks that were missed, 10,000 of them at most.
const CatchUpAll = math.MaxInt

// CatchUp fires the last n of the ticks that passed while no process worked, as soon as one does; CatchUp(1) is for jobs
// that look at everything since the last time. Without it, and with CatchUp(0), ticks that are more than a minute late are
// skipped. Nothing is missed before a schedule has been started for the first time.
func CatchUp(n int) ScheduleOption {
	return func(s *schedule) { s.catchUp = max(n, 0) }
}

// SkipOverlap skips a tick while the job of an earlier tick of the same schedule has not ended. The skipped tick is a
// row that is cancelled, with the reason.
func SkipOverlap() ScheduleOption {
	return func(s *schedule) { s.skipOverlap = true }
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
	ticks, err := cron.Parse(spec)
	if err == nil {
		added := &schedule{name: name, spec: spec, ticks: ticks, job: job}
		for _, opt := range opts {
			opt(added)
		}
		err = c.schedules.add(added)
	}
	if err != nil {
		c.fault(fmt.Errorf("scheduling %q at %q: %w", name, spec, err))
	}
}

type schedule struct {
	name, spec  string
	ticks       cron.Ticks
	job         any
	catchUp     int
	skipOverlap bool
	begun       time.Time // since when this process works
	after       time.Time // ticks up to here are settled
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
	if len(added.spec) > 191 {
		return errors.New("expected a specification of up to 191 characters")
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

// copies returns a copy of all schedules, in the order of their declaration.
func (s *schedules) copies() []*schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := make([]*schedule, len(s.all))
	for i, one := range s.all {
		copied := *one
		copies[i] = &copied
	}
	return copies
}

// fireSchedules fires ticks until ctx ends.
func (c *Client) fireSchedules(ctx context.Context) {
	all := c.schedules.copies()
	if len(all) == 0 {
		return
	}
	begun := c.now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var trouble outage
	ready := false
	defer c.turned.end("schedules")
	for {
		c.turned.note("schedules", farTick)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		var err error
		wait := time.Second
		if !ready {
			err = c.beginSchedules(ctx, all, begun)
			ready = err == nil
		}
		if err == nil {
			wait, err = c.fireDue(ctx, all, c.now())
		}
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

// beginSchedules says since when the ticks of each schedule count: since the last one that is settled if missed ones
// are to fire, else since now.
func (c *Client) beginSchedules(ctx context.Context, all []*schedule, at time.Time) error {
	known, err := c.store.scheduleRows(ctx)
	if err != nil {
		return fmt.Errorf("looking for the last ticks of schedules: %w", err)
	}
	for _, one := range all {
		one.begun, one.after = at, at
		row, ok := known[one.name]
		if ok && row.LastTick != nil && one.catchUp > 0 && row.LastTick.Before(at) {
			one.after = *row.LastTick
		}
		e, err := c.registry.of(one.job)
		if err != nil {
			return err
		}
		fresh := covetmodels.JobSchedule{
			Name: one.name, Spec: one.spec, Kind: e.kind, LastTick: row.LastTick, LastJobID: row.LastJobID, SeenAt: at,
		}
		if err := c.store.noteSchedule(ctx, ok, &fresh); err != nil {
			return fmt.Errorf("noting schedule %q: %w", one.name, err)
		}
	}
	return nil
}

// fireDue fires the ticks that have passed and returns the time until the next one.
func (c *Client) fireDue(ctx context.Context, all []*schedule, at time.Time) (time.Duration, error) {
	next := farTick
	for _, one := range all {
		due, after := one.due(at)
		for _, tick := range due {
			if err := c.fire(ctx, one, tick); err != nil {
				return 0, fmt.Errorf("firing schedule %q: %w", one.name, err)
			}
			one.after = tick
		}
		if !after.IsZero() {
			next = min(next, after.Sub(at))
		}
	}
	return next, nil
}

// due returns the ticks to fire now, and the first one after now. Missed ticks beyond the policy are settled thereby.
func (s *schedule) due(at time.Time) (due []time.Time, next time.Time) {
	if s.after.After(at.Add(farFuture)) {
		s.after = at // the clock was wrong by more than a day, and has been set back
	}
	late := at.Add(-oldestTick)
	if s.begun.After(late) {
		late = s.begun // nothing worked before
	}
	if s.catchUp == 0 && s.after.Before(late) {
		s.after = late
	}
	missed := min(s.catchUp, mostMissed)
	tick := s.ticks.Next(s.after)
	var old []time.Time
	for ; !tick.IsZero() && !tick.After(at); tick = s.ticks.Next(tick) {
		if tick.Before(late) {
			if old = append(old, tick); len(old) > 2*mostMissed {
				old = old[len(old)-mostMissed:]
			}
			continue
		}
		due = append(due, tick)
	}
	old = old[max(0, len(old)-missed):]
	return append(old, due...), tick
}

// fire writes the row of one tick, unless another process has.
func (c *Client) fire(ctx context.Context, s *schedule, tick time.Time) error {
	row, _, err := c.row(ctx, s.job, nil)
	if err != nil {
		return err
	}
	key := "schedule:" + s.name + ":" + strconv.FormatInt(tick.Unix(), 10)
	row.UniqueKey, row.UniqueAs, row.UniqueUntil = &key, "", nil
	row.RunAt, row.Schedule = tick.UTC(), s.name
	fired := false
	err = c.store.transaction(ctx, func(ctx context.Context) error {
		if s.skipOverlap {
			if err := c.store.skipOverlap(ctx, row); err != nil {
				return err
			}
		}
		if fired, err = c.store.insertOnce(ctx, row); err != nil || !fired {
			return err
		}
		return c.store.noteTick(ctx, s.name, row)
	})
	if err != nil || !fired {
		return err
	}
	if row.State == Cancelled {
		c.log.InfoContext(ctx, "schedule skips a tick, as its job has not ended", "schedule", s.name, "tick", tick)
		return nil
	}
	c.log.DebugContext(ctx, "schedule fired", "schedule", s.name, "tick", tick, "job_id", row.ID)
	c.rouse()
	return nil
}
