package middleware_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/app/throttle"
	"github.com/covetgo/covet/internal/testserver"
)

// limited returns a function that sends a request from a peer, with X-Forwarded-For, through a limit of 3 in 3 hours.
// With a Redis server, two processes take turns.
func limited(t *testing.T, url string, trusted ...string) (send func(peer, forwarded string) error) {
	t.Helper()
	proxies, err := middleware.ParseProxies(trusted)
	if err != nil {
		t.Fatal(err)
	}
	var limits []*middleware.ClientLimit
	for range 2 {
		server, err := redis.New(redis.Config{URL: url}, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = server.Stop(context.Background()) })
		limits = append(limits, middleware.NewClientLimit(throttle.New(server, "test"), throttle.Rate{Limit: 3, Per: 3 * time.Hour}))
	}
	if url == "" {
		limits = limits[:1]
	}
	n := 0
	return func(peer, forwarded string) error {
		n++
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.RemoteAddr = peer
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		c := echo.New().NewContext(r, httptest.NewRecorder())
		handler := middleware.Request(proxies)(middleware.RateLimit(limits[n%len(limits)])(ok))
		return handler(c)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"memory": func(testing.TB) string { return "" }, "redis": testserver.Redis,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			send := limited(t, url(t))
			for i := range 40 {
				err := send("192.0.2.1:"+strconv.Itoa(1000+i), "203.0.113."+strconv.Itoa(i)) // Threat: a forged address
				if (err == nil) != (i < 3) {
					t.Fatalf("request %d: %v", i+1, err)
				}
				var p *problem.Error
				if err == nil {
					continue
				}
				if !errors.As(err, &p) || p.Status != http.StatusTooManyRequests {
					t.Fatalf("request %d: %v", i+1, err)
				}
				if seconds, err := strconv.Atoi(p.Header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 3600 {
					t.Errorf("Retry-After is %q", p.Header.Get("Retry-After"))
				}
			}
			if err := send("192.0.2.2:1000", ""); err != nil {
				t.Errorf("another address: %v", err)
			}
		})
	}
}

// Threat: a client of IPv6 has a new address for each request, and a site a new network.
func TestRateLimitOfNetworks(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		address func(i int) string
		want    int
	}{
		"a /64": {func(i int) string { return "[2001:db8:1:2::" + strconv.Itoa(i+1) + "]:1" }, 3},
		"a /56": {func(i int) string { return "[2001:db8:1:1" + strconv.Itoa(10+i) + "::1]:1" }, 6},
		"a /48": {func(i int) string { return "[2001:db8:1:" + strconv.Itoa(10+i) + "00::1]:1" }, 12},
	} {
		send, passed := limited(t, ""), 0
		for i := range 40 {
			if send(tt.address(i), "") == nil {
				passed++
			}
		}
		if passed != tt.want {
			t.Errorf("%s passes %d times, want %d", name, passed, tt.want)
		}
	}
}

func TestRateLimitBehindAProxy(t *testing.T) {
	t.Parallel()
	send := limited(t, "", "10.0.0.1")
	for i := range 10 {
		if err := send("10.0.0.1:1", "203.0.113."+strconv.Itoa(i)); err != nil {
			t.Errorf("client %d: %v", i, err)
		}
	}
	for i := range 4 {
		if err := send("10.0.0.1:1", "1.2.3."+strconv.Itoa(i)+", 198.51.100.1"); (err == nil) != (i < 3) {
			t.Errorf("request %d: %v", i+1, err)
		}
	}
}

// A limit that cannot count refuses: the requests are from anyone.
func TestRateLimitWithoutRedis(t *testing.T) {
	t.Parallel()
	send := limited(t, "redis://127.0.0.1:1")
	var p *problem.Error
	if err := send("192.0.2.1:1", ""); !errors.As(err, &p) || p.Status != http.StatusServiceUnavailable {
		t.Errorf("without Redis: %v", err)
	}
}
