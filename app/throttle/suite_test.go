package throttle_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/app/throttle"
	"github.com/covetgo/covet/internal/testserver"
)

var servers = map[string]func(t testing.TB) *covetredis.Server{
	"memory": func(t testing.TB) *covetredis.Server { return open(t, "") },
	"redis":  func(t testing.TB) *covetredis.Server { return open(t, testserver.Redis(t)) },
}

func open(t testing.TB, url string) *covetredis.Server {
	t.Helper()
	server, err := covetredis.New(covetredis.Config{URL: url}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server
}

// eachStore runs test in memory and on Redis.
func eachStore(t *testing.T, test func(t *testing.T, server *covetredis.Server)) {
	t.Helper()
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, server(t))
		})
	}
}

// few cannot come back while a test runs.
var few = throttle.Rate{Limit: 3, Per: 3 * time.Hour}

func allow(t *testing.T, l *throttle.Limiter, key string, rate throttle.Rate) throttle.Result {
	t.Helper()
	result, err := l.Allow(t.Context(), key, rate)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestLimitIsKept(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		for remaining := 2; remaining >= 0; remaining-- {
			if got, want := allow(t, l, "a", few), (throttle.Result{Allowed: true, Remaining: remaining}); got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		}
		for range 3 { // refusals cost nothing
			got := allow(t, l, "a", few)
			if got.Allowed || got.Remaining != 0 || got.RetryAfter <= 59*time.Minute || got.RetryAfter > time.Hour {
				t.Errorf("the fourth: %+v", got)
			}
		}
		if got := allow(t, l, "b", few); !got.Allowed {
			t.Error("another key is refused, too")
		}
		if got := allow(t, throttle.New(server, "other"), "a", few); !got.Allowed {
			t.Error("another prefix is refused, too")
		}
	})
}

func TestPeekCountsNothing(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		peek := func() throttle.Result {
			result, err := l.Peek(t.Context(), "a", few)
			if err != nil {
				t.Fatal(err)
			}
			return result
		}
		for remaining := 3; remaining > 0; remaining-- {
			for range 2 {
				if got, want := peek(), (throttle.Result{Allowed: true, Remaining: remaining}); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			}
			allow(t, l, "a", few)
		}
		if got := peek(); got.Allowed || got.Remaining != 0 || got.RetryAfter <= 0 {
			t.Errorf("when all is spent: %+v", got)
		}
	})
}

func TestReset(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		for range 4 {
			allow(t, l, "a", few)
			allow(t, l, "b", few)
		}
		for _, key := range []string{"a", "unknown"} {
			if err := l.Reset(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		if got := allow(t, l, "a", few); !got.Allowed || got.Remaining != 2 {
			t.Errorf("after the reset: %+v", got)
		}
		if got := allow(t, l, "b", few); got.Allowed {
			t.Error("another key has been reset, too")
		}
	})
}

// The attack: as many requests as possible at the same time.
func TestConcurrentRequestsKeepTheLimit(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		const limit = 25
		rate := throttle.Rate{Limit: limit, Per: limit * time.Hour}
		// Two limiters are two processes, if they share anything.
		limiters := []*throttle.Limiter{throttle.New(server, "test"), throttle.New(server, "test")}
		if server.Embedded() {
			limiters = limiters[:1]
		}
		var allowed atomic.Int32
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for range 20 {
					result, err := limiters[i%len(limiters)].Allow(t.Context(), "a", rate)
					if err != nil {
						t.Error(err)
						return
					}
					if result.Allowed {
						allowed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if got := allowed.Load(); got != limit {
			t.Errorf("%d of 400 requests were allowed, want %d", got, limit)
		}
	})
}

// Under constant pressure exactly what comes back is allowed.
func TestRateUnderPressure(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		const limit = 10
		const interval = 10 * time.Millisecond
		rate := throttle.Rate{Limit: limit, Per: limit * interval}
		allowed := 0
		var last time.Time
		begun := time.Now()
		for allowed < 40 {
			result := allow(t, l, "a", rate)
			last = time.Now()
			if result.Allowed {
				allowed++
			} else if result.RetryAfter > interval {
				t.Fatalf("wait %v although one comes back each %v", result.RetryAfter, interval)
			}
			if last.Sub(begun) > 20*time.Second {
				t.Fatalf("%d were allowed in %v", allowed, last.Sub(begun))
			}
		}
		// Of forty, ten were the burst; thirty had to come back.
		if took := last.Sub(begun); took < 30*interval {
			t.Errorf("%d were allowed in %v", allowed, took)
		}
	})
}

func TestBadRates(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		for _, rate := range []throttle.Rate{
			{},
			{Limit: 1},
			{Per: time.Minute},
			{Limit: -1, Per: time.Minute},
			{Limit: 1, Per: -time.Minute},
			{Limit: 1_000_001, Per: time.Second},
			{Limit: 1 << 62, Per: time.Hour},
			{Limit: 1, Per: 1<<63 - 1},
		} {
			if got, err := l.Allow(t.Context(), "a", rate); got != (throttle.Result{}) || !errors.Is(err, throttle.ErrRate) {
				t.Errorf("Allow, %+v: %+v, %v", rate, got, err)
			}
			if got, err := l.Peek(t.Context(), "a", rate); got != (throttle.Result{}) || !errors.Is(err, throttle.ErrRate) {
				t.Errorf("Peek, %+v: %+v, %v", rate, got, err)
			}
		}
		// Limits that do not divide their time, and the longest and the shortest there are.
		for _, rate := range []throttle.Rate{
			{Limit: 7, Per: time.Hour}, {Limit: 1, Per: 100 * 365 * 24 * time.Hour}, {Limit: 1, Per: time.Microsecond},
		} {
			if got := allow(t, l, rate.Per.String(), rate); !got.Allowed || got.Remaining != rate.Limit-1 {
				t.Errorf("%+v: %+v", rate, got)
			}
		}
	})
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := l.Allow(ctx, "a", few); got.Allowed || !errors.Is(err, context.Canceled) {
			t.Errorf("Allow: %+v, %v", got, err)
		}
		if got, err := l.Peek(ctx, "a", few); got.Allowed || !errors.Is(err, context.Canceled) {
			t.Errorf("Peek: %+v, %v", got, err)
		}
		if err := l.Reset(ctx, "a"); !errors.Is(err, context.Canceled) {
			t.Errorf("Reset: %v", err)
		}
	})
}

// Keys of any length and content are as good as others.
func TestUnusualKeys(t *testing.T) {
	t.Parallel()
	eachStore(t, func(t *testing.T, server *covetredis.Server) {
		l := throttle.New(server, "test")
		for _, key := range []string{"", "\x00", "a\r\nFLUSHALL\r\n", "*", "{a}", strings.Repeat("x", 1<<20), "\xff\xfe"} {
			if got := allow(t, l, key, few); !got.Allowed || got.Remaining != 2 {
				t.Errorf("%.20q: %+v", key, got)
			}
		}
		// Prefix and key do not run into each other.
		allow(t, throttle.New(server, "te"), "sta", few)
		if got := allow(t, throttle.New(server, "tes"), "ta", few); got.Remaining != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestRedisHoldsNoPersonalDataAndExpires(t *testing.T) {
	t.Parallel()
	server := servers["redis"](t)
	l := throttle.New(server, "login")
	allow(t, l, "ann@example.com", few)
	if _, err := l.Peek(t.Context(), "only looked at", few); err != nil {
		t.Fatal(err)
	}
	keys, err := server.Client().Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 1 || strings.Contains(keys[0], "ann") || !strings.HasPrefix(keys[0], "throttle:login:") {
		t.Fatalf("keys: %q", keys)
	}
	if value := server.Client().Get(t.Context(), keys[0]).Val(); strings.Contains(value, "ann") {
		t.Errorf("value: %q", value)
	}
	if ttl := server.Client().PTTL(t.Context(), keys[0]).Val(); ttl <= 0 || ttl > time.Hour {
		t.Errorf("the key expires in %v, although one request comes back in an hour", ttl)
	}
}

// A server that was restarted has forgotten the script.
func TestScriptIsSentAgain(t *testing.T) {
	t.Parallel()
	server := servers["redis"](t)
	l := throttle.New(server, "test")
	for remaining := 2; remaining >= 0; remaining-- {
		if err := server.Client().ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if got := allow(t, l, "a", few); !got.Allowed || got.Remaining != remaining {
			t.Errorf("%+v", got)
		}
	}
}

// The clock of the server was set back, or a count is invalid: nobody is locked out for longer than Per.
func TestUnexpectedCounts(t *testing.T) {
	t.Parallel()
	server := servers["redis"](t)
	l := throttle.New(server, "test")
	allow(t, l, "a", few)
	key := server.Client().Keys(t.Context(), "*").Val()[0]
	for value, want := range map[string]bool{"9007199254740991": false, "nonsense": true, "-1": true, "": true} {
		if err := server.Client().Set(t.Context(), key, value, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if got := allow(t, l, "a", few); got.Allowed != want || got.RetryAfter > time.Hour {
			t.Errorf("%q: %+v", value, got)
		}
	}
}

func TestRedisUnavailable(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	l := throttle.New(open(t, "redis://"+address), "login")
	begun := time.Now()
	if got, err := l.Allow(t.Context(), "a", few); got != (throttle.Result{}) || err == nil ||
		!strings.Contains(err.Error(), "limiting login") {
		t.Errorf("Allow: %+v, %v", got, err)
	}
	if got, err := l.Peek(t.Context(), "a", few); got.Allowed || err == nil {
		t.Errorf("Peek: %+v, %v", got, err)
	}
	if err := l.Reset(t.Context(), "a"); err == nil {
		t.Error("Reset: no error")
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("three refused connections took %v", took)
	}
}

func ExampleLimiter_Allow() {
	server, err := covetredis.New(covetredis.Config{}, slog.New(slog.DiscardHandler))
	if err != nil {
		fmt.Println(err)
		return
	}
	limiter := throttle.New(server, "login")
	for range 3 {
		result, err := limiter.Allow(context.Background(), "ann@example.com", throttle.Rate{Limit: 2, Per: time.Hour})
		fmt.Println(result.Allowed, result.Remaining, result.RetryAfter.Round(time.Minute), err)
	}
	// Output:
	// true 1 0s <nil>
	// true 0 0s <nil>
	// false 0 30m0s <nil>
}

func BenchmarkAllow(b *testing.B) {
	for name, server := range servers {
		b.Run(name, func(b *testing.B) {
			l := throttle.New(server(b), "test")
			for b.Loop() {
				if _, err := l.Allow(b.Context(), "a", few); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
