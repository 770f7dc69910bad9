package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/jobs/internal/cron"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/jobtest"
	"github.com/covetgo/covet/jobs/internal/store"
)

func TestMain(m *testing.M) { jobtest.Main(m) }

// rows knows jobs that are strings, whose kind they are.
type rows struct{ now func() time.Time }

var errUnknown = errors.New("not registered")

func (rows) KindOf(value any) (string, error) {
	if kind, ok := value.(string); ok {
		return kind, nil
	}
	return "", errUnknown
}

func (r rows) NewRow(_ context.Context, value any) (*job.Row, error) {
	return &job.Row{
		ID: uuid.NewString(), Kind: fmt.Sprint(value), Queue: "queue", Payload: "{}", State: job.Pending,
		CreatedAt: r.now(), RunAt: r.now(),
	}, nil
}

type waker struct{ woken atomic.Int32 }

func (w *waker) Wake() { w.woken.Add(1) }

func newScheduler(t *testing.T) (*Scheduler, *store.Store, *jobtest.Clock, *waker) {
	t.Helper()
	clock := jobtest.NewClock()
	s := store.New(jobtest.SQLite(t), clock.Now)
	w := &waker{}
	return New(Deps{
		Store: s, Rows: rows{clock.Now}, Waker: w, Watchdog: &job.Watchdog{}, Log: slog.New(slog.DiscardHandler),
	}), s, clock, w
}

func TestDue(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
	minutes := func(ago ...int) []time.Time {
		var times []time.Time
		for _, n := range ago {
			times = append(times, at.Add(-time.Duration(n)*time.Minute))
		}
		return times
	}
	for name, tt := range map[string]struct {
		catchUp      int
		after, begun time.Time
		want         []time.Time
	}{
		"on time":                    {after: at.Add(-time.Minute), begun: at.Add(-time.Hour), want: minutes(0)},
		"nothing new":                {after: at, begun: at.Add(-time.Hour)},
		"late by a minute":           {after: at.Add(-5 * time.Minute), begun: at.Add(-time.Hour), want: minutes(0)},
		"two are caught up":          {catchUp: 2, after: at.Add(-5 * time.Minute), begun: at, want: minutes(2, 1, 0)},
		"as many as were missed":     {catchUp: 9, after: at.Add(-3 * time.Minute), begun: at, want: minutes(2, 1, 0)},
		"a tick of a wrong clock":    {after: at.Add(farAhead), begun: at.Add(-time.Hour)},
		"a tick of a clock set back": {after: at.Add(time.Hour), begun: at.Add(-time.Hour)},
	} {
		ticks, err := cron.Parse("* * * * *")
		if err != nil {
			t.Fatal(err)
		}
		s := Schedule{CatchUp: tt.catchUp, ticks: ticks, after: tt.after, begun: tt.begun}
		got, next := s.due(at)
		if !slices.EqualFunc(got, tt.want, time.Time.Equal) {
			t.Errorf("%s: due are %v, want %v", name, got, tt.want)
		}
		if !next.After(at) {
			t.Errorf("%s: the next tick is at %v", name, next)
		}
	}
}

const farAhead = 48 * time.Hour

func TestScheduleFiresOnce(t *testing.T) {
	t.Parallel()
	s, rows, clock, w := newScheduler(t)
	if err := s.Add(Schedule{Name: "minute", Spec: "* * * * *", Job: "kind"}); err != nil {
		t.Fatal(err)
	}
	fire := func(all []*Schedule) int {
		t.Helper()
		if _, err := s.fireDue(t.Context(), all, clock.Now()); err != nil {
			t.Fatal(err)
		}
		counts, err := rows.CountStates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return counts[job.Pending]
	}
	one, other := s.copies(), s.copies() // of two processes
	for _, all := range [][]*Schedule{one, other} {
		if err := s.begin(t.Context(), all, clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if n := fire(one); n != 0 {
		t.Errorf("%d ticks fire at the start", n)
	}
	clock.Add(time.Minute)
	if n := fire(one); n != 1 {
		t.Errorf("%d rows, want one", n)
	}
	if n := fire(other); n != 1 || w.woken.Load() != 1 {
		t.Errorf("%d rows after the second process, %d times woken", n, w.woken.Load())
	}
}

func TestRunFires(t *testing.T) {
	t.Parallel()
	s, rows, clock, _ := newScheduler(t)
	if err := s.Add(Schedule{Name: "second", Spec: "@every 1s", Job: "kind"}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	jobtest.Await(t, "the schedule to be recorded", func() bool {
		known, err := rows.Schedules(ctx)
		return err == nil && known["second"].Kind == "kind"
	})
	clock.Add(time.Second)
	jobtest.Await(t, "the tick", func() bool {
		counts, err := rows.CountStates(ctx)
		return err == nil && counts[job.Pending] == 1
	})
	stop()
	<-done
}

func TestFaultsOfSchedules(t *testing.T) {
	t.Parallel()
	s, _, _, _ := newScheduler(t)
	if err := s.Add(Schedule{Name: "taken", Spec: "@daily", Job: 7}); err != nil {
		t.Fatal(err)
	}
	for want, added := range map[string]Schedule{
		"the name is already used": {Name: "taken", Spec: "@daily", Job: "kind"},
		"expected a name":          {Name: "a b", Spec: "@daily", Job: "kind"},
		"@never":                   {Name: "a", Spec: "@never", Job: "kind"},
		"expected a name of up":    {Name: strings.Repeat("a", 151), Spec: "@daily", Job: "kind"},
		"expected a specificati":   {Name: "a", Spec: "0 0 1 1 " + strings.Repeat("1,", 100) + "1", Job: "kind"},
	} {
		if err := s.Add(added); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q at %q: %v, want %q", added.Name, added.Spec, err, want)
		}
	}
	if err := s.Check(); !errors.Is(err, errUnknown) || !strings.Contains(err.Error(), `"taken"`) {
		t.Errorf("the job of a schedule is not registered: %v", err)
	}
	if value, ok := s.Job("taken"); !ok || value != 7 {
		t.Errorf("the job is %v, %v", value, ok)
	}
	if _, ok := s.Job("other"); ok {
		t.Error("there is a schedule that nobody declared")
	}
	if all := s.Schedules(); len(all) != 1 || all[0].Name != "taken" || all[0].Kind != "" {
		t.Errorf("described are %+v", all)
	}
}
