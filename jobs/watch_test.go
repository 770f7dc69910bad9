package jobs_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/internal/testserver"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	covetmodels "github.com/covetgo/covet/models"
)

func TestWorkersSayThatTheyLive(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["redis"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true, Queues: []string{"default", "mail"}, Concurrency: 3}); err != nil {
			t.Fatal(err)
		}
		relay := newOther(t, k).client(t, covetjobs.Config{}, w)
		if err := relay.Start(t.Context(), covetjobs.Roles{}); err != nil {
			t.Fatal(err)
		}
		var workers []inspect.Worker
		await(t, "two processes", func() bool {
			var err error
			workers, err = relay.Inspector().Workers(t.Context())
			return err == nil && len(workers) == 2
		})
		if workers[0].Works == workers[1].Works || !workers[0].Alive || workers[0].PID == 0 {
			t.Errorf("workers %+v, want one that works", workers)
		}
		for _, worker := range workers {
			if worker.Works && (worker.Concurrency != 3 || len(worker.Queues) != 2 || worker.Queues["mail"] != 1) {
				t.Errorf("the worker says %+v", worker)
			}
		}
		queues, err := c.Inspector().Queues(t.Context())
		if err != nil || queues[0].Workers != 1 {
			t.Errorf("queues %+v (%v), want one worker", queues, err)
		}
		stop(t, c)
		if workers, err := relay.Inspector().Workers(t.Context()); err != nil || len(workers) != 1 || workers[0].Works {
			t.Errorf("after the stop: %+v (%v), want the relay alone", workers, err)
		}
		gone := covetmodels.JobWorker{ID: "gone", Works: true, Queues: `{"default":1}`, SeenAt: time.Now().UTC().Add(-time.Minute)}
		if err := k.db.With(t.Context()).Create(&gone).Error; err != nil {
			t.Fatal(err)
		}
		workers, err = relay.Inspector().Workers(t.Context())
		if err != nil || len(workers) != 2 || workers[0].Alive {
			t.Errorf("workers %+v (%v), want one that is not alive", workers, err)
		}
	})
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork().on("fails", func(context.Context) error { return errors.New("no") })
		c := k.started(t, covetjobs.Config{}, w)
		for range 5 {
			enqueue(t, c, Probe{Name: "x"})
		}
		enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("other"))
		k.awaitState(t, enqueue(t, c, Probe{Name: "fails"}), covetjobs.Dead)
		if _, err := c.EnqueueDirect(t.Context(), Probe{Name: "direct"}); err != nil {
			t.Fatal(err)
		}
		await(t, "all runs", func() bool { return w.count("x") == 5 && w.count("direct") == 1 })
		stop(t, c)
		stats, err := c.Inspector().Stats(t.Context(), inspect.StatsQuery{Step: 24 * time.Hour, Since: time.Now().Add(-48 * time.Hour)})
		if err != nil || len(stats) == 0 {
			t.Fatalf("%d spans, %v", len(stats), err)
		}
		var sum inspect.Stat
		for _, s := range stats {
			sum.Done, sum.Failed, sum.Dead = sum.Done+s.Done, sum.Failed+s.Failed, sum.Dead+s.Dead
		}
		if sum.Done != 6 || sum.Failed != 2 || sum.Dead != 1 {
			t.Errorf("%+v, want 6 done, 2 failed and 1 dead", sum)
		}
		if s := stats[0]; s.Run.Count() == 0 || s.Wait.Quantile(0.95) <= 0 || s.Wait.Mean() <= 0 {
			t.Errorf("%d runs, wait of %v on average, p95 %v", s.Run.Count(), s.Wait.Mean(), s.Wait.Quantile(0.95))
		}
		others, err := c.Inspector().Stats(t.Context(), inspect.StatsQuery{Queue: "elsewhere"})
		if err != nil || len(others) != 0 {
			t.Errorf("a queue without jobs has %v (%v)", others, err)
		}
	})
}

func TestQueueWithoutWorkerIsWarnedOf(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{Queues: map[string]int{"default": 1}}, newWork())
	enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("forgotten"))
	long := time.Now().UTC().Add(-time.Hour)
	if err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("1 = 1").Update("run_at", long).Error; err != nil {
		t.Fatal(err)
	}
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	await(t, "the warning", func() bool { return len(k.log.having("jobs wait in a queue that no worker serves")) == 1 })
	if line := k.log.having("no worker serves")[0]; !strings.Contains(line, "queue=forgotten") {
		t.Errorf("the warning is %s", line)
	}
	queues, err := c.Inspector().Queues(t.Context())
	if err != nil || queues[1].Queue != "forgotten" || queues[1].Workers != 0 || queues[0].Workers != 1 {
		t.Errorf("queues %+v (%v)", queues, err)
	}
}

// A process that only relays says that nobody works, but not in the minute that a deployment may take.
func TestJobsWithoutAnyWorkerAreWarnedOf(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), redises["redis"](t))
	c := k.client(t, covetjobs.Config{}, newWork())
	late := enqueue(t, c, Probe{Name: "x"})
	enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("recent"))
	for queue, ago := range map[string]time.Duration{"default": time.Hour, "recent": 15 * time.Second} {
		err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("queue = ?", queue).Update("run_at", time.Now().UTC().Add(-ago)).Error
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Start(t.Context(), covetjobs.Roles{}); err != nil {
		t.Fatal(err)
	}
	await(t, "the warning", func() bool { return len(k.log.having("no worker is running")) > 0 })
	if lines := k.log.having("no worker is running"); len(lines) != 1 || !strings.Contains(lines[0], "queue=default") {
		t.Errorf("warnings %q, want one about the queue default", lines)
	}
	problems, err := c.Inspector().Problems(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	row, err := c.Inspector().Row(t.Context(), late)
	if err != nil {
		t.Fatal(err)
	}
	if got := problems.Of(&row); got != "no worker is running" {
		t.Errorf("the job cannot run because %q", got)
	}
}

// A process that does not relay commits a job, and nothing else would wake the one that does for an hour.
func TestNotificationWakesTheRelay(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["postgres"](t), redises["redis"](t))
	w := newWork()
	worker := newOther(t, k)
	worker.started(t, covetjobs.Config{PollInterval: time.Hour}, w)
	quiet := k.client(t, covetjobs.Config{}, w)
	k.awaitState(t, enqueue(t, quiet, Probe{Name: "x"}), covetjobs.Done)
	if len(worker.log.having("listening for new jobs")) != 0 {
		t.Error("a warning although word arrives")
	}
}

func TestListenerComesBack(t *testing.T) {
	t.Parallel()
	direct := databases["postgres"](t)
	p := testserver.NewProxy(t, direct)
	k := newKit(t, p.Through(t, direct), "")
	w := newWork()
	k.started(t, covetjobs.Config{}, w)
	quiet := covetjobs.New(covetjobs.Config{}, jobtest.Open(t, direct), k.redis, nil)
	covetjobs.Register[Probe](quiet, w)
	enqueue(t, quiet, Probe{Name: "before"})
	await(t, "the first job", func() bool { return w.count("before") == 1 })
	p.Cut()
	await(t, "the warning", func() bool { return len(k.log.having("listening for new jobs failed")) == 1 })
	p.Open(t)
	enqueue(t, quiet, Probe{Name: "after"})
	await(t, "the second job", func() bool { return w.count("after") == 1 })
	if n := len(k.log.having("listening for new jobs failed")); n != 1 {
		t.Errorf("%d warnings, want one", n)
	}
}

func TestFilterByID(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		enqueue(t, c, Probe{Name: "x"})
		id := enqueue(t, c, Probe{Name: "x"}, covetjobs.In(time.Hour))
		for _, part := range []string{id, id[:35]} {
			page, err := c.Inspector().Rows(t.Context(), inspect.Filter{ID: part, States: []covetjobs.State{covetjobs.Pending}}, "", 10)
			if err != nil || len(page.Rows) == 0 || page.Rows[0].ID != id {
				t.Errorf("%s: %d rows (%v), want that of the id first", part, len(page.Rows), err)
			}
		}
	})
}
