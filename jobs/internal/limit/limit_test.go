package limit_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/limit"
)

const lease = 10 * time.Second

// newLimiter returns a limiter on a Redis whose clock the returned function moves.
func newLimiter(t *testing.T) (*limit.Limiter, func(time.Duration)) {
	t.Helper()
	server := miniredis.RunT(t)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	at := time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)
	server.SetTime(at)
	return limit.New(client, lease), func(d time.Duration) {
		at = at.Add(d)
		server.SetTime(at)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	l, advance := newLimiter(t)
	two := job.Limit{Key: "mail", Jobs: 2}
	acquire := func(id string, want bool) limit.Place {
		t.Helper()
		place, free, err := l.Acquire(t.Context(), two, job.Ref{ID: id})
		if err != nil || free != want {
			t.Fatalf("%s: free %v, error %v, want %v", id, free, err, want)
		}
		return place
	}
	a, _ := acquire("a", true), acquire("b", true)
	if refused := acquire("c", false); refused != (limit.Place{}) || a.Key() != "mail" {
		t.Errorf("places %+v and %+v", refused, a)
	}
	acquire("a", true) // its own place
	if err := l.Leave(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	c := acquire("c", true)

	// Places that are not kept end with their lease.
	advance(lease / 2)
	if kept, err := l.Keep(t.Context(), c); !kept || err != nil {
		t.Fatalf("kept %v, error %v", kept, err)
	}
	advance(lease/2 + time.Second)
	acquire("d", true) // the place of b
	acquire("e", false)

	// The clock of Redis is set back: what it holds is of a later time.
	advance(-24 * time.Hour)
	acquire("e", true)
}

func TestRates(t *testing.T) {
	t.Parallel()
	l, advance := newLimiter(t)
	rate := job.Rate{Key: "mail", Jobs: 2, Per: time.Second}
	spend := func(want time.Duration) {
		t.Helper()
		delay, err := l.Spend(t.Context(), rate)
		if err != nil || delay != want {
			t.Errorf("wait %v, error %v, want %v", delay, err, want)
		}
	}
	spend(0)
	spend(0)
	spend(500 * time.Millisecond)
	spend(time.Second) // the one after
	advance(500 * time.Millisecond)
	spend(0)
	advance(-24 * time.Hour)
	spend(0)
}
