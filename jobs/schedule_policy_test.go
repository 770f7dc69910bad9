package jobs_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// firings returns the ticks that have a row, in order.
func (k *kit) firings(t *testing.T, schedule string) []time.Time {
	t.Helper()
	var rows []covetmodels.OutboxRow
	if err := k.db.With(t.Context()).Where("schedule = ?", schedule).Order("run_at").Find(&rows).Error; err != nil {
		t.Fatal(err)
	}
	var ticks []time.Time
	for _, row := range rows {
		ticks = append(ticks, row.RunAt)
	}
	return ticks
}

// A process works for a moment, none works for some hours, and then one does again.
func TestMissedTicks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts []covetjobs.ScheduleOption
		want []string // ticks beside the first, after a start at 08:00:30 and another one at 12:30:30
	}{
		"skip":    {nil, nil},
		"once":    {[]covetjobs.ScheduleOption{covetjobs.CatchUp(1)}, []string{"12:00"}},
		"bounded": {[]covetjobs.ScheduleOption{covetjobs.CatchUp(2)}, []string{"11:00", "12:00"}},
		"all":     {[]covetjobs.ScheduleOption{covetjobs.CatchUp(covetjobs.CatchUpAll)}, []string{"09:00", "10:00", "11:00", "12:00"}},
		"all, one at a time": {
			[]covetjobs.ScheduleOption{covetjobs.CatchUp(covetjobs.CatchUpAll), covetjobs.SkipOverlap()},
			[]string{"09:00", "10:00", "11:00", "12:00"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
				clock := newClock() // 08:00
				w := newWork()
				run := func() {
					c := k.client(t, covetjobs.Config{Clock: clock.now}, w)
					c.Schedule("hourly", "@hourly", Probe{Name: "hourly"}, test.opts...)
					c.Schedule("mark", "@every 1s", Probe{Name: "mark"})
					if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
						t.Fatal(err)
					}
					marks := len(k.firings(t, "mark"))
					await(t, "the schedules to turn", func() bool {
						clock.advance(50 * time.Millisecond)
						return len(k.firings(t, "mark")) > marks
					})
					stop(t, c)
				}
				clock.advance(-time.Second)
				run() // across 08:00
				clock.advance(4*time.Hour + 30*time.Minute)
				run()
				var got []string
				for _, tick := range k.firings(t, "hourly") {
					got = append(got, tick.Format("15:04"))
				}
				if want := append([]string{"08:00"}, test.want...); !slices.Equal(got, want) {
					t.Errorf("fired at %v, want %v", got, want)
				}
			})
		})
	}
}

func TestOverlapIsSkipped(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("slow", func(context.Context) error { <-gate; return nil })
		c := k.client(t, covetjobs.Config{}, w)
		c.Schedule("slow", "@every 1s", Probe{Name: "slow"}, covetjobs.SkipOverlap())
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		await(t, "the first run", func() bool { return w.count("slow") == 1 })
		await(t, "a skipped tick", func() bool { return k.count(t, c, covetjobs.Cancelled) >= 1 })
		if w.count("slow") != 1 {
			t.Errorf("%d runs at a time", w.count("slow"))
		}
		page, err := c.Inspector().Rows(t.Context(), inspect.Filter{Schedule: "slow", States: []covetjobs.State{covetjobs.Cancelled}}, "", 1)
		if err != nil || !strings.Contains(page.Rows[0].LastError, "of an earlier tick has not ended") {
			t.Errorf("the skipped tick says %+v (%v)", page.Rows, err)
		}
		close(gate)
		await(t, "the next run", func() bool { return w.count("slow") > 1 })
	})
}

// Missed are also the ticks of the last minute before the start.
func TestMissedTicksOfTheLastMinute(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		clock := newClock()
		run := func(until func() bool) {
			c := k.client(t, covetjobs.Config{Clock: clock.now}, newWork())
			c.Schedule("often", "@every 5s", Probe{Name: "often"}, covetjobs.CatchUp(3))
			if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
				t.Fatal(err)
			}
			await(t, "the schedule to turn", until)
			stop(t, c)
		}
		fired := func() int { return len(k.firings(t, "often")) }
		run(func() bool { clock.advance(50 * time.Millisecond); return fired() > 0 })
		before := fired()
		clock.advance(2*time.Minute - time.Second)
		run(func() bool { return fired() >= before+3 })
		if ticks := k.firings(t, "often")[before:]; len(ticks) != 3 || clock.now().Sub(ticks[0]) > 15*time.Second {
			t.Errorf("fired at %v, want the last three before %v", ticks, clock.now())
		}
	})
}

// A clock that is set forward misses the ticks between; one that is set back fires none again.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		clock := newClock()
		w := newWork()
		c := k.client(t, covetjobs.Config{Clock: clock.now}, w)
		c.Schedule("tick", "@every 1s", Probe{Name: "tick"})
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		turn := func() { // until a tick has fired that is still to come
			t.Helper()
			now := clock.now()
			await(t, "ticks", func() bool {
				clock.advance(50 * time.Millisecond)
				ticks := k.firings(t, "tick")
				return len(ticks) > 0 && ticks[len(ticks)-1].After(now)
			})
		}
		turn()
		clock.advance(2 * time.Hour)
		turn()
		clock.advance(-10 * time.Second)
		turn()
		stop(t, c)
		ticks := k.firings(t, "tick")
		seen := map[time.Time]bool{}
		for _, tick := range ticks {
			if seen[tick] {
				t.Errorf("the tick of %v fired twice", tick)
			}
			seen[tick] = true
		}
		if span := ticks[len(ticks)-1].Sub(ticks[0]); len(ticks) > 200 || span < time.Hour {
			t.Errorf("%d firings in %v, want those of the moments when the clock ran, and of a minute", len(ticks), span)
		}
	})
}

func TestSchedulesAreDescribed(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		c.Schedule("yearly", "CRON_TZ=Europe/Berlin 30 2 29 3 *", Probe{Name: "yearly"}, covetjobs.CatchUp(1), covetjobs.SkipOverlap())
		infos, err := c.Inspector().Schedules(t.Context(), 3)
		if err != nil || len(infos) != 1 {
			t.Fatalf("%d schedules, %v", len(infos), err)
		}
		info := infos[0]
		if info.Kind != "probe" || len(info.Next) != 3 || !info.Next[0].After(time.Now()) || info.CatchUp != 1 || !info.SkipOverlap || info.LastJob != nil {
			t.Errorf("%+v", info)
		}
		id, err := c.RunSchedule(t.Context(), "yearly")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Drain(t.Context()); err != nil || w.count("yearly") != 1 {
			t.Errorf("%d runs (%v), want one", w.count("yearly"), err)
		}
		if row := k.row(t, id); row.Schedule != "yearly" {
			t.Errorf("the job is of the schedule %q", row.Schedule)
		}
		if _, err := c.RunSchedule(t.Context(), "nobody"); !errors.Is(err, covetjobs.ErrNoSchedule) {
			t.Errorf("a schedule that is not there: %v", err)
		}
	})
}
