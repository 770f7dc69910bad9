package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

// Report is unique by one of its arguments.
type Report struct {
	Month string `json:"month"`
	Note  string `json:"note,omitempty"`
}

func (Report) Work(ctx context.Context, w *work) error { return w.run(ctx, "report") }

func (Report) Options() covetjobs.Options {
	return covetjobs.Options{Unique: covetjobs.ByArgs("month"), MaxRetry: -1}
}

func uniqueClient(t *testing.T, k *kit, w *work) *covetjobs.Client {
	t.Helper()
	c := k.client(t, covetjobs.Config{}, w)
	covetjobs.Register[Report](c, w)
	return c
}

func TestUniqueUntilTheEnd(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := uniqueClient(t, k, w)
		var second, other bool
		first := enqueue(t, c, Report{Month: "May"})
		same := enqueue(t, c, Report{Month: "May", Note: "again"}, covetjobs.Duplicate(&second))
		if same != first || !second {
			t.Errorf("the same job: id %s, duplicate %t; want that of the first, and true", same, second)
		}
		if id := enqueue(t, c, Report{Month: "June"}, covetjobs.Duplicate(&other)); id == first || other {
			t.Errorf("another month is taken for the same job")
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if id := enqueue(t, c, Report{Month: "May"}, covetjobs.Duplicate(&other)); id == first || other {
			t.Error("the job is a duplicate of one that has ended")
		}
		if w.count("report") != 2 {
			t.Errorf("%d runs, want two", w.count("report"))
		}
	})
}

func TestUniqueAcrossProcesses(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		other := newOther(t, k)
		clients := []*covetjobs.Client{uniqueClient(t, k, newWork()), uniqueClient(t, other, newWork())}
		ids := make([]string, 20)
		var group errgroup.Group
		for i := range ids {
			group.Go(func() error {
				db := k.db
				if i%2 == 1 {
					db = other.db
				}
				return db.Transaction(t.Context(), func(ctx context.Context) error {
					var err error
					ids[i], err = clients[i%2].Enqueue(ctx, Report{Month: "May"})
					return err
				})
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("two jobs of the same arguments: %v", ids)
			}
		}
	})
}

func TestUniqueForAPeriod(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		clock := newClock()
		w := newWork()
		c := k.client(t, covetjobs.Config{Clock: clock.now, Retention: time.Minute}, w)
		unique := covetjobs.UniqueBy(covetjobs.ByKey("invoice 7").For(3 * time.Hour))
		first := enqueue(t, c, Probe{Name: "x"}, unique)
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.advance(2 * time.Hour)
		if err := c.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
		if id := enqueue(t, c, Probe{Name: "y"}, unique); id != first {
			t.Error("a second job within the period")
		}
		clock.advance(time.Hour + time.Second)
		var duplicate bool
		if id := enqueue(t, c, Probe{Name: "x"}, unique, covetjobs.Duplicate(&duplicate)); id == first || duplicate {
			t.Error("the period does not end")
		}
		if err := c.Drain(t.Context()); err != nil || w.count("x") != 2 {
			t.Errorf("%d runs (%v), want two", w.count("x"), err)
		}
	})
}

func TestRetryOfAUniqueJob(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork().on("report", func(context.Context) error { return errors.New("no") })
		c := uniqueClient(t, k, w)
		dead := enqueue(t, c, Report{Month: "May"})
		_ = c.Drain(t.Context()) // its error is the job's
		k.awaitState(t, dead, covetjobs.Dead)
		second := enqueue(t, c, Report{Month: "May"})
		if err := c.Inspector().Retry(t.Context(), dead); !errors.Is(err, inspect.ErrDuplicate) {
			t.Errorf("retrying beside the second job: %v, want ErrDuplicate", err)
		}
		if n, err := c.Inspector().RetryAll(t.Context(), inspect.Filter{}); n != 0 || err != nil {
			t.Errorf("retrying all: %d, %v; want none", n, err)
		}
		if err := c.Cancel(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		if err := c.Inspector().Retry(t.Context(), dead); err != nil {
			t.Errorf("retrying after the end of the second job: %v", err)
		}
		if id := enqueue(t, c, Report{Month: "May"}); id != dead {
			t.Error("a retried job is not unique any more")
		}
	})
}

func TestUniqueOfManyKinds(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := uniqueClient(t, k, newWork())
	for i, unique := range []covetjobs.Unique{
		covetjobs.ByKind(), covetjobs.ByArgs(), covetjobs.ByArgs("name"), covetjobs.ByKey("x"), covetjobs.ByKey("y"),
	} {
		by := covetjobs.UniqueBy(unique)
		var duplicate bool
		first := enqueue(t, c, Probe{Name: "x"}, by, covetjobs.Duplicate(&duplicate))
		if duplicate || enqueue(t, c, Probe{Name: "x"}, by) != first {
			t.Errorf("%d: keys of different sorts are the same, or those of one are not", i)
		}
	}
	ids, err := c.EnqueueMany(t.Context(), []any{Report{Month: "a"}, Probe{Name: "z"}, Report{Month: "a"}})
	if err != nil || len(ids) != 3 || ids[0] != ids[2] || ids[0] == ids[1] {
		t.Errorf("ids %v (%v), want the first twice", ids, err)
	}
}
