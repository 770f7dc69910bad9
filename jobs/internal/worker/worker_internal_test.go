package worker

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	"github.com/covetgo/covet/jobs/internal/limit"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { jobtest.Main(m) }

// registry knows one kind, whose work a test sets.
type registry struct {
	work    func(ctx context.Context) error
	policy  job.Policy
	invalid error
}

func (r *registry) Known(d job.Delivery) error {
	switch {
	case d.Kind != "known":
		return job.ErrUnknownKind
	case d.Version > 1:
		return job.ErrNewer
	}
	return nil
}

func (r *registry) Decode(job.Delivery) (job.Runnable, error) {
	return job.Runnable{Work: r.work, Policy: r.policy}, r.invalid
}

func (r *registry) Kinds() []string { return []string{"known"} }

// transport hands its receiver to the test.
type transport struct {
	receive job.ReceiveParams
	ctx     context.Context
	stopped atomic.Bool
	direct  []job.Delivery
	wait    chan struct{} // Stop waits until it is closed
}

func (f *transport) Receive(ctx context.Context, p job.ReceiveParams) (job.Receiver, error) {
	f.receive, f.ctx = p, ctx
	return f, nil
}

func (f *transport) SendDirect(_ context.Context, d job.Delivery, _ time.Time) error {
	f.direct = append(f.direct, d)
	return nil
}

func (f *transport) Stop()                { <-f.wait; f.stopped.Store(true) }
func (f *transport) Stuck(time.Time) bool { return !f.stopped.Load() }

// limits admit or refuse.
type limits struct {
	full  bool
	delay time.Duration
	left  int
}

func (l *limits) Acquire(context.Context, job.Limit, job.Ref) (limit.Place, bool, error) {
	return limit.Place{}, !l.full, nil
}
func (l *limits) Keep(context.Context, limit.Place) (bool, error) { return true, nil }
func (l *limits) Leave(context.Context, limit.Place) error        { l.left++; return nil }
func (l *limits) Spend(context.Context, job.Rate) (time.Duration, error) {
	return l.delay, nil
}

type waker struct{ woken atomic.Int32 }

func (w *waker) Wake() { w.woken.Add(1) }

type kit struct {
	*Worker
	db        *database.DB
	store     *store.Store
	registry  *registry
	transport *transport
	limits    *limits
	waker     *waker
	clock     *jobtest.Clock
	log       *jobtest.Recorder
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{
		db: jobtest.SQLite(t), clock: jobtest.NewClock(), log: &jobtest.Recorder{}, limits: &limits{}, waker: &waker{},
		registry:  &registry{policy: job.Policy{MaxRetry: 2, Backoff: func(int) time.Duration { return time.Minute }}},
		transport: &transport{wait: make(chan struct{})},
	}
	k.store = store.New(k.db, k.clock.Now)
	k.Worker = New(Config{ID: "me", Lease: time.Second, ShutdownTimeout: 10 * time.Millisecond}, Deps{
		Store: k.store, Transport: k.transport, Registry: k.registry, Limiter: k.limits, Waker: k.waker,
		Stats: NewStats(), Watchdog: &job.Watchdog{}, Log: slog.New(k.log),
	})
	return k
}

// dispatched inserts a row that has been sent, and returns its delivery.
func (k *kit) dispatched(t *testing.T, change func(row *job.Row)) job.Delivery {
	t.Helper()
	now := k.clock.Now()
	row := &job.Row{
		ID: uuid.NewString(), Kind: "known", Queue: "queue", Payload: "{}", State: job.Dispatched, Attempts: 1, Losses: 1,
		CreatedAt: now, RunAt: now,
	}
	if change != nil {
		change(row)
	}
	if err := k.db.With(t.Context()).Create(row).Error; err != nil {
		t.Fatal(err)
	}
	return job.DeliveryOf(row)
}

func (k *kit) row(t *testing.T, id string) job.Row {
	t.Helper()
	row, err := k.store.Row(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

// failed is how many runs of this process count as done, failed and dead.
func (k *kit) stats() (n [3]int64) {
	for _, row := range k.Stats.take("me", k.clock.Now()) {
		n[0], n[1], n[2] = n[0]+row.Done, n[1]+row.Failed, n[2]+row.Dead
	}
	return n
}

func TestRunEnds(t *testing.T) {
	t.Parallel()
	failure := errors.New("failure")
	for name, tt := range map[string]struct {
		work     func(ctx context.Context) error
		given    func(k *kit)
		row      func(row *job.Row)
		want     job.State
		in       time.Duration // until the next run
		attempts int
		text     string // in the last error
		stats    [3]int64
	}{
		"done": {
			work: func(context.Context) error { return nil }, want: job.Done, attempts: 1, stats: [3]int64{1, 0, 0},
		},
		"failed": {
			work: func(context.Context) error { return failure }, want: job.Pending, in: time.Minute, attempts: 2,
			text: "failure", stats: [3]int64{0, 1, 0},
		},
		"failed for the last time": {
			work: func(context.Context) error { return failure }, row: func(row *job.Row) { row.Attempts = 2 },
			want: job.Dead, attempts: 3, text: "failure", stats: [3]int64{0, 0, 1},
		},
		"permanent": {
			work: func(context.Context) error { return job.Permanent(failure) }, want: job.Dead, attempts: 2,
			text: "failure", stats: [3]int64{0, 0, 1},
		},
		"panic": {
			work: func(context.Context) error { panic("oops") }, want: job.Pending, in: time.Minute, attempts: 2,
			text: "panic: oops", stats: [3]int64{0, 1, 0},
		},
		"end of the goroutine": {
			work: func(context.Context) error { runtime.Goexit(); return nil }, want: job.Pending, in: time.Minute,
			attempts: 2, text: "ended its goroutine", stats: [3]int64{0, 1, 0},
		},
		"snoozed": {
			work: func(context.Context) error { return job.Snooze(time.Hour) }, want: job.Pending, in: time.Hour, attempts: 1,
		},
		"timeout": {
			given: func(k *kit) { k.registry.policy.Timeout = time.Millisecond },
			work:  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, want: job.Pending,
			in: time.Minute, attempts: 2, text: "exceeded its timeout", stats: [3]int64{0, 1, 0},
		},
		"backoff that panics": {
			given: func(k *kit) { k.registry.policy.Backoff = func(int) time.Duration { panic("oops") } },
			work:  func(context.Context) error { return failure }, want: job.Pending, in: time.Second, attempts: 2,
			text: "failure", stats: [3]int64{0, 1, 0},
		},
		"arguments that cannot be decoded": {
			given: func(k *kit) { k.registry.invalid = failure }, want: job.Dead, attempts: 2, text: "failure",
			stats: [3]int64{0, 0, 1},
		},
		"unknown kind": {
			row: func(row *job.Row) { row.Kind = "unknown" }, want: job.Pending, in: unknownKindDelay, attempts: 1,
			text: "no job of this kind",
		},
		"newer version": {
			row: func(row *job.Row) { row.Version = 2 }, want: job.Pending, in: unknownKindDelay, attempts: 1,
			text: "newer version",
		},
		"limit that is reached": {
			given: func(k *kit) { k.limits.full, k.registry.policy.Limit = true, job.Limit{Key: "limit", Jobs: 1} },
			want:  job.Pending, in: 500 * time.Millisecond, attempts: 1,
		},
		"rate that is used up": {
			given: func(k *kit) { k.limits.delay, k.registry.policy.Rate = time.Hour, job.Rate{Key: "rate", Jobs: 1} },
			want:  job.Pending, in: time.Hour, attempts: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			ran := false
			k.registry.work = func(ctx context.Context) error {
				ran = true
				return tt.work(ctx)
			}
			if tt.given != nil {
				tt.given(k)
			}
			d := k.dispatched(t, tt.row)
			if err := k.handle(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			row := k.row(t, d.ID)
			if row.State != tt.want || row.Attempts != tt.attempts || row.Holder != "" || row.LeaseUntil != nil {
				t.Errorf("%s after %d attempts, holder %q until %v", row.State, row.Attempts, row.Holder, row.LeaseUntil)
			}
			if ran != (tt.work != nil) {
				t.Errorf("ran: %v", ran)
			}
			if in := row.RunAt.Sub(k.clock.Now()); tt.want == job.Pending && (in < tt.in || row.Delivery != 1) {
				t.Errorf("it runs again in %v, as delivery %d", in, row.Delivery)
			}
			if !strings.Contains(row.LastError, tt.text) || (tt.text == "") != (row.LastError == "") {
				t.Errorf("the last error is %q", row.LastError)
			}
			if got := k.stats(); got != tt.stats {
				t.Errorf("counted as done, failed and dead: %v, want %v", got, tt.stats)
			}
			if k.Running() != 0 {
				t.Error("the worker still holds it")
			}
		})
	}
}

func TestOutdatedDeliveriesAreSkipped(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.registry.work = func(context.Context) error { t.Error("it ran"); return nil }
	d := k.dispatched(t, func(row *job.Row) { row.Delivery = 4 })
	d.Number = 3
	if err := k.handle(t.Context(), d); err != nil {
		t.Errorf("an earlier delivery: %v", err)
	}
	ended := k.dispatched(t, func(row *job.Row) { row.State = job.Cancelled })
	if err := k.handle(t.Context(), ended); err != nil {
		t.Errorf("a job that has ended: %v", err)
	}
	d.ID = uuid.NewString()
	if err := k.handle(t.Context(), d); !errors.Is(err, job.ErrForeign) {
		t.Errorf("a job without a row: %v", err)
	}
	d.Fetch = true
	if err := k.handle(t.Context(), d); !errors.Is(err, job.ErrForeign) {
		t.Errorf("a job without a row whose arguments were not carried: %v", err)
	}
}

// A worker that has lost its row does not end the job of another one.
func TestLateEndIsNotRecorded(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	d := k.dispatched(t, nil)
	k.registry.work = func(ctx context.Context) error {
		n, err := k.store.Rescue(ctx, store.LostAll(), store.RescueParams{IDs: []string{d.ID}, Losses: 2})
		if n != 1 {
			t.Errorf("%d rescued", n)
		}
		return err
	}
	if err := k.handle(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if row := k.row(t, d.ID); row.State != job.Pending || row.Delivery != 1 || len(k.log.Having("runs twice")) != 1 {
		t.Errorf("%s, delivery %d", row.State, row.Delivery)
	}
}

func TestReportsOfAJob(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	d := k.dispatched(t, nil)
	k.registry.work = func(ctx context.Context) error {
		e := FromContext(ctx)
		if e.Info.ID != d.ID || e.Info.Attempt != 2 {
			t.Errorf("it is %+v", e.Info)
		}
		e.SetProgress(ctx, 3, 4)
		if err := e.SetResult(strings.Repeat("x", job.MaxPayload)); !errors.Is(err, job.ErrPayloadTooLarge) {
			t.Errorf("a large result: %v", err)
		}
		return e.SetResult(7)
	}
	if err := k.handle(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if row := k.row(t, d.ID); row.ProgressDone != 3 || row.ProgressTotal != 4 || row.Result != "7" {
		t.Errorf("%d of %d, result %q", row.ProgressDone, row.ProgressTotal, row.Result)
	}
	if FromContext(t.Context()) != nil {
		t.Error("any context is that of a job")
	}
}

func TestCancelOfARun(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	d := k.dispatched(t, nil)
	k.registry.work = func(ctx context.Context) error {
		k.Cancel(d.ID)
		<-ctx.Done()
		return ctx.Err()
	}
	if err := k.handle(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if row := k.row(t, d.ID); row.State != job.Cancelled || k.stats() != [3]int64{} {
		t.Errorf("%s", row.State)
	}
	k.Cancel(uuid.NewString()) // a job that it does not run
}

// Another process asks the job to stop; the lease lasts meanwhile.
func TestLeasesAreKeptAndRequestsFound(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	close(k.transport.wait)
	d := k.dispatched(t, nil)
	if err := k.Start(t.Context(), StartWorkParams{Concurrency: 1}); err != nil {
		t.Fatal(err)
	}
	k.registry.work = func(ctx context.Context) error {
		first := *k.row(t, d.ID).LeaseUntil
		k.clock.Add(time.Minute)
		jobtest.Await(t, "the lease to be extended", func() bool { return k.row(t, d.ID).LeaseUntil.After(first) })
		if ok, err := k.store.RequestCancel(ctx, d.ID); !ok || err != nil {
			t.Error(ok, err)
		}
		<-ctx.Done()
		return ctx.Err()
	}
	if err := k.transport.receive.Handle(k.transport.ctx, d); err != nil {
		t.Fatal(err)
	}
	if row := k.row(t, d.ID); row.State != job.Cancelled {
		t.Errorf("%s", row.State)
	}
	if err := k.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStopReturnsJobs(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	if err := k.Stop(t.Context()); err != nil {
		t.Errorf("stopping before the start: %v", err)
	}
	if k.Stuck(time.Now()) {
		t.Error("stuck before the start")
	}
	if err := k.Start(t.Context(), StartWorkParams{Concurrency: 2}); err != nil {
		t.Fatal(err)
	}
	d, abandoned := k.dispatched(t, nil), k.dispatched(t, nil)
	run := store.StartParams{Holder: "me", Until: k.clock.Now().Add(time.Minute)}
	if ok, err := k.store.Start(t.Context(), abandoned.Ref(), run); !ok || err != nil {
		t.Fatal(ok, err)
	}
	running := make(chan struct{})
	k.registry.work = func(ctx context.Context) error { close(running); <-ctx.Done(); return ctx.Err() }
	go func() {
		defer close(k.transport.wait)
		if err := k.transport.receive.Handle(k.transport.ctx, d); err != nil {
			t.Error(err)
		}
	}()
	<-running
	if err := k.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{d.ID, abandoned.ID} {
		if row := k.row(t, id); row.State != job.Pending || row.Attempts != 1 || row.Holder != "" {
			t.Errorf("after the stop: %s with %d attempts, holder %q", row.State, row.Attempts, row.Holder)
		}
	}
}

func TestDirectJobs(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	d := job.Delivery{ID: uuid.NewString(), Kind: "known", Queue: "queue", Direct: true}
	failure := errors.New("failure")
	for _, tt := range []struct {
		returns, want error
		stats         [3]int64
	}{
		{nil, nil, [3]int64{1, 0, 0}}, {failure, failure, [3]int64{0, 0, 1}}, {job.Snooze(time.Hour), nil, [3]int64{}},
	} {
		k.Stats = NewStats()
		k.registry.work = func(context.Context) error { return tt.returns }
		if err := k.handle(t.Context(), d); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("work that returns %v: %v", tt.returns, err)
		}
		if got := k.stats(); got != tt.stats {
			t.Errorf("work that returns %v counts as %v", tt.returns, got)
		}
	}
	if len(k.transport.direct) != 1 || k.transport.direct[0].Number != 1 {
		t.Errorf("sent again: %v", k.transport.direct)
	}
	d.Kind = "unknown"
	if err := k.handle(t.Context(), d); !errors.Is(err, job.ErrUnknownKind) {
		t.Errorf("unknown kind: %v", err)
	}
}

func TestDrainRunsWhatIsDue(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	pending := func(change func(row *job.Row)) string {
		return k.dispatched(t, func(row *job.Row) {
			row.State = job.Pending
			if change != nil {
				change(row)
			}
		}).ID
	}
	due, later := pending(nil), pending(func(row *job.Row) { row.RunAt = row.RunAt.Add(time.Hour) })
	failure := errors.New("failure")
	k.registry.work = func(context.Context) error { return failure }
	if err := k.Drain(t.Context()); !errors.Is(err, failure) || !strings.Contains(err.Error(), due) {
		t.Errorf("error %v", err)
	}
	if row := k.row(t, later); row.State != job.Pending || row.Attempts != 1 {
		t.Errorf("a later job is %s after %d attempts", row.State, row.Attempts)
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	h := &Heartbeat{
		Store: k.store, Stats: k.Stats, Watchdog: &job.Watchdog{}, Log: slog.New(k.log), ID: "me",
		Running: func() int { return 3 },
	}
	workers := func() []covetmodels.JobWorker {
		rows, err := k.store.Workers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Run(ctx, HeartbeatParams{Works: true, Queues: map[string]int{"mail": 2}, Concurrency: 5})
	}()
	jobtest.Await(t, "the first heartbeat", func() bool { return len(workers()) == 1 })
	if w := workers()[0]; w.ID != "me" || !w.Works || w.Running != 3 || w.Concurrency != 5 || w.Queues != `{"mail":2}` {
		t.Errorf("the heartbeat says %+v", w)
	}
	stop()
	<-done
	h.Stats.Count(k.clock.Now(), "mail", job.Done, time.Second, 0)
	h.Stopping(t.Context())
	if w := workers(); len(w) != 1 || !w[0].Stopping {
		t.Errorf("while it stops: %+v", w)
	}
	at := k.clock.Now()
	rows, err := k.store.Stats(t.Context(), store.StatsParams{Since: at.Add(-time.Hour), Until: at.Add(time.Hour)})
	if err != nil || len(rows) != 1 || rows[0].Done != 1 {
		t.Errorf("statistics %+v, error %v", rows, err)
	}
	h.Stopped(t.Context())
	if w := workers(); len(w) != 0 {
		t.Errorf("after the stop: %+v", w)
	}
}

func TestUnservedQueuesAreWarnedOfOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	h := &Heartbeat{Store: k.store, Stats: k.Stats, Watchdog: &job.Watchdog{}, Log: slog.New(k.log), ID: "me"}
	warned := map[string]bool{}
	look := func(wantQueue, wantNone int) {
		t.Helper()
		if err := h.warnUnserved(t.Context(), warned); err != nil {
			t.Fatal(err)
		}
		queue, none := len(k.log.Having("jobs wait in a queue that no worker serves")), len(k.log.Having("no worker is running"))
		if queue != wantQueue || none != wantNone {
			t.Errorf("%d and %d warnings, want %d and %d", queue, none, wantQueue, wantNone)
		}
	}
	k.dispatched(t, func(row *job.Row) { row.Queue = "mail" })
	look(0, 0)
	k.clock.Add(unservedAfter + time.Second)
	look(0, 0) // between two deployments
	k.clock.Add(unworkedAfter)
	look(0, 1)
	look(0, 1)
	served := func(queues string) {
		t.Helper()
		at := k.clock.Now()
		row := &covetmodels.JobWorker{ID: "w", Works: true, Queues: queues, StartedAt: at, SeenAt: at}
		if err := k.store.SaveWorker(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	clear(warned)
	served(`{"other":1}`)
	look(1, 1)
	look(1, 1)
	served(`{"mail":1}`)
	look(1, 1)
	served(`{"other":1}`)
	look(2, 1) // it was worked in between
}

func TestStatsAreWrittenAgainAfterAFailure(t *testing.T) {
	t.Parallel()
	s := NewStats()
	at := time.Date(2030, 1, 1, 0, 0, 30, 0, time.UTC)
	s.Count(at, "q", job.Done, time.Millisecond, -1)
	rows := s.take("me", at)
	if len(rows) != 1 || len(s.take("me", at)) != 0 {
		t.Fatalf("%d rows, and then others", len(rows))
	}
	s.putBack(rows)
	s.Count(at, "q", job.Pending, time.Millisecond, time.Second)
	if rows = s.take("me", at); len(rows) != 1 || rows[0].Done != 1 || rows[0].Failed != 1 || rows[0].WaitUS != 1e6 {
		t.Errorf("%+v", rows)
	}
	s.take("me", at.Add(time.Hour))
	if len(s.counts) != 0 {
		t.Error("minutes that are over are kept")
	}
}
