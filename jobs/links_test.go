package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
)

func probes(names ...string) []any {
	var jobs []any
	for _, name := range names {
		jobs = append(jobs, Probe{Name: name})
	}
	return jobs
}

func TestChainRunsInOrder(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		var order atomic.Value
		order.Store("")
		w := newWork()
		for _, name := range []string{"a", "b", "c"} {
			w.on(name, func(context.Context) error {
				order.Store(order.Load().(string) + name)
				return nil
			})
		}
		c := k.started(t, covetjobs.Config{}, w)
		ids, err := c.EnqueueChain(t.Context(), probes("a", "b", "c"))
		if err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, ids[2], covetjobs.Done)
		if order.Load() != "abc" {
			t.Errorf("the order was %v, want abc", order.Load())
		}
	})
}

func TestChainStopsAndResumes(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		broken := true
		w := newWork().on("b", func(context.Context) error {
			if broken {
				return covetjobs.Permanent(errors.New("no"))
			}
			return nil
		})
		c := k.client(t, covetjobs.Config{}, w)
		ids, err := c.EnqueueChain(t.Context(), probes("a", "b", "c", "d"))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Drain(t.Context()) // its error is that of b
		for i, want := range []covetjobs.State{covetjobs.Done, covetjobs.Dead, covetjobs.Dead, covetjobs.Dead} {
			if row := k.row(t, ids[i]); row.State != want || (i > 1 && !strings.Contains(row.LastError, "not run: job "+ids[1])) {
				t.Errorf("member %d is %s (%s), want %s", i, row.State, row.LastError, want)
			}
		}
		broken = false
		if n, err := c.Inspector().RetryAll(t.Context(), inspect.Filter{}); n == 0 || err != nil {
			t.Fatalf("retrying: %d, %v", n, err)
		}
		if b, d := k.row(t, ids[1]), k.row(t, ids[3]); b.State != covetjobs.Pending || d.State != covetjobs.Held {
			t.Errorf("after the retry the second is %s and the last %s, want pending and held", b.State, d.State)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"a", "b", "c", "d"} {
			if row := k.row(t, ids[i]); row.State != covetjobs.Done || w.count(name) > 2 {
				t.Errorf("%s is %s after %d runs", name, row.State, w.count(name))
			}
		}
	})
}

func TestRetryOfTheMemberAloneResumesTheChain(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		ids, err := c.EnqueueChain(t.Context(), probes("a", "b"))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Cancel(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		if row := k.row(t, ids[1]); row.State != covetjobs.Cancelled {
			t.Errorf("the rest of a cancelled chain is %s", row.State)
		}
		if err := c.Inspector().Retry(t.Context(), ids[0]); err != nil {
			t.Fatal(err)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, ids[1], covetjobs.Done)
	})
}

// Summary is the callback of the batches of these tests.
type Summary struct {
	Of string `json:"of"`
}

func (s Summary) Work(ctx context.Context, w *work) error { return w.run(ctx, "summary of "+s.Of) }

func TestBatchCallsBackOnce(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		w := newWork()
		var c *covetjobs.Client
		told := make(chan string, 10)
		w.on("summary of x", func(ctx context.Context) error {
			job, _ := covetjobs.Info(ctx)
			batch, err := c.Batch(ctx, job.Batch)
			told <- fmt.Sprint(batch.Total, " ", batch.Done, " ", batch.Dead, " ", batch.Cancelled)
			return err
		})
		w.on("dies", func(context.Context) error { return covetjobs.Permanent(errors.New("no")) })
		w.on("adds", func(ctx context.Context) error {
			job, _ := covetjobs.Info(ctx)
			_, err := c.EnqueueMany(ctx, probes("added", "added"), covetjobs.InBatch(job.Batch))
			return err
		})
		c = k.client(t, covetjobs.Config{Concurrency: 8}, w)
		covetjobs.Register[Summary](c, w)
		names := []string{"dies", "adds"}
		for i := range 30 {
			names = append(names, fmt.Sprint(i))
		}
		id, err := c.EnqueueBatch(t.Context(), covetjobs.Batch{Jobs: probes(names...), Then: Summary{Of: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-told:
			if got != "34 33 1 0" {
				t.Errorf("the callback was told %s, want 34 33 1 0", got)
			}
		case <-time.After(patience):
			t.Fatal("no callback")
		}
		await(t, "the callback to end", func() bool {
			page, err := c.Inspector().Rows(t.Context(), inspect.Filter{Kind: "summary"}, "", 5)
			return err == nil && len(page.Rows) == 1 && page.Rows[0].State == covetjobs.Done
		})
		if w.count("summary of x") != 1 {
			t.Errorf("%d callbacks, want one", w.count("summary of x"))
		}
		if _, err := c.Enqueue(t.Context(), Probe{Name: "late"}, covetjobs.InBatch(id)); !errors.Is(err, covetjobs.ErrNoBatch) {
			t.Errorf("adding to a batch that has ended: %v, want ErrNoBatch", err)
		}
		page, err := c.Inspector().Rows(t.Context(), inspect.Filter{Batch: id}, "", 100)
		if err != nil || len(page.Rows) != 34 {
			t.Errorf("%d rows of the batch (%v), want 34", len(page.Rows), err)
		}
	})
}

// A callback that was cancelled and is retried waits for its batch again.
func TestRetryOfACallback(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		covetjobs.Register[Summary](c, w)
		id, err := c.EnqueueBatch(t.Context(), covetjobs.Batch{Jobs: probes("a"), Then: Summary{}})
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.Inspector().Rows(t.Context(), inspect.Filter{Kind: "summary"}, "", 1)
		if err != nil || len(page.Rows) != 1 {
			t.Fatalf("%d callbacks, %v", len(page.Rows), err)
		}
		callback := page.Rows[0].ID
		if err := errors.Join(c.Cancel(t.Context(), callback), c.Inspector().Retry(t.Context(), callback)); err != nil {
			t.Fatal(err)
		}
		if row := k.row(t, callback); row.State != covetjobs.Held {
			t.Errorf("the callback is %s before its batch has ended, want held", row.State)
		}
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if batch, err := c.Batch(t.Context(), id); err != nil || batch.FinishedAt == nil {
			t.Errorf("the batch is %+v (%v)", batch, err)
		}
		if row := k.row(t, callback); row.State != covetjobs.Done {
			t.Errorf("the callback is %s after the end of its batch, want done", row.State)
		}
	})
}

func TestBatchCountsWhatPeopleDo(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork().on("dies", func(context.Context) error { return covetjobs.Permanent(errors.New("no")) })
		c := k.client(t, covetjobs.Config{}, w)
		covetjobs.Register[Summary](c, w)
		id, err := c.EnqueueBatch(t.Context(), covetjobs.Batch{Jobs: probes("dies", "cancelled", "deleted"), Then: Summary{}}, covetjobs.In(0))
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.Inspector().Rows(t.Context(), inspect.Filter{Batch: id}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		byName := map[string]string{}
		for _, row := range page.Rows {
			byName[row.Payload] = row.ID
		}
		err = errors.Join(c.Cancel(t.Context(), byName[`{"name":"cancelled"}`]), c.Inspector().Delete(t.Context(), byName[`{"name":"deleted"}`]))
		if err != nil {
			t.Fatal(err)
		}
		if w.count("summary of ") != 0 {
			t.Error("the callback came before the end")
		}
		_ = c.Drain(t.Context()) // its error is the job's
		batch, err := c.Batch(t.Context(), id)
		if err != nil || batch.Total != 3 || batch.Dead != 1 || batch.Cancelled != 2 || batch.FinishedAt == nil {
			t.Errorf("batch %+v (%v), want one dead and two cancelled", batch, err)
		}
		if err := c.Inspector().Retry(t.Context(), byName[`{"name":"dies"}`]); err != nil {
			t.Fatal(err)
		}
		w.on("dies", nil)
		if err := c.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		batch, err = c.Batch(t.Context(), id)
		if err != nil || batch.Done != 1 || batch.Dead != 0 || w.count("summary of ") != 1 {
			t.Errorf("batch %+v (%v) after %d callbacks; want one done, and one callback", batch, err, w.count("summary of "))
		}
		if _, err := c.EnqueueBatch(t.Context(), covetjobs.Batch{Then: Summary{Of: "nothing"}}); err != nil {
			t.Fatal(err)
		}
		if err := c.Drain(t.Context()); err != nil || w.count("summary of nothing") != 1 {
			t.Errorf("an empty batch has %d callbacks (%v)", w.count("summary of nothing"), err)
		}
		if _, err := c.Batch(t.Context(), "nobody"); !errors.Is(err, covetjobs.ErrNoBatch) {
			t.Errorf("a batch that is not there: %v", err)
		}
	})
}
