package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	covetjobs "github.com/covetgo/covet/jobs"
)

func TestJobsAreWorkedOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		if k.redisURL != "" {
			newOther(t, k).started(t, covetjobs.Config{}, w)
		}
		const writers, each, n = 4, 50, 200
		var group errgroup.Group
		for writer := range writers {
			group.Go(func() error {
				for i := 0; i < each; i += 2 {
					err := k.db.Transaction(t.Context(), func(ctx context.Context) error {
						_, err1 := c.Enqueue(ctx, Probe{Name: fmt.Sprint(writer*each + i)})
						_, err2 := c.Enqueue(ctx, Probe{Name: fmt.Sprint(writer*each + i + 1)})
						return errors.Join(err1, err2)
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		await(t, "all jobs to be done", func() bool { return k.count(t, c, covetjobs.Done) == n })
		if runs, names := w.total(); runs != n || names != n {
			t.Errorf("%d runs of %d jobs, want %d of each", runs, names, n)
		}
	})
}

func TestRolledBackTransactionLeavesNoJob(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		refused := errors.New("refused")
		err := k.db.Transaction(t.Context(), func(ctx context.Context) error {
			if _, err := c.Enqueue(ctx, Probe{Name: "lost"}); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		err = k.db.Transaction(t.Context(), func(ctx context.Context) error {
			_, err := c.Enqueue(ctx, Probe{Name: "kept"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		await(t, "the committed job", func() bool { return k.count(t, c, covetjobs.Done) == 1 })
		if w.count("lost") != 0 || w.count("kept") != 1 {
			t.Errorf("runs: lost %d, kept %d; want 0 and 1", w.count("lost"), w.count("kept"))
		}
		counts, err := c.Inspector().Count(t.Context())
		if err != nil || len(counts) != 1 {
			t.Errorf("rows: %v (%v), want one", counts, err)
		}
	})
}

func TestFailedJobIsTriedAgainWithBackoff(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		attempts := make(chan int, 10)
		w := newWork().on("flaky", func(ctx context.Context) error {
			info, _ := covetjobs.Info(ctx)
			attempts <- info.Attempt
			if info.Attempt < 3 {
				return fmt.Errorf("attempt %d \x00\xff", info.Attempt)
			}
			return nil
		})
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "flaky"})
		row := k.awaitState(t, id, covetjobs.Done)
		if row.Attempts != 2 || !strings.Contains(row.LastError, "attempt 2") {
			t.Errorf("attempts %d, last error %q; want 2 and that of attempt 2", row.Attempts, row.LastError)
		}
		for want := 1; want <= 3; want++ {
			if got := <-attempts; got != want {
				t.Errorf("attempt %d was told that it is %d", want, got)
			}
		}
	})
}

func TestJobDies(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		w := newWork().
			on("hopeless", func(context.Context) error { return errors.New("broken") }).
			on("permanent", func(context.Context) error { return covetjobs.Permanent(errors.New("no such user")) }).
			on("long", func(context.Context) error {
				return covetjobs.Permanent(errors.New("x" + strings.Repeat("ä", 10_000)))
			}).
			on("panic", func(context.Context) error { panic("boom") })
		c := k.started(t, covetjobs.Config{}, w)
		for name, want := range map[string]struct {
			runs int
			text string
		}{
			"hopeless":  {3, "broken"},
			"permanent": {1, "no such user"},
			"panic":     {3, "panic: boom"},
			"long":      {1, "xää"},
		} {
			id := enqueue(t, c, Probe{Name: name})
			row := k.awaitState(t, id, covetjobs.Dead)
			if row.Attempts != want.runs || w.count(name) != want.runs || !strings.Contains(row.LastError, want.text) {
				t.Errorf("%s: %d attempts, %d runs, last error %q; want %d and %q",
					name, row.Attempts, w.count(name), row.LastError, want.runs, want.text)
			}
			if len(row.LastError) > 8<<10 || !utf8.ValidString(row.LastError) {
				t.Errorf("%s: %d bytes of last error, want at most 8 KiB of valid UTF-8", name, len(row.LastError))
			}
			if row.FinishedAt == nil || row.Holder != "" || row.LeaseUntil != nil {
				t.Errorf("%s: finished %v, holder %q, lease %v", name, row.FinishedAt, row.Holder, row.LeaseUntil)
			}
		}
		if row := k.log.having("goroutine"); len(row) != 0 {
			t.Errorf("a stack in the log: %v", row)
		}
	})
}

func TestDelayedJob(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		later := enqueue(t, c, Probe{Name: "later"}, covetjobs.At(time.Now().Add(time.Hour)))
		begun := time.Now()
		soon := enqueue(t, c, Probe{Name: "soon"}, covetjobs.In(300*time.Millisecond))
		row := k.awaitState(t, soon, covetjobs.Done)
		if row.StartedAt.Before(begun.Add(300 * time.Millisecond).Truncate(time.Microsecond)) {
			t.Errorf("started %v after the enqueuing, want 300ms at least", row.StartedAt.Sub(begun))
		}
		if row := k.row(t, later); row.State != covetjobs.Pending || w.count("later") != 0 {
			t.Errorf("the later job is %s", row.State)
		}
	})
}

func TestCancel(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "cancelled"})
		if err := c.Cancel(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if err := c.Cancel(t.Context(), id); !errors.Is(err, covetjobs.ErrNotWaiting) {
			t.Errorf("cancelling twice: %v, want ErrNotWaiting", err)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if row := k.row(t, id); row.State != covetjobs.Cancelled || w.count("cancelled") != 0 {
			t.Errorf("the job is %s and ran %d times", row.State, w.count("cancelled"))
		}
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	covetjobs.Register[Slow](c, "deps")
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	row := k.awaitState(t, enqueue(t, c, Slow{}), covetjobs.Dead)
	if !strings.Contains(row.LastError, "exceeded its timeout") {
		t.Errorf("last error %q", row.LastError)
	}
}

// Slow works until its time is up.
type Slow struct{}

func (Slow) Work(ctx context.Context, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

func (Slow) Options() covetjobs.Options {
	return covetjobs.Options{Timeout: 50 * time.Millisecond, MaxRetry: -1}
}

func TestEnqueueDirect(t *testing.T) {
	t.Parallel()
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, databases["sqlite"](t), redisURL(t))
			w := newWork().on("fails", func(context.Context) error { return errors.New("broken") })
			c := k.started(t, covetjobs.Config{}, w)
			for _, name := range []string{"fails", "works"} {
				if _, err := c.EnqueueDirect(t.Context(), Probe{Name: name}); err != nil {
					t.Fatal(err)
				}
			}
			await(t, "both jobs", func() bool {
				return len(k.log.having("direct job failed")) == 1 && len(k.log.having("direct job done")) == 1
			})
			if w.count("fails") != 1 || w.count("works") != 1 {
				t.Errorf("%d and %d runs, want one each", w.count("fails"), w.count("works"))
			}
			if counts, err := c.Inspector().Count(t.Context()); err != nil || len(counts) != 0 {
				t.Errorf("rows: %v (%v), want none", counts, err)
			}
		})
	}
}
