package throttle

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"
)

// clock is set by tests.
type clock struct{ now time.Duration }

func (c *clock) read() time.Duration { return c.now }

func number(n int) (key id) {
	binary.BigEndian.PutUint64(key[:], uint64(n))
	return key
}

func mustCost(t *testing.T, r Rate) cost {
	t.Helper()
	c, err := r.cost()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRequestsComeBackOneByOne(t *testing.T) {
	t.Parallel()
	at := &clock{}
	m := newMemory(at.read, maxEntries)
	c := mustCost(t, Rate{Limit: 4, Per: time.Minute}) // one each 15 s
	for _, step := range []struct {
		now  time.Duration
		want Result
	}{
		{0, Result{Allowed: true, Remaining: 3}},
		{0, Result{Allowed: true, Remaining: 2}},
		{0, Result{Allowed: true, Remaining: 1}},
		{0, Result{Allowed: true, Remaining: 0}},
		{0, Result{RetryAfter: 15 * time.Second}},
		{10 * time.Second, Result{RetryAfter: 5 * time.Second}},
		{15*time.Second - 1, Result{RetryAfter: 1}},
		{15 * time.Second, Result{Allowed: true, Remaining: 0}},
		{15 * time.Second, Result{RetryAfter: 15 * time.Second}},
		{45 * time.Second, Result{Allowed: true, Remaining: 1}},
		{10 * time.Minute, Result{Allowed: true, Remaining: 3}}, // no more than the limit is saved up
	} {
		at.now = step.now
		got, err := m.take(t.Context(), number(1), c)
		if err != nil || got != step.want {
			t.Errorf("at %v: %+v, %v; want %+v", step.now, got, err, step.want)
		}
	}
}

// In whatever window, no more is allowed than the limit and what came back in it; and RetryAfter keeps its word.
func TestNoWindowExceedsTheRate(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		rate := Rate{Limit: 1 + random.IntN(20), Per: time.Duration(1+random.IntN(100)) * time.Second}
		c := mustCost(t, rate)
		at := &clock{}
		m := newMemory(at.read, maxEntries)
		var allowed []time.Duration
		for range 500 {
			at.now += time.Duration(random.Int64N(int64(2 * c.interval)))
			result, err := m.take(t.Context(), number(1), c)
			if err != nil {
				t.Fatal(err)
			}
			if result.Allowed {
				allowed = append(allowed, at.now)
				continue
			}
			if random.IntN(2) == 0 {
				at.now += result.RetryAfter
				if again, _ := m.take(t.Context(), number(1), c); !again.Allowed {
					t.Fatalf("%+v: refused after the wait", rate)
				}
				allowed = append(allowed, at.now)
			}
		}
		for from := range allowed {
			for to := from; to < len(allowed); to++ {
				span := allowed[to] - allowed[from]
				if most := rate.Limit + int(span*time.Duration(rate.Limit)/rate.Per); to-from+1 > most {
					t.Fatalf("%+v: %d in %v", rate, to-from+1, span)
				}
			}
		}
	}
}

// The attack: addresses without number, to fill the memory and to make it forget the account under attack.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	const most = 1000
	at := &clock{}
	m := newMemory(at.read, most)
	account, address := mustCost(t, Rate{Limit: 5, Per: 15 * time.Minute}), mustCost(t, Rate{Limit: 20, Per: time.Minute})
	victim := number(1 << 40)
	for range 5 {
		if _, err := m.take(t.Context(), victim, account); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 * most {
		if _, err := m.take(t.Context(), number(n), address); err != nil {
			t.Fatal(err)
		}
		if len(m.queue) > most || len(m.entries) != len(m.queue) {
			t.Fatalf("%d entries, %d in the queue, want %d at most", len(m.entries), len(m.queue), most)
		}
	}
	if got, _ := m.take(t.Context(), victim, account); got.Allowed {
		t.Error("the account under attack has been forgotten")
	}
	at.now = time.Hour
	if _, err := m.take(t.Context(), number(0), address); err != nil {
		t.Fatal(err)
	}
	if len(m.entries) != 1 || len(m.queue) != 1 {
		t.Errorf("%d entries an hour later", len(m.entries))
	}
}

// Entries come, go and change place; the index must follow.
func TestQueueStaysInOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	at := &clock{}
	m := newMemory(at.read, 50)
	c := mustCost(t, Rate{Limit: 10, Per: time.Minute})
	for range 20_000 {
		at.now += time.Duration(random.Int64N(int64(200 * time.Millisecond)))
		key := number(random.IntN(80))
		var err error
		if random.IntN(5) == 0 {
			err = m.reset(t.Context(), key)
		} else {
			_, err = m.take(t.Context(), key, c)
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range m.queue {
			if e.index != i || m.entries[e.key] != e || e.arrival < m.queue[0].arrival {
				t.Fatalf("entry %d of %d is out of place", i, len(m.queue))
			}
		}
	}
}
