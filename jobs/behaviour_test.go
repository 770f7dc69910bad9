package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

func TestSnoozeCountsAsNothing(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		w := newWork()
		w.on("later", func(context.Context) error {
			if w.count("later") <= 5 { // more often than it has retries
				return fmt.Errorf("nothing there yet: %w", covetjobs.Snooze(10*time.Millisecond))
			}
			return nil
		})
		c := k.started(t, covetjobs.Config{}, w)
		row := k.awaitState(t, enqueue(t, c, Probe{Name: "later"}), covetjobs.Done)
		if row.Attempts != 0 || w.count("later") != 6 || row.LastError != "" {
			t.Errorf("%d attempts, %d runs, error %q; want 0, 6 and none", row.Attempts, w.count("later"), row.LastError)
		}
	})
}

func TestCancelOfARunningJob(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["redis"], func(t *testing.T, k *kit) {
		causes := make(chan error, 2)
		w := newWork().on("long", func(ctx context.Context) error {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return ctx.Err()
		})
		worker := newOther(t, k).started(t, covetjobs.Config{}, w)
		elsewhere := k.client(t, covetjobs.Config{}, w)
		for _, c := range []*covetjobs.Client{elsewhere, worker} {
			id := enqueue(t, elsewhere, Probe{Name: "long"})
			k.awaitState(t, id, covetjobs.Running)
			if err := c.Cancel(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			row := k.awaitState(t, id, covetjobs.Cancelled)
			if cause := <-causes; !errors.Is(cause, covetjobs.ErrCancelled) {
				t.Errorf("the context ended because of %v", cause)
			}
			if !strings.Contains(row.LastError, "cancelled") || row.Attempts != 0 {
				t.Errorf("last error %q, %d attempts", row.LastError, row.Attempts)
			}
		}
	})
}

// A job that fails at the moment of the cancellation is not tried again.
func TestCancelledJobIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		w.on("fails", func(ctx context.Context) error {
			job, _ := covetjobs.Info(ctx)
			err := k.db.With(ctx).Model(&covetmodels.OutboxRow{}).Where("id = ?", job.ID).Update("cancel_asked_at", time.Now().UTC()).Error
			return errors.Join(errors.New("no"), err)
		})
		id := enqueue(t, c, Probe{Name: "fails"})
		_ = c.Drain(t.Context()) // its error is the job's
		if row := k.row(t, id); row.State != covetjobs.Cancelled || w.count("fails") != 1 {
			t.Errorf("%s after %d runs, want cancelled after one", row.State, w.count("fails"))
		}
	})
}

func TestProgressAndResult(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		w := newWork().on("counts", func(ctx context.Context) error {
			covetjobs.SetProgress(ctx, 1, 3)
			<-gate
			covetjobs.SetProgress(ctx, 2, 3)
			covetjobs.SetProgress(ctx, 3, 3)
			return covetjobs.SetResult(ctx, map[string]int{"rows": 3})
		}).on("fails", func(ctx context.Context) error {
			return errors.Join(covetjobs.SetResult(ctx, 7), errors.New("no"))
		})
		c := k.started(t, covetjobs.Config{}, w)
		id := enqueue(t, c, Probe{Name: "counts"})
		k.awaitState(t, id, covetjobs.Running)
		if _, err := covetjobs.Result[int](t.Context(), c, id); !errors.Is(err, covetjobs.ErrNotDone) {
			t.Errorf("the result of a job that runs: %v, want ErrNotDone", err)
		}
		close(gate)
		k.awaitState(t, id, covetjobs.Done)
		got, err := c.Inspector().Progress(t.Context(), id)
		if want := (inspect.Progress{State: covetjobs.Done, Done: 3, Total: 3}); got != want || err != nil {
			t.Errorf("progress %+v (%v), want %+v", got, err, want)
		}
		result, err := covetjobs.Result[map[string]int](t.Context(), c, id)
		if err != nil || result["rows"] != 3 {
			t.Errorf("result %v (%v), want three rows", result, err)
		}
		failed := enqueue(t, c, Probe{Name: "fails"})
		if row := k.awaitState(t, failed, covetjobs.Dead); row.Result != "" {
			t.Errorf("a job that failed left %q", row.Result)
		}
		if _, err := c.Inspector().Progress(t.Context(), "nobody"); !errors.Is(err, covetjobs.ErrNoJob) {
			t.Errorf("progress of nobody: %v", err)
		}
		if covetjobs.SetResult(t.Context(), 1) == nil {
			t.Error("a result outside of jobs is taken")
		}
		covetjobs.SetProgress(t.Context(), 1, 2) // does nothing
	})
}

func TestProgressIsSeenWhileTheJobRuns(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	gate := make(chan struct{})
	w := newWork().on("x", func(ctx context.Context) error {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for n := int64(1); ; n++ {
			covetjobs.SetProgress(ctx, n, 1_000_000)
			select {
			case <-gate:
				return nil
			case <-tick.C:
			}
		}
	})
	c := k.started(t, covetjobs.Config{}, w)
	id := enqueue(t, c, Probe{Name: "x"})
	await(t, "progress", func() bool {
		p, err := c.Inspector().Progress(t.Context(), id)
		return err == nil && p.State == covetjobs.Running && p.Done > 0
	})
	close(gate)
	k.awaitState(t, id, covetjobs.Done)
}

type traceKey struct{}

func TestMiddlewareAndWhatIsCarriedAlong(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		var trace, order atomic.Value
		order.Store("")
		w := newWork().on("x", func(ctx context.Context) error {
			trace.Store(ctx.Value(traceKey{}))
			return nil
		})
		c := k.client(t, covetjobs.Config{}, w)
		c.Carry("trace", func(ctx context.Context) string {
			value, _ := ctx.Value(traceKey{}).(string)
			return value
		}, func(ctx context.Context, value string) context.Context {
			return context.WithValue(ctx, traceKey{}, value)
		})
		note := func(name string) covetjobs.Middleware {
			return func(next covetjobs.Handler) covetjobs.Handler {
				return func(ctx context.Context) error {
					order.Store(order.Load().(string) + name)
					return next(ctx)
				}
			}
		}
		observed := make(chan error, 10)
		c.Use(note("a"), covetjobs.Observe(func(_ context.Context, job covetjobs.Execution, _ time.Duration, err error) {
			observed <- fmt.Errorf("%s %w", job.Kind, err)
		}), note("b"))
		c.Use(func(next covetjobs.Handler) covetjobs.Handler {
			return func(ctx context.Context) error {
				if err := next(ctx); err != nil {
					return covetjobs.Permanent(err)
				}
				return nil
			}
		})
		w.on("no", func(context.Context) error { return errors.New("broken") })
		id, err := c.Enqueue(context.WithValue(t.Context(), traceKey{}, "abc"), Probe{Name: "x"})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, id, covetjobs.Done)
		if trace.Load() != "abc" || order.Load() != "ab" {
			t.Errorf("trace %v, order %v; want abc and ab", trace.Load(), order.Load())
		}
		if first := <-observed; !strings.HasPrefix(first.Error(), "probe") {
			t.Errorf("observed %v", first)
		}
		row := k.awaitState(t, enqueue(t, c, Probe{Name: "no"}), covetjobs.Dead)
		if err := <-observed; row.Attempts != 1 || err.Error() != "probe broken" {
			t.Errorf("%d attempts and %v observed, want one: the middleware made the error permanent", row.Attempts, err)
		}
	})
}

func TestPanicIsStoredWithItsStack(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.started(t, covetjobs.Config{}, newWork().on("panic", func(context.Context) error { panic("boom") }))
	row := k.awaitState(t, enqueue(t, c, Probe{Name: "panic"}), covetjobs.Dead)
	if row.LastError != "panic: boom" || !strings.Contains(row.LastStack, "behaviour_test.go") {
		t.Errorf("error %q, stack %.100q", row.LastError, row.LastStack)
	}
}

func TestEnqueueMany(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		jobs := make([]any, 1203)
		for i := range jobs {
			jobs[i] = Probe{Name: fmt.Sprint(i)}
		}
		ids, err := c.EnqueueMany(t.Context(), jobs, covetjobs.In(time.Hour), covetjobs.Queue("bulk"))
		if err != nil || len(ids) != len(jobs) {
			t.Fatalf("%d ids, %v", len(ids), err)
		}
		for _, i := range []int{0, 499, 500, 1202} {
			row := k.row(t, ids[i])
			if row.Payload != fmt.Sprintf(`{"name":"%d"}`, i) || row.Queue != "bulk" || row.RunAt.Before(row.CreatedAt.Add(time.Hour)) {
				t.Errorf("row %d is %+v", i, row)
			}
		}
		refused := errors.New("refused")
		err = k.db.Transaction(t.Context(), func(ctx context.Context) error {
			_, err := c.EnqueueMany(ctx, jobs)
			return errors.Join(err, refused)
		})
		if n := k.count(t, c, covetjobs.Pending); !errors.Is(err, refused) || n != len(jobs) {
			t.Errorf("%d jobs after a transaction that was rolled back, want %d", n, len(jobs))
		}
		if _, err := c.EnqueueMany(t.Context(), []any{Probe{}, 7}); !errors.Is(err, covetjobs.ErrNotRegistered) || !strings.Contains(err.Error(), "job 1") {
			t.Errorf("a job of an unknown type: %v", err)
		}
		if ids, err := c.EnqueueMany(t.Context(), nil); len(ids) != 0 || err != nil {
			t.Errorf("no jobs: %v, %v", ids, err)
		}
	})
}

func TestLargeArguments(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		large := strings.Repeat("x", 1<<20)
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		k.awaitState(t, enqueue(t, c, Probe{Name: large}), covetjobs.Done)
		if w.count(large) != 1 {
			t.Error("the arguments have not arrived")
		}
		_, err := c.Enqueue(t.Context(), Probe{Name: strings.Repeat("x", covetjobs.MaxPayload)})
		if !errors.Is(err, covetjobs.ErrPayloadTooLarge) {
			t.Errorf("more than MaxPayload: %v, want ErrPayloadTooLarge", err)
		}
	})
}

// Renamed had a field "who" before version 2, and "name" before that.
type Renamed struct {
	Person string `json:"person"`
}

func (Renamed) Version() int { return 2 }

func (Renamed) Upgrade(version int, raw json.RawMessage) (json.RawMessage, error) {
	old := map[string]string{}
	if err := json.Unmarshal(raw, &old); err != nil {
		return nil, err
	}
	return json.Marshal(Renamed{Person: old[[]string{"name", "who"}[version]]})
}

func (r Renamed) Work(ctx context.Context, w *work) error { return w.run(ctx, r.Person) }

func TestArgumentsOfOtherVersions(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		w := newWork()
		c := k.client(t, covetjobs.Config{}, w)
		covetjobs.Register[Renamed](c, w)
		change := func(id, payload string, version int) {
			err := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", id).
				Updates(map[string]any{"payload": payload, "version": version}).Error
			if err != nil {
				t.Fatal(err)
			}
		}
		ids := make([]string, 5)
		for i := range ids {
			ids[i] = enqueue(t, c, Renamed{Person: "two"})
		}
		change(ids[0], `{"name":"zero"}`, 0)
		change(ids[1], `{"who":"one"}`, 1)
		change(ids[2], `{"person":"tolerant","unknown":{"a":[1]}}`, 2)
		change(ids[3], `{"x":1}`, 1)
		newer := enqueue(t, c, Renamed{Person: "newer"})
		change(newer, `{}`, 3)
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		for _, i := range []int{0, 1, 2, 4} {
			k.awaitState(t, ids[i], covetjobs.Done)
		}
		for _, name := range []string{"zero", "one", "two", "tolerant"} {
			if w.count(name) != 1 {
				t.Errorf("%s ran %d times", name, w.count(name))
			}
		}
		dead := k.awaitState(t, ids[3], covetjobs.Dead)
		if dead.Attempts != 1 || !strings.Contains(dead.LastError, "upgrading the arguments of renamed from version 1 to 2") {
			t.Errorf("%d attempts, error %q", dead.Attempts, dead.LastError)
		}
		change(ids[3], `{"who":"fixed"}`, 1)
		if err := c.Inspector().Retry(t.Context(), ids[3]); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, ids[3], covetjobs.Done)
		await(t, "the newer job to be left", func() bool { return k.row(t, newer).Delivery == 1 })
		if row := k.row(t, newer); row.State != covetjobs.Pending || !strings.Contains(row.LastError, "newer version") {
			t.Errorf("arguments of a newer version: %s, %q", row.State, row.LastError)
		}
	})
}
