package jobs_test

import (
	"context"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// clock is a clock that a test sets.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// wallClock is a wall clock, which can be set.
type wallClock struct {
	mu  sync.Mutex
	off time.Duration
}

func (c *wallClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Round(0).Add(c.off)
}

func (c *wallClock) set(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off += by
}

// The clock is set forward while a job runs: its lease seems to be over, but its worker has not gone.
func TestClockSetForwardLosesNoWorker(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("long", func(context.Context) error { <-gate; return nil })
		wall := &wallClock{}
		c := k.started(t, covetjobs.Config{Lease: 4 * time.Second, Clock: wall.now}, w)
		id := enqueue(t, c, Probe{Name: "long"})
		begun := k.awaitState(t, id, covetjobs.Running)
		k.awaitState(t, enqueue(t, c, Probe{Name: "the relay knows the time"}), covetjobs.Done)
		tomorrow := enqueue(t, c, Probe{Name: "tomorrow"}, covetjobs.In(24*time.Hour))
		await(t, "the lease to be extended", func() bool { return !k.row(t, id).LeaseUntil.Equal(*begun.LeaseUntil) })
		for range 4 { // each time at another moment between two looks
			wall.set(6 * time.Hour)
			await(t, "the lease to be extended", func() bool { return k.row(t, id).LeaseUntil.After(wall.now()) })
		}
		k.awaitState(t, tomorrow, covetjobs.Done)
		over := time.Now().Add(3 * time.Second)
		await(t, "some looks for lost workers", func() bool { return time.Now().After(over) })
		if row := k.row(t, id); row.State != covetjobs.Running || row.Delivery != 0 {
			t.Errorf("the job that runs is %s, delivery %d", row.State, row.Delivery)
		}
		close(gate)
		k.awaitState(t, id, covetjobs.Done)
		if w.count("long") != 1 {
			t.Errorf("%d runs, want one", w.count("long"))
		}
	})
}

// The clock is set back while a job waits for the relay, and before a start.
func TestClockSetBackDelaysNoJob(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		wall := &wallClock{}
		other := k.client(t, covetjobs.Config{Clock: wall.now}, newWork()) // is never started
		hour := wall.now().Add(time.Hour)
		set := func(id string, values map[string]any) string {
			if err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).Updates(values).Error; err != nil {
				t.Fatal(err)
			}
			return id
		}
		wall.set(time.Hour)
		waiting := enqueue(t, other, Probe{Name: "waiting"})
		later := enqueue(t, other, Probe{Name: "later"}, covetjobs.In(time.Minute))
		claimed := set(enqueue(t, other, Probe{Name: "claimed"}), map[string]any{"holder": "gone", "lease_until": hour})
		orphan := set(enqueue(t, other, Probe{Name: "orphan"}), map[string]any{
			"state": covetjobs.Running, "holder": "gone", "lease_until": hour,
		})
		wall.set(-time.Hour)
		c := k.started(t, covetjobs.Config{Lease: 2 * time.Second, Clock: wall.now, PollInterval: 4 * time.Second}, newWork())
		for _, id := range []string{waiting, claimed, orphan} {
			k.awaitState(t, id, covetjobs.Done)
		}

		due := set(enqueue(t, other, Probe{Name: "due"}), map[string]any{"created_at": wall.now().Add(-2 * time.Hour)})
		wall.set(-time.Hour) // before the relay looks for jobs again, if this is quick
		k.awaitState(t, due, covetjobs.Done)
		if row := k.row(t, later); row.State != covetjobs.Pending {
			t.Errorf("the job of a later time is %s", row.State)
		}
		await(t, "a warning", func() bool { return len(k.log.having("the clock has been set")) == 1 })
		stop(t, c)
	})
}

// bounded is a job with both kinds of limits.
type bounded struct{}

func (bounded) Work(context.Context, *kit) error { return nil }

func (bounded) Options() covetjobs.Options {
	return covetjobs.Options{
		Limit: covetjobs.Limit{Jobs: 1, Key: "one"}, Rate: covetjobs.Rate{Jobs: 1, Per: time.Second, Key: "each"},
	}
}

// The clock of Redis is set back, which is as if what it holds were of a later time.
func TestLimitsOfALaterTime(t *testing.T) {
	t.Parallel()
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, databases["sqlite"](t), redisURL(t))
			c := k.client(t, covetjobs.Config{}, newWork())
			covetjobs.Register[bounded](c, k)
			hour := time.Now().Add(time.Hour)
			for _, err := range []error{
				k.redis.Client().ZAdd(t.Context(), "covet:jobs:limit:{one}", goredis.Z{Score: float64(hour.UnixMilli()), Member: "gone"}).Err(),
				k.redis.Client().Set(t.Context(), "covet:jobs:rate:{each}", hour.UnixMicro(), 0).Err(),
				k.redis.Client().Set(t.Context(), "covet:jobs:rate:{each}:turn", hour.UnixMicro(), 0).Err(),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				k.awaitState(t, enqueue(t, c, bounded{}), covetjobs.Done)
			}
		})
	}
}
