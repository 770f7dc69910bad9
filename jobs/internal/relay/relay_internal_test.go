package relay

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	"github.com/covetgo/covet/jobs/internal/store"
	covetmodels "github.com/covetgo/covet/models"
)

func TestMain(m *testing.M) { jobtest.Main(m) }

// transport holds deliveries in memory.
type transport struct {
	mu     sync.Mutex
	epoch  string
	sent   map[job.Ref]job.Delivery
	taken  []job.Ref
	paused map[string]*time.Time
	resets int
	err    error
}

func (f *transport) Send(_ context.Context, d job.Delivery) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.sent[d.Ref()] = d
	}
	return f.err
}

func (f *transport) Epoch(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.epoch, f.err
}

func (f *transport) Reset() { f.resets++ }

func (f *transport) Missing(_ context.Context, sent []job.Delivery) (missing []job.Delivery, err error) {
	for _, d := range sent {
		if _, ok := f.sent[d.Ref()]; !ok {
			missing = append(missing, d)
		}
	}
	return missing, nil
}

func (f *transport) Taken(context.Context) ([]job.Ref, error) { return f.taken, nil }

func (f *transport) SetPaused(_ context.Context, queues map[string]*time.Time) error {
	f.paused = queues
	return nil
}

// counted is what a rescue counts for the statistics.
type counted struct{ ends []job.State }

func (c *counted) Count(_ time.Time, _ string, end job.State, _, _ time.Duration) {
	c.ends = append(c.ends, end)
}

type kit struct {
	*Relay
	db        *database.DB
	store     *store.Store
	transport *transport
	counted   *counted
	clock     *jobtest.Clock
	log       *jobtest.Recorder
}

const lease = 20 * time.Second

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{
		db: jobtest.SQLite(t), clock: jobtest.NewClock(), log: &jobtest.Recorder{}, counted: &counted{},
		transport: &transport{epoch: "first", sent: map[job.Ref]job.Delivery{}},
	}
	log := slog.New(k.log)
	k.store = store.New(k.db, k.clock.Now)
	k.Relay = New(Config{PollInterval: time.Millisecond, Lease: lease}, Deps{
		Outbox: k.store, Transport: k.transport, Rescuer: NewRescuer(k.store, k.counted, 5, log),
		Waker: NewWaker(k.store, log), Watchdog: &job.Watchdog{}, Log: log,
	})
	k.handoffs = handoffs{}
	return k
}

func (k *kit) insert(t *testing.T, change func(row *job.Row)) string {
	t.Helper()
	now := k.clock.Now()
	row := &job.Row{
		ID: uuid.NewString(), Kind: "kind", Queue: "queue", Payload: "{}", State: job.Pending, CreatedAt: now, RunAt: now,
	}
	if change != nil {
		change(row)
	}
	if err := k.db.With(t.Context()).Create(row).Error; err != nil {
		t.Fatal(err)
	}
	return row.ID
}

// lose inserts a running row of a worker that is lost.
func (k *kit) lose(t *testing.T, holder string, losses int) string {
	t.Helper()
	return k.insert(t, func(row *job.Row) {
		until, started := k.clock.Now().Add(-time.Second), row.RunAt
		row.State, row.Holder, row.LeaseUntil, row.Losses, row.StartedAt = job.Running, holder, &until, losses, &started
	})
}

func (k *kit) row(t *testing.T, id string) job.Row {
	t.Helper()
	row, err := k.store.Row(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func (k *kit) turn(t *testing.T) time.Duration {
	t.Helper()
	wait, err := k.round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestRoundSendsWhatIsDue(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	var due []string
	for range relayBatch + 10 { // more than a batch
		due = append(due, k.insert(t, nil))
	}
	later := k.insert(t, func(row *job.Row) { row.RunAt = row.RunAt.Add(time.Hour) })
	k.turn(t)
	for _, id := range due {
		if row := k.row(t, id); row.State != job.Dispatched || row.Epoch != "first" || row.Holder != "" {
			t.Fatalf("%s, epoch %q, holder %q", row.State, row.Epoch, row.Holder)
		}
	}
	if row := k.row(t, later); row.State != job.Pending || len(k.transport.sent) != len(due) {
		t.Errorf("the later job is %s, and %d are sent", row.State, len(k.transport.sent))
	}
}

func TestRoundThatCannotSendGivesItsClaimUp(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.turn(t)
	id := k.insert(t, nil)
	k.transport.err = errors.New("Redis is down")
	if _, err := k.round(t.Context()); !errors.Is(err, k.transport.err) {
		t.Fatalf("error %v", err)
	}
	if row := k.row(t, id); row.State != job.Pending || row.Holder != "" || row.LeaseUntil != nil || row.Delivery != 0 {
		t.Errorf("%s, holder %q until %v, delivery %d", row.State, row.Holder, row.LeaseUntil, row.Delivery)
	}
	k.transport.err = nil
	k.turn(t)
	if row := k.row(t, id); row.State != job.Dispatched {
		t.Errorf("after the outage it is %s", row.State)
	}
}

func TestRunReportsAnOutageOnce(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	fail := func(err error) {
		k.transport.mu.Lock()
		defer k.transport.mu.Unlock()
		k.transport.err = err
	}
	fail(errors.New("Redis is down"))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		k.Run(ctx)
	}()
	jobtest.Await(t, "the outage", func() bool { return k.outage.Current() != nil })
	if err := k.Health(ctx); err == nil {
		t.Error("healthy during the outage")
	}
	fail(nil)
	if err := k.Health(ctx); err != nil || len(k.log.Having("relaying jobs recovered")) != 1 {
		t.Errorf("the check after the outage does not end it: %v", err)
	}
	if n := len(k.log.Having("relaying jobs failed")); n != 1 {
		t.Errorf("%d warnings, want one", n)
	}
	k.waker.Wake()
	id := k.insert(t, nil)
	jobtest.Await(t, "the job to be sent", func() bool { return k.row(t, id).State == job.Dispatched })
	stop()
	<-done
}

func TestLostDeliveriesAreSentAgain(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	dispatched := func() string {
		id := k.insert(t, nil)
		k.turn(t)
		return id
	}
	stray, missing, taken := dispatched(), dispatched(), dispatched()
	delivery := func(id string) int { return k.row(t, id).Delivery }

	// One delivery is gone. It is noticed with the next audit.
	delete(k.transport.sent, job.Ref{ID: missing})
	k.turn(t)
	if delivery(missing) != 0 {
		t.Error("an audit is early")
	}
	k.audit.at = time.Time{}
	k.turn(t)
	if delivery(missing) != 1 || delivery(stray) != 0 || delivery(taken) != 0 {
		t.Errorf("deliveries %d, %d, %d, want 1, 0, 0", delivery(missing), delivery(stray), delivery(taken))
	}

	// A worker took one and was killed.
	k.transport.taken = []job.Ref{{ID: taken}, {ID: uuid.NewString(), Number: 7}}
	for range 2 {
		k.rescuedAt = time.Time{}
		k.turn(t)
		if delivery(taken) != 0 {
			t.Error("a delivery that has just been taken is sent again")
		}
	}
	for ref := range k.handoffs {
		k.handoffs[ref] = time.Now().Add(-lease)
	}
	k.rescuedAt = time.Time{}
	k.turn(t)
	if delivery(taken) != 1 || len(k.log.Having("job that a worker took and did not start")) != 1 {
		t.Errorf("delivery %d of the job that was taken", delivery(taken))
	}

	// All contents are gone.
	resets := k.transport.resets
	k.transport.epoch, k.epoch.checkedAt = "second", time.Time{}
	k.turn(t)
	if delivery(stray) != 1 || k.row(t, stray).Epoch != "second" || k.transport.resets != resets+1 {
		t.Errorf("delivery %d under epoch %s, %d resets", delivery(stray), k.row(t, stray).Epoch, k.transport.resets-resets)
	}
}

func TestPausedQueuesAreApplied(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	at := k.clock.Now()
	if err := errors.Join(k.store.SetPaused(t.Context(), "mail", &at), k.store.SetPaused(t.Context(), "other", nil)); err != nil {
		t.Fatal(err)
	}
	k.turn(t)
	if p := k.transport.paused; len(p) != 2 || p["other"] != nil || p["mail"] == nil || !p["mail"].Equal(at) {
		t.Errorf("paused are %v", p)
	}
}

func TestHandoffs(t *testing.T) {
	t.Parallel()
	h := handoffs{}
	at := time.Now()
	a, b := job.Ref{ID: "a"}, job.Ref{ID: "b"}
	if old := h.update([]job.Ref{a}, at, at.Add(-time.Second)); len(old) != 0 {
		t.Errorf("at first %v are old", old)
	}
	at = at.Add(2 * time.Second)
	if old := h.update([]job.Ref{a, b}, at, at.Add(-time.Second)); !slices.Equal(old, []job.Ref{a}) {
		t.Errorf("then %v are old", old)
	}
	h.update(nil, at, at)
	if old := h.update([]job.Ref{a}, at, at.Add(time.Second)); len(old) != 0 {
		t.Errorf("a delivery that was acknowledged is old: %v", old)
	}
}

func TestClockWatch(t *testing.T) {
	t.Parallel()
	const tolerance, settle = time.Second, 10 * time.Second
	at, steady := time.Unix(1e9, 0), time.Unix(0, 0)
	var w clockWatch
	if by := w.observe(at, steady, tolerance, settle); by != 0 || w.due.IsZero() || w.late.IsZero() {
		t.Errorf("at first: set by %v, due %v, late %v", by, w.due, w.late)
	}
	w.due, w.late = time.Time{}, time.Time{}
	step := func(set time.Duration) time.Duration {
		at, steady = at.Add(time.Second+set), steady.Add(time.Second)
		return w.observe(at, steady, tolerance, settle)
	}
	if by := step(tolerance); by != 0 || !w.trusted.IsZero() {
		t.Errorf("within the tolerance: %v", by)
	}
	if by := step(time.Hour); by != time.Hour || !w.trusted.Equal(steady.Add(settle)) || !w.due.IsZero() {
		t.Errorf("set forward: %v, leases trusted from %v on, due %v", by, w.trusted, w.due)
	}
	if by := step(-time.Hour); by != -time.Hour || !w.due.Equal(at.Add(time.Hour)) || !w.late.Equal(steady.Add(settle)) {
		t.Errorf("set back: %v, due until %v, late from %v on", by, w.due, w.late)
	}
}

func TestClockThatIsSet(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.turn(t)
	running := k.insert(t, func(row *job.Row) {
		until := row.RunAt.Add(lease)
		row.State, row.Holder, row.LeaseUntil = job.Running, "worker", &until
	})
	k.clock.Add(time.Hour)
	k.rescuedAt = time.Time{}
	k.turn(t)
	if row := k.row(t, running); row.State != job.Running {
		t.Errorf("set forward, the job of a living worker is %s", row.State)
	}
	k.Relay.clock.trusted = time.Time{} // half a lease later
	k.rescuedAt = time.Time{}
	k.turn(t)
	if row := k.row(t, running); row.Losses != 1 {
		t.Errorf("the job of a lost worker is %s with %d losses", row.State, row.Losses)
	}

	waiting := k.insert(t, func(row *job.Row) { row.RunAt = row.RunAt.Add(-time.Second) })
	k.clock.Add(-time.Hour)
	k.rescuedAt = time.Time{}
	k.turn(t)
	if row := k.row(t, waiting); row.State != job.Dispatched {
		t.Errorf("set back, a job that was due is %s at %v", row.State, row.RunAt)
	}
	gone := k.insert(t, func(row *job.Row) {
		until := row.RunAt.Add(time.Hour)
		row.State, row.Holder, row.LeaseUntil = job.Running, "gone", &until
	})
	k.Relay.clock.trusted, k.Relay.clock.late = time.Time{}, k.Relay.clock.steady
	k.rescuedAt = time.Time{}
	k.turn(t)
	if row := k.row(t, gone); row.Losses != 1 {
		t.Errorf("set back, a lease of another time lasts: %s", row.State)
	}
}

func TestRescue(t *testing.T) {
	t.Parallel()
	beat := func(t *testing.T, k *kit, id string, seen time.Time, suspects int) {
		row := &covetmodels.JobWorker{ID: id, Works: true, Queues: "{}", StartedAt: seen, SeenAt: seen, Suspects: suspects}
		if err := k.store.SaveWorker(t.Context(), row); err != nil {
			t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		losses int
		given  func(t *testing.T, k *kit, id string)
		want   job.State
		moved  bool // to a later time
	}{
		"the first loss":           {losses: 0, want: job.Pending},
		"the third":                {losses: 2, want: job.Pending, moved: true},
		"the fifth is poison":      {losses: 4, want: job.Dead},
		"beside another suspect":   {losses: 4, want: job.Pending, moved: true, given: func(t *testing.T, k *kit, _ string) { k.lose(t, "worker", 4) }},
		"beside an innocent":       {losses: 4, want: job.Dead, given: func(t *testing.T, k *kit, _ string) { k.lose(t, "worker", 3) }},
		"others were lost, too":    {losses: 4, want: job.Pending, moved: true, given: func(t *testing.T, k *kit, _ string) { beat(t, k, "other", k.clock.Now().Add(-30*time.Second), 0) }},
		"another with its suspect": {losses: 4, want: job.Dead, given: func(t *testing.T, k *kit, _ string) { beat(t, k, "other", k.clock.Now().Add(-30*time.Second), 1) }},
		"unclear for too long":     {losses: 14, want: job.Dead, given: func(t *testing.T, k *kit, _ string) { k.lose(t, "worker", 4) }},
		"asked to stop": {losses: 1, want: job.Cancelled, given: func(t *testing.T, k *kit, id string) {
			if ok, err := k.store.RequestCancel(t.Context(), id); !ok || err != nil {
				t.Fatal(ok, err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t)
			id := k.lose(t, "worker", tt.losses)
			alive := k.insert(t, func(row *job.Row) {
				until := row.RunAt.Add(lease)
				row.State, row.Holder, row.LeaseUntil = job.Running, "alive", &until
			})
			beat(t, k, "worker", k.clock.Now(), 0)
			if tt.given != nil {
				tt.given(t, k, id)
			}
			if n, err := k.rescuer.Rescue(t.Context(), store.LostBefore(k.clock.Now())); n == 0 || err != nil {
				t.Fatalf("%d are rescued, error %v", n, err)
			}
			row := k.row(t, id)
			if row.State != tt.want || (tt.want != job.Cancelled && row.Losses != tt.losses+1) {
				t.Errorf("%s with %d losses, want %s", row.State, row.Losses, tt.want)
			}
			if moved := row.RunAt.After(k.clock.Now()); moved != tt.moved {
				t.Errorf("it runs again at %v", row.RunAt)
			}
			if dead := slices.Contains(k.counted.ends, job.Dead); dead != (tt.want == job.Dead) {
				t.Errorf("counted are %v", k.counted.ends)
			}
			if tt.want == job.Dead && !strings.Contains(row.LastError, "times in a row: the job may be the cause") {
				t.Errorf("the last error is %q", row.LastError)
			}
			if k.row(t, alive).State != job.Running {
				t.Error("the job of a living worker is taken")
			}
		})
	}
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	until := k.clock.Now().Add(time.Hour)
	running := k.insert(t, func(row *job.Row) { row.State, row.Holder, row.LeaseUntil = job.Running, "before", &until })
	claimed := k.insert(t, func(row *job.Row) { row.Holder, row.LeaseUntil = "before", &until })
	if err := k.TakeOver(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{running, claimed} {
		if row := k.row(t, id); row.State != job.Pending || row.LeaseUntil != nil {
			t.Errorf("%s until %v", row.State, row.LeaseUntil)
		}
	}
}

func TestQueueHasOneOwner(t *testing.T) {
	t.Parallel()
	db := jobtest.SQLite(t)
	log := slog.New(slog.DiscardHandler)
	release, err := Own(t.Context(), db, log)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Own(t.Context(), db, log); !errors.Is(err, job.ErrQueueInUse) {
		t.Errorf("a second owner: %v", err)
	}
	release(t.Context())
	end := Guard(t.Context(), db, log)
	jobtest.Await(t, "the guard to hold the lock", func() bool {
		release, err := Own(t.Context(), db, log)
		if err == nil {
			release(t.Context())
		}
		return errors.Is(err, job.ErrQueueInUse)
	})
	end(t.Context())
	if release, err = Own(t.Context(), db, log); err != nil {
		t.Fatalf("after the guard: %v", err)
	}
	release(t.Context())
}

func TestPrunerKeepsWhatIsYoung(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	ended := func(state job.State, ago time.Duration) string {
		return k.insert(t, func(row *job.Row) {
			finished := k.clock.Now().Add(-ago)
			row.State, row.RunAt, row.FinishedAt = state, finished, &finished
		})
	}
	young, old := ended(job.Done, time.Hour), ended(job.Cancelled, 3*time.Hour)
	dead, oldDead := ended(job.Dead, 3*time.Hour), ended(job.Dead, 30*time.Hour)
	p := NewPruner(k.store, 2*time.Hour, 24*time.Hour, slog.New(k.log))
	if err := p.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]bool{young: true, old: false, dead: true, oldDead: false} {
		if got, err := k.store.Exists(t.Context(), id); got != want || err != nil {
			t.Errorf("%s exists: %v, error %v", id, got, err)
		}
	}
}

// news counts notifications.
type news struct{ notified int }

func (n *news) Notify(context.Context) error { n.notified++; return nil }

func (n *news) Listen(ctx context.Context, _ func()) error { <-ctx.Done(); return ctx.Err() }

// brokenNews counts attempts to listen, which all fail.
type brokenNews struct{ attempts atomic.Int32 }

func (n *brokenNews) Notify(context.Context) error { return nil }

func (n *brokenNews) Listen(context.Context, func()) error {
	n.attempts.Add(1)
	return errors.New("refused")
}

func TestListenConnectsAgainAfterAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := &brokenNews{}
		w := NewWaker(n, slog.New(slog.DiscardHandler))
		go w.Listen(t.Context(), time.Second)
		time.Sleep(time.Hour) // of the bubble: the pause between two attempts is at its longest
		synctest.Wait()
		before := n.attempts.Load()
		w.Recover()
		synctest.Wait()
		if after := n.attempts.Load(); after != before+1 {
			t.Errorf("%d attempts after the end of the outage, want one", after-before)
		}
	})
}

func TestWakerWaitsForTheCommit(t *testing.T) {
	t.Parallel()
	db := jobtest.SQLite(t)
	n := &news{}
	w := NewWaker(n, slog.New(slog.DiscardHandler))
	awake := func() bool {
		select {
		case <-w.wake:
			return true
		default:
			return false
		}
	}
	rolledBack := errors.New("rolled back")
	for _, fails := range []error{nil, rolledBack} {
		err := db.Transaction(t.Context(), func(ctx context.Context) error {
			w.WakeAfterCommit(ctx)
			if awake() || n.notified > 0 {
				t.Error("woken before the commit")
			}
			return fails
		})
		if !errors.Is(err, fails) {
			t.Fatal(err)
		}
		if got := awake(); got != (fails == nil) {
			t.Errorf("after %v: woken %v", fails, got)
		}
		n.notified = 0
	}
	w.SetRelaying(true)
	w.WakeAfterCommit(t.Context())
	if !awake() || n.notified != 0 {
		t.Errorf("a process that relays notifies others %d times", n.notified)
	}
	w.SetRelaying(false)
	w.WakeAfterCommit(t.Context())
	if n.notified != 1 {
		t.Errorf("a process that does not relay notifies others %d times", n.notified)
	}
}
