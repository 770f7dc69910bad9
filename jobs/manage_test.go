package jobs_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// dead enqueues a probe that fails for good until the returned flag is set.
func dead(t *testing.T, k *kit, c *covetjobs.Client, w *work, name string) (id string, fixed *atomic.Bool) {
	t.Helper()
	fixed = &atomic.Bool{}
	w.on(name, func(context.Context) error {
		if fixed.Load() {
			return nil
		}
		return covetjobs.Permanent(errors.New("broken"))
	})
	id = enqueue(t, c, Probe{Name: name})
	k.awaitState(t, id, covetjobs.Dead)
	return id, fixed
}

func TestRetriedJobRunsOnceMore(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		id, fixed := dead(t, k, c, w, "fixed")
		fixed.Store(true)

		// Several people press the button at once.
		var retried atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				switch err := c.Inspector().Retry(t.Context(), id); {
				case err == nil:
					retried.Add(1)
				case !errors.Is(err, inspect.ErrNotEnded) && !errors.Is(err, database.ErrConflict):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := retried.Load(); n != 1 {
			t.Errorf("%d retries took effect", n)
		}
		row := k.awaitState(t, id, covetjobs.Done)
		if runs := w.count("fixed"); runs != 2 {
			t.Errorf("%d runs, want one that failed and one more", runs)
		}
		if row.Attempts != 0 || row.FinishedAt == nil || row.LastError != "broken" {
			t.Errorf("%+v", row)
		}
		// Later jobs pass, and nothing of the retried one is left to run.
		k.awaitState(t, enqueue(t, c, Probe{Name: "later"}), covetjobs.Done)
		if err := c.Inspector().Retry(t.Context(), id); !errors.Is(err, inspect.ErrNotEnded) {
			t.Errorf("retrying a job that is done: %v, want ErrNotEnded", err)
		}
		if runs := w.count("fixed"); runs != 2 {
			t.Errorf("%d runs in the end", runs)
		}
	})
}

// A retried job has all its attempts again, and may die again.
func TestRetriedJobHasAllAttempts(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork().on("hopeless", func(context.Context) error { return errors.New("broken") })
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "hopeless"})
		for life := 1; life <= 3; life++ {
			row := k.awaitState(t, id, covetjobs.Dead)
			if row.Attempts != 3 || w.count("hopeless") != 3*life {
				t.Fatalf("life %d: %d attempts, %d runs", life, row.Attempts, w.count("hopeless"))
			}
			if err := c.Inspector().Retry(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		k.awaitState(t, id, covetjobs.Dead)
	})
}

func TestRetryOfCancelledJob(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "later"}, covetjobs.In(time.Hour))
		if err := c.Inspector().Retry(t.Context(), id); !errors.Is(err, inspect.ErrNotEnded) {
			t.Errorf("retrying a job that waits: %v, want ErrNotEnded", err)
		}
		if err := c.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := c.Inspector().Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if row := k.row(t, id); row.State != covetjobs.Done || w.count("later") != 1 {
			t.Errorf("the job is %s and ran %d times", row.State, w.count("later"))
		}
	})
}

// A retry, and the deletion of a row, are part of the caller's transaction, as is the audit of them.
// What was asked of the run before is not asked of the next one.
func TestRetryOfAJobThatWasCancelledWhileItRan(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		runs := make(chan struct{}, 2)
		w := newWork().on("long", func(ctx context.Context) error {
			runs <- struct{}{}
			if len(runs) > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "long"})
		k.awaitState(t, id, covetjobs.Running)
		if err := c.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, id, covetjobs.Cancelled)
		if err := c.Inspector().Retry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if row := k.awaitState(t, id, covetjobs.Done); row.CancelAskedAt != nil {
			t.Errorf("the job is still asked to stop, since %v", row.CancelAskedAt)
		}
	})
}

func TestManagingInTransactions(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		id, fixed := dead(t, k, c, w, "fixed")
		fixed.Store(true)
		refused := errors.New("the audit could not be written")
		for _, do := range []func(ctx context.Context) error{
			func(ctx context.Context) error { return c.Inspector().Retry(ctx, id) },
			func(ctx context.Context) error { return c.Inspector().Delete(ctx, id) },
			func(ctx context.Context) error { _, err := c.Inspector().RetryAll(ctx, inspect.Filter{}); return err },
			func(ctx context.Context) error { _, err := c.Inspector().DeleteAll(ctx, inspect.Filter{}); return err },
		} {
			err := k.db.Transaction(t.Context(), func(ctx context.Context) error { return errors.Join(do(ctx), refused) })
			if !errors.Is(err, refused) || err.Error() != refused.Error() {
				t.Fatal(err)
			}
		}
		if row := k.row(t, id); row.State != covetjobs.Dead {
			t.Fatalf("after the rollbacks the job is %s", row.State)
		}
		err := k.db.Transaction(t.Context(), func(ctx context.Context) error { return c.Inspector().Retry(ctx, id) })
		if err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, id, covetjobs.Done)
	})
}

// busy starts a client whose only worker is occupied until the returned function is called: jobs stay dispatched.
func busy(t *testing.T, k *kit, w *work) (c *covetjobs.Client, free func()) {
	t.Helper()
	entered, proceed := make(chan struct{}), make(chan struct{})
	w.on("occupying", func(context.Context) error {
		close(entered)
		<-proceed
		return nil
	})
	c = k.started(t, covetjobs.Config{Concurrency: 1}, w)
	enqueue(t, c, Probe{Name: "occupying"})
	<-entered
	free = sync.OnceFunc(func() { close(proceed) })
	t.Cleanup(free)
	return c, free
}

func TestDeletedJobNeverRuns(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork()
		c, free := busy(t, k, w)
		waiting := enqueue(t, c, Probe{Name: "waiting"}, covetjobs.In(time.Hour))
		sent := enqueue(t, c, Probe{Name: "sent"})
		row := k.awaitState(t, sent, covetjobs.Dispatched)
		for _, id := range []string{waiting, sent} {
			if err := c.Inspector().Delete(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Inspector().Row(t.Context(), id); !errors.Is(err, covetjobs.ErrNoJob) {
				t.Errorf("after the deletion: %v", err)
			}
			if err := c.Inspector().Delete(t.Context(), id); !errors.Is(err, covetjobs.ErrNoJob) {
				t.Errorf("deleting twice: %v, want ErrNoJob", err)
			}
			if err := c.Inspector().Retry(t.Context(), id); !errors.Is(err, covetjobs.ErrNoJob) {
				t.Errorf("retrying what was deleted: %v, want ErrNoJob", err)
			}
		}
		// Nothing is left for a worker to wonder about.
		if keys := k.redis.Client().Keys(t.Context(), "asynq:*:t:"+row.ID+"*").Val(); len(keys) != 0 {
			t.Errorf("left in Redis: %q", keys)
		}
		free()
		k.awaitState(t, enqueue(t, c, Probe{Name: "later"}), covetjobs.Done)
		if w.count("sent") != 0 || w.count("waiting") != 0 {
			t.Errorf("runs: %d and %d", w.count("sent"), w.count("waiting"))
		}
		if lines := k.log.having("job without a row"); len(lines) != 0 {
			t.Errorf("logged: %v", lines)
		}
	})
}

// The row goes although Redis still has the task: the worker must not run it.
func TestDeletedJobWhoseTaskStaysNeverRuns(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork()
		c, free := busy(t, k, w)
		id := enqueue(t, c, Probe{Name: "sent"})
		k.awaitState(t, id, covetjobs.Dispatched)
		if err := k.db.With(t.Context()).Delete(&covetmodels.OutboxRow{}, "id = ?", id).Error; err != nil {
			t.Fatal(err)
		}
		free()
		await(t, "the worker to look for the row", func() bool { return len(k.log.having("job without a row")) > 0 })
		if w.count("sent") != 0 {
			t.Error("the job has run")
		}
	})
}

// A running job is nobody's to touch.
func TestRunningJobIsLeftAlone(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		entered, proceed := make(chan struct{}), make(chan struct{})
		w := newWork().on("long", func(context.Context) error {
			close(entered)
			<-proceed
			return nil
		})
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "long"})
		<-entered
		before := k.row(t, id)
		if err := c.Inspector().Delete(t.Context(), id); !errors.Is(err, inspect.ErrRunning) {
			t.Errorf("Delete: %v, want ErrRunning", err)
		}
		if err := c.Inspector().Retry(t.Context(), id); !errors.Is(err, inspect.ErrNotEnded) {
			t.Errorf("Retry: %v, want ErrNotEnded", err)
		}
		running := inspect.Filter{States: []covetjobs.State{covetjobs.Running}}
		for _, f := range []inspect.Filter{{}, running} {
			for name, all := range map[string]func(context.Context, inspect.Filter) (int, error){
				"RetryAll": c.Inspector().RetryAll, "CancelAll": c.Inspector().CancelAll, "DeleteAll": c.Inspector().DeleteAll,
			} {
				if n, err := all(t.Context(), f); n != 0 || err != nil {
					t.Errorf("%s: %d, %v", name, n, err)
				}
			}
		}
		after := k.row(t, id)
		after.LeaseUntil = before.LeaseUntil // which the worker may have extended
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the row has changed (-before +after):\n%s", diff)
		}
		close(proceed)
		k.awaitState(t, id, covetjobs.Done)
		if runs := w.count("long"); runs != 1 {
			t.Errorf("%d runs", runs)
		}
	})
}

// Deleting races with workers: whatever was deleted has not run, and whatever ran was not deleted.
func TestDeletingRacesWithWorkers(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		const n = 60
		names := map[string]string{}
		var ids []string
		for range n {
			name := uuid.NewString()
			id := enqueue(t, c, Probe{Name: name})
			ids, names[id] = append(ids, id), name
		}
		deleted := map[string]bool{}
		for i := range ids {
			id := ids[n-1-i]
			state := k.row(t, id).State
			err := c.Inspector().Delete(t.Context(), id)
			if err != nil && !errors.Is(err, inspect.ErrRunning) {
				t.Fatal(err)
			}
			// It may have run between the look and the deletion.
			if err == nil && (state == covetjobs.Pending || state == covetjobs.Dispatched) && w.count(names[id]) == 0 {
				deleted[id] = true
			}
		}
		await(t, "the rest to end", func() bool {
			return k.count(t, c, covetjobs.Pending)+k.count(t, c, covetjobs.Dispatched)+k.count(t, c, covetjobs.Running) == 0
		})
		k.awaitState(t, enqueue(t, c, Probe{Name: "later"}), covetjobs.Done)
		for id, name := range names {
			if runs := w.count(name); deleted[id] && runs != 0 || runs > 1 {
				t.Errorf("deleted %v, %d runs", deleted[id], runs)
			}
		}
	})
}

func TestAllOfAFilter(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		insertRows(t, k, 150, covetjobs.Dead) // 600, more than one batch
		insertRows(t, k, 1, everyState...)
		counts := func() map[covetjobs.State]int {
			counts, err := c.Inspector().Count(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return counts
		}
		for _, step := range []struct {
			name   string
			all    func(context.Context, inspect.Filter) (int, error)
			filter inspect.Filter
			want   int
			counts map[covetjobs.State]int
		}{
			{
				"retry what is of no kind", c.Inspector().RetryAll,
				inspect.Filter{Kind: "x"},
				0,
				map[covetjobs.State]int{"pending": 4, "dispatched": 4, "running": 4, "done": 4, "dead": 604, "cancelled": 4},
			},
			{
				"retry one queue and kind", c.Inspector().RetryAll,
				inspect.Filter{States: []covetjobs.State{covetjobs.Dead, covetjobs.Done}, Queue: "mail", Kind: "import"},
				151,
				map[covetjobs.State]int{"pending": 155, "dispatched": 4, "running": 4, "done": 4, "dead": 453, "cancelled": 4},
			},
			{
				"cancel what waits", c.Inspector().CancelAll,
				inspect.Filter{},
				159,
				map[covetjobs.State]int{"running": 4, "done": 4, "dead": 453, "cancelled": 163},
			},
			{
				"retry everything", c.Inspector().RetryAll,
				inspect.Filter{},
				616,
				map[covetjobs.State]int{"pending": 616, "running": 4, "done": 4},
			},
			{
				"delete everything", c.Inspector().DeleteAll,
				inspect.Filter{},
				4,
				map[covetjobs.State]int{"pending": 616, "running": 4},
			},
		} {
			n, err := step.all(t.Context(), step.filter)
			if n != step.want || err != nil {
				t.Errorf("%s: %d, %v; want %d", step.name, n, err, step.want)
			}
			if diff := cmp.Diff(step.counts, counts()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", step.name, diff)
			}
		}
	})
}

// A job that dies again at once does not keep RetryAll busy.
func TestRetryAllEnds(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.started(t, covetjobs.Config{}, newWork())
		insertRows(t, k, 50, covetjobs.Dead)
		if err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("true").
			Updates(map[string]any{"kind": "probe", "payload": `{"name": 7}`, "queue": "default"}).Error; err != nil {
			t.Fatal(err)
		}
		if n, err := c.Inspector().RetryAll(t.Context(), inspect.Filter{}); n != 200 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		await(t, "all to die again", func() bool { return k.count(t, c, covetjobs.Dead) == 200 })
	})
}
