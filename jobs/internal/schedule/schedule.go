// Package schedule enqueues the jobs of schedules at their ticks, once however many processes run.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/covetgo/covet/jobs/internal/cron"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

const (
	// maxLate is how late a tick fires at most that no CatchUp asks for.
	maxLate = time.Minute
	// maxSleep bounds the sleep between two looks at the clock, which may be set.
	maxSleep = time.Minute
	// maxAhead is how far in the future a stored tick may be. A later one was written by a clock that was wrong.
	maxAhead = 24 * time.Hour
	// maxMissed limits how many missed ticks are counted and fired, whatever CatchUp says.
	maxMissed = 10_000
)

// Schedule is a schedule that a process declares.
type Schedule struct {
	Name, Spec  string
	Job         any
	CatchUp     int
	SkipOverlap bool

	ticks cron.Ticks
	begun time.Time // when this process started to run jobs
	after time.Time // ticks until then have been handled
}

// Store stores schedules and their ticks.
type Store interface {
	Now() time.Time
	Schedules(ctx context.Context) (map[string]covetmodels.JobSchedule, error)
	InsertSchedule(ctx context.Context, row *covetmodels.JobSchedule) error
	UpdateSchedule(ctx context.Context, row *covetmodels.JobSchedule) error
	FireTick(ctx context.Context, p store.TickParams) (bool, error)
}

// Rows builds the rows of jobs.
type Rows interface {
	// KindOf returns the kind of a job; ErrNotRegistered if its type is unknown.
	KindOf(value any) (string, error)
	// NewRow returns the row of a job that is being enqueued.
	NewRow(ctx context.Context, value any) (*job.Row, error)
}

// Waker wakes the relay of this process.
type Waker interface{ Wake() }

// Scheduler holds the schedules of a process and fires their ticks. It is safe for concurrent use.
type Scheduler struct {
	store    Store
	rows     Rows
	waker    Waker
	watchdog *job.Watchdog
	log      *slog.Logger

	mu  sync.Mutex
	all []*Schedule
}

// Deps are the dependencies of a Scheduler.
type Deps struct {
	Store    Store
	Rows     Rows
	Waker    Waker
	Watchdog *job.Watchdog
	Log      *slog.Logger
}

// New returns a scheduler without schedules.
func New(d Deps) *Scheduler {
	return &Scheduler{store: d.Store, rows: d.Rows, waker: d.Waker, watchdog: d.Watchdog, log: d.Log}
}

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,149}$`)

// Add declares a schedule.
func (s *Scheduler) Add(added Schedule) error {
	var err error
	if added.ticks, err = cron.Parse(added.Spec); err != nil {
		return err
	}
	if !validName.MatchString(added.Name) {
		return errors.New("expected a name of up to 150 letters, digits, '.', '_', ':', '/' or '-'")
	}
	if len(added.Spec) > 191 {
		return errors.New("expected a specification of up to 191 characters")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.all {
		if other.Name == added.Name {
			return errors.New("the name is already used by another schedule")
		}
	}
	s.all = append(s.all, &added)
	return nil
}

// Check returns an error for each schedule whose job is not registered. It is called at the start, because Schedule may
// be called before Register.
func (s *Scheduler) Check() error {
	var errs []error
	for _, one := range s.copies() {
		if _, err := s.rows.KindOf(one.Job); err != nil {
			errs = append(errs, fmt.Errorf("scheduling %q: %w", one.Name, err))
		}
	}
	return errors.Join(errs...)
}

// Job returns the job of a schedule. It returns false if there is no schedule with the name.
func (s *Scheduler) Job(name string) (any, bool) {
	for _, one := range s.copies() {
		if one.Name == name {
			return one.Job, true
		}
	}
	return nil, false
}

// Schedules describes all schedules in the order of their declaration.
func (s *Scheduler) Schedules() []job.Schedule {
	var described []job.Schedule
	for _, one := range s.copies() {
		kind, _ := s.rows.KindOf(one.Job) // Check reports unregistered jobs
		described = append(described, job.Schedule{
			Name: one.Name, Spec: one.Spec, Kind: kind, CatchUp: one.CatchUp, SkipOverlap: one.SkipOverlap,
		})
	}
	return described
}

// copies returns a copy of all schedules, in the order of their declaration.
func (s *Scheduler) copies() []*Schedule {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := make([]*Schedule, len(s.all))
	for i, one := range s.all {
		copied := *one
		copies[i] = &copied
	}
	return copies
}

// Run fires ticks until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	const loop = "schedules"
	all := s.copies()
	if len(all) == 0 {
		return
	}
	begun := s.store.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer s.watchdog.End(loop)
	var outage job.Outage
	ready := false
	for {
		s.watchdog.Turn(loop, maxSleep)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		var err error
		wait := time.Second
		if !ready {
			err = s.begin(ctx, all, begun)
			ready = err == nil
		}
		if err == nil {
			wait, err = s.fireDue(ctx, all, s.store.Now())
		}
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			outage.End()
		} else if wait = time.Second; outage.Begin(err) {
			s.log.WarnContext(ctx, "firing schedules failed", "error", err)
		}
		timer.Reset(wait)
	}
}

// begin sets the time from which the ticks of each schedule count: the last handled tick if missed ones are to fire,
// else now.
func (s *Scheduler) begin(ctx context.Context, all []*Schedule, at time.Time) error {
	known, err := s.store.Schedules(ctx)
	if err != nil {
		return fmt.Errorf("reading the last ticks of schedules: %w", err)
	}
	for _, one := range all {
		one.begun, one.after = at, at
		row, exists := known[one.Name]
		if exists && row.LastTick != nil && one.CatchUp > 0 && row.LastTick.Before(at) {
			one.after = *row.LastTick
		}
		kind, err := s.rows.KindOf(one.Job)
		if err != nil {
			return err
		}
		declared := &covetmodels.JobSchedule{
			Name: one.Name, Spec: one.Spec, Kind: kind, LastTick: row.LastTick, LastJobID: row.LastJobID, SeenAt: at,
		}
		if exists {
			err = s.store.UpdateSchedule(ctx, declared)
		} else {
			err = s.store.InsertSchedule(ctx, declared)
		}
		if err != nil {
			return fmt.Errorf("recording schedule %q: %w", one.Name, err)
		}
	}
	return nil
}

// fireDue fires past ticks and returns the time until the next one.
func (s *Scheduler) fireDue(ctx context.Context, all []*Schedule, at time.Time) (time.Duration, error) {
	next := maxSleep
	for _, one := range all {
		due, after := one.due(at)
		for _, tick := range due {
			if err := s.fire(ctx, one, tick); err != nil {
				return 0, fmt.Errorf("firing schedule %q: %w", one.Name, err)
			}
			one.after = tick
		}
		if !after.IsZero() {
			next = min(next, after.Sub(at))
		}
	}
	return next, nil
}

// due returns the ticks to fire now and the first one after now. It skips missed ticks beyond the policy.
func (s *Schedule) due(at time.Time) (due []time.Time, next time.Time) {
	if s.after.After(at.Add(maxAhead)) {
		s.after = at // the clock was wrong by more than a day, and has been set back
	}
	late := at.Add(-maxLate)
	if s.begun.After(late) {
		late = s.begun // no process ran jobs before
	}
	if s.CatchUp == 0 && s.after.Before(late) {
		s.after = late
	}
	missed := min(s.CatchUp, maxMissed)
	tick := s.ticks.Next(s.after)
	var old []time.Time
	for ; !tick.IsZero() && !tick.After(at); tick = s.ticks.Next(tick) {
		if tick.Before(late) {
			if old = append(old, tick); len(old) > 2*maxMissed {
				old = old[len(old)-maxMissed:]
			}
			continue
		}
		due = append(due, tick)
	}
	old = old[max(0, len(old)-missed):]
	return append(old, due...), tick
}

// fire inserts the row of one tick, unless another process has done so.
func (s *Scheduler) fire(ctx context.Context, one *Schedule, tick time.Time) error {
	row, err := s.rows.NewRow(ctx, one.Job)
	if err != nil {
		return err
	}
	key := "schedule:" + one.Name + ":" + strconv.FormatInt(tick.Unix(), 10)
	row.UniqueKey, row.UniqueAs, row.UniqueUntil = &key, "", nil
	row.RunAt, row.Schedule = tick.UTC(), one.Name
	fired, err := s.store.FireTick(ctx, store.TickParams{Row: row, SkipOverlap: one.SkipOverlap})
	if err != nil || !fired {
		return err
	}
	if row.State == job.Cancelled {
		s.log.InfoContext(ctx, "schedule skipped a tick because its job has not ended", "schedule", one.Name, "tick", tick)
		return nil
	}
	s.log.DebugContext(ctx, "schedule fired", "schedule", one.Name, "tick", tick, "job_id", row.ID)
	s.waker.Wake()
	return nil
}
