package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	covetmodels "github.com/covetgo/covet/models"
)

func TestEmptiedRedisLosesNoJob(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork()
		const n = 60
		for i := range n {
			w.on(fmt.Sprint(i), func(ctx context.Context) error {
				select {
				case <-gate:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		}
		c := k.started(t, covetjobs.Config{Concurrency: 4}, w)
		for i := range n {
			enqueue(t, c, Probe{Name: fmt.Sprint(i)})
		}
		await(t, "the rest to be in Redis", func() bool { return k.count(t, c, covetjobs.Dispatched) == n-4 })
		if err := k.redis.Client().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		close(gate)
		await(t, "all jobs to be done", func() bool { return k.count(t, c, covetjobs.Done) == n })
		if runs, names := w.total(); runs != n || names != n {
			t.Errorf("%d runs of %d jobs, want %d of each", runs, names, n)
		}
	})
}

// The epoch alone is gone: every task is still in Redis, and is sent again.
func TestEarlierDeliveryIsSkipped(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("first", func(context.Context) error { <-gate; return nil })
		c := k.started(t, covetjobs.Config{Concurrency: 1}, w)
		enqueue(t, c, Probe{Name: "first"})
		await(t, "the first job to run", func() bool { return w.count("first") == 1 })
		second := enqueue(t, c, Probe{Name: "second"})
		k.awaitState(t, second, covetjobs.Dispatched)
		if err := k.redis.Client().Del(t.Context(), "covet:jobs:epoch").Err(); err != nil {
			t.Fatal(err)
		}
		await(t, "the second delivery", func() bool {
			row := k.row(t, second)
			return row.State == covetjobs.Dispatched && row.Delivery == 1
		})
		close(gate)
		k.awaitState(t, second, covetjobs.Done)
		last := enqueue(t, c, Probe{Name: "last"}) // behind the stale task
		k.awaitState(t, last, covetjobs.Done)
		if w.count("first") != 1 || w.count("second") != 1 {
			t.Errorf("runs: %d and %d, want one each", w.count("first"), w.count("second"))
		}
	})
}

func TestStopReturnsWhatDoesNotFinish(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork().on("long", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c := k.started(t, covetjobs.Config{ShutdownTimeout: 50 * time.Millisecond}, w)
		id := enqueue(t, c, Probe{Name: "long"})
		await(t, "the job to run", func() bool { return w.count("long") == 1 })
		stop(t, c)
		row := k.row(t, id)
		if row.State != covetjobs.Pending || row.Attempts != 0 || row.Holder != "" {
			t.Errorf("after the stop: %s, %d attempts, holder %q; want pending, 0 and none", row.State, row.Attempts, row.Holder)
		}
		w.on("long", nil)
		k.started(t, covetjobs.Config{}, w)
		k.awaitState(t, id, covetjobs.Done)
	})
}

func TestStopLetsJobsFinish(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("long", func(ctx context.Context) error {
			select {
			case <-gate:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "long"})
		await(t, "the job to run", func() bool { return w.count("long") == 1 })
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			stop(t, c)
		}()
		enqueue(t, c, Probe{Name: "late"})
		close(gate)
		<-stopped
		if row := k.row(t, id); row.State != covetjobs.Done {
			t.Errorf("the job that could finish is %s", row.State)
		}
	})
}

func TestStopGivesUpOnJobThatIgnoresIt(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	gate := make(chan struct{})
	left := make(chan struct{})
	w := newWork().on("deaf", func(context.Context) error { defer close(left); <-gate; return nil })
	c := k.started(t, covetjobs.Config{ShutdownTimeout: time.Millisecond}, w)
	id := enqueue(t, c, Probe{Name: "deaf"})
	await(t, "the job to run", func() bool { return w.count("deaf") == 1 })
	stop(t, c)
	if row := k.row(t, id); row.State != covetjobs.Pending {
		t.Errorf("the job is %s, want pending", row.State)
	}
	close(gate)
	<-left
	if row := k.row(t, id); row.State != covetjobs.Pending {
		t.Errorf("the job is %s after its run has returned, want pending: it is to run again", row.State)
	}
}

func TestLostWorkerIsNoFailure(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		id := enqueue(t, c, Probe{Name: "orphan"})
		expired := time.Now().UTC().Add(-time.Second)
		err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).
			Updates(map[string]any{"state": covetjobs.Running, "holder": "gone", "lease_until": expired}).Error
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		if row := k.awaitState(t, id, covetjobs.Done); row.Attempts != 0 {
			t.Errorf("%d attempts failed, want none", row.Attempts)
		}
	})
}

// A worker was killed between taking the task from Redis and starting the row.
func TestTakenTaskIsSentAgain(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("first", func(context.Context) error { <-gate; return nil })
		c := k.started(t, covetjobs.Config{Concurrency: 1, Lease: time.Second}, w)
		enqueue(t, c, Probe{Name: "first"})
		await(t, "the first job to run", func() bool { return w.count("first") == 1 })
		id := enqueue(t, c, Probe{Name: "taken"})
		k.awaitState(t, id, covetjobs.Dispatched)
		err := k.redis.Client().RPopLPush(t.Context(), "asynq:{default}:pending", "asynq:{default}:active").Err()
		if err != nil {
			t.Fatal(err)
		}
		await(t, "the second delivery", func() bool { return k.row(t, id).Delivery == 1 })
		close(gate)
		k.awaitState(t, id, covetjobs.Done)
		if w.count("first") != 1 || w.count("taken") != 1 {
			t.Errorf("runs: %d and %d, want one each", w.count("first"), w.count("taken"))
		}
	})
}

// Redis has lost a part of what it held, but not the epoch.
func TestLostTaskIsSentAgain(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("first", func(context.Context) error { <-gate; return nil })
		c := k.started(t, covetjobs.Config{Concurrency: 1, Lease: time.Second}, w)
		enqueue(t, c, Probe{Name: "first"})
		await(t, "the first job to run", func() bool { return w.count("first") == 1 })
		lost, kept := enqueue(t, c, Probe{Name: "lost"}), enqueue(t, c, Probe{Name: "kept"})
		k.awaitState(t, lost, covetjobs.Dispatched)
		k.awaitState(t, kept, covetjobs.Dispatched)
		client := k.redis.Client()
		if n := client.Del(t.Context(), "asynq:{default}:t:"+lost+".0").Val(); n != 1 {
			t.Fatalf("%d tasks deleted, want one", n)
		}
		if n := client.LRem(t.Context(), "asynq:{default}:pending", 0, lost+".0").Val(); n != 1 {
			t.Fatalf("%d entries deleted, want one", n)
		}
		await(t, "the second delivery", func() bool { return k.row(t, lost).Delivery == 1 })
		close(gate)
		k.awaitState(t, lost, covetjobs.Done)
		if row := k.awaitState(t, kept, covetjobs.Done); row.Delivery != 0 {
			t.Error("the job that was not lost was sent again")
		}
		for _, name := range []string{"first", "lost", "kept"} {
			if w.count(name) != 1 {
				t.Errorf("%s ran %d times, want once", name, w.count(name))
			}
		}
	})
}

// A lease is extended for as long as its job runs.
func TestLongJobKeepsItsRow(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), redises["redis"](t))
	gate := make(chan struct{})
	w := newWork().on("long", func(context.Context) error { <-gate; return nil })
	c := k.started(t, covetjobs.Config{Lease: time.Second}, w)
	id := enqueue(t, c, Probe{Name: "long"})
	k.awaitState(t, id, covetjobs.Running)
	over := time.Now().Add(2500 * time.Millisecond)
	await(t, "two and a half leases to pass", func() bool { return time.Now().After(over) })
	close(gate)
	k.awaitState(t, id, covetjobs.Done)
	if w.count("long") != 1 {
		t.Errorf("%d runs, want one", w.count("long"))
	}
}

func TestSecondProcessOnEmbeddedRedis(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		k.started(t, covetjobs.Config{}, w)
		other := newOther(t, k)
		c := other.client(t, covetjobs.Config{}, w)
		err := c.Start(t.Context(), covetjobs.Roles{Work: true})
		if !errors.Is(err, covetjobs.ErrQueueInUse) || !strings.Contains(err.Error(), "set REDIS_URL to share it") {
			t.Fatalf("starting a second worker: %v, want ErrQueueInUse", err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{}); err != nil {
			t.Fatalf("starting a process that only enqueues: %v", err)
		}
		k.awaitState(t, enqueue(t, c, Probe{Name: "from the other"}), covetjobs.Done)
	})
}

// Two applications share a Redis database by mistake: what belongs to the other is left alone.
func TestTaskWithoutRow(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["redis"], func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("first", func(context.Context) error { <-gate; return nil })
		c := k.started(t, covetjobs.Config{Concurrency: 1}, w)
		enqueue(t, c, Probe{Name: "first"})
		await(t, "the first job to run", func() bool { return w.count("first") == 1 })
		id := enqueue(t, c, Probe{Name: "elsewhere"})
		k.awaitState(t, id, covetjobs.Dispatched)
		if err := k.db.With(t.Context()).Delete(&covetmodels.OutboxRow{}, "id = ?", id).Error; err != nil {
			t.Fatal(err)
		}
		close(gate)
		await(t, "the warning", func() bool { return len(k.log.having("job without a row in this database")) == 1 })
		await(t, "the task to wait in Redis", func() bool {
			return k.redis.Client().ZCard(t.Context(), "asynq:{default}:retry").Val() == 1
		})
		if w.count("elsewhere") != 0 {
			t.Error("a job without a row ran")
		}
	})
}

// newOther returns a kit as another process would have it: the same servers, handles of its own.
func newOther(t *testing.T, k *kit) *kit {
	t.Helper()
	return &kit{
		dbURL: k.dbURL, redisURL: k.redisURL, log: &recorder{},
		db: jobtest.Open(t, k.dbURL), redis: openRedis(t, k.redisURL),
	}
}

func TestUnknownKindWaitsForAnotherProcess(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		newer := k.client(t, covetjobs.Config{}, newWork())
		covetjobs.Register[Slow](newer, "deps")
		id := enqueue(t, newer, Slow{})
		c := k.started(t, covetjobs.Config{}, newWork())
		await(t, "the job to be left", func() bool { return len(k.log.having("job of an unknown kind")) > 0 })
		await(t, "its row to wait again", func() bool { return k.row(t, id).Delivery == 1 })
		row := k.row(t, id)
		if row.State != covetjobs.Pending || row.Attempts != 0 || row.RunAt.Before(time.Now().Add(10*time.Second)) {
			t.Errorf("%s, %d attempts, to run at %v; want pending, 0, in half a minute", row.State, row.Attempts, row.RunAt)
		}
		if line := k.log.having("job of an unknown kind")[0]; !strings.Contains(line, "probe") {
			t.Errorf("the log does not say which kinds are known: %s", line)
		}
		k.awaitState(t, enqueue(t, c, Probe{Name: "known"}), covetjobs.Done)
	})
}

func TestUndecodableArgumentsAreDead(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "x"})
		err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).
			Update("payload", `{"name": 7}`).Error
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		row := k.awaitState(t, id, covetjobs.Dead)
		if !strings.Contains(row.LastError, "decoding the arguments of probe") {
			t.Errorf("last error %q", row.LastError)
		}
	})
}
