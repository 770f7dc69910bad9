package app

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/storage"
)

// readyTimeout is the timeout of each check of /ready.
const readyTimeout = 3 * time.Second

// check is the result of a dependency in /ready. It never contains an error's text, which is public.
type check struct {
	Status  string  `json:"status"`
	Latency float64 `json:"latency_ms"`
}

// health responds if the process is alive. It checks nothing else, so that an outage of the database does not restart
// every process.
func (a *App) health(c echo.Context) error {
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// ready reports whether this process should get requests: 200 if every dependency is available, 503 otherwise and while
// the process stops.
func (a *App) ready(c echo.Context) error {
	status, text := http.StatusOK, "ok"
	checks := a.checks(c.Request().Context())
	for _, result := range checks {
		if result.Status != "ok" {
			status, text = http.StatusServiceUnavailable, "unavailable"
		}
	}
	if a.life.current() == phaseStopping {
		status, text = http.StatusServiceUnavailable, "stopping"
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(status, map[string]any{"status": text, "checks": checks})
}

// checks runs all checks concurrently.
func (a *App) checks(ctx context.Context) map[string]check {
	asks := map[string]func(context.Context) error{"database": a.DB.Ready, "redis": a.Redis.Ready, "jobs": a.Jobs.Health}
	if checker, ok := a.Storage.(storage.Checker); ok {
		asks["storage"] = checker.Check
	}
	for _, m := range a.modules {
		if checker, ok := m.(HealthChecker); ok {
			asks[m.Name()] = checker.Health
		}
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	results := make(map[string]check, len(asks))
	for name, ask := range asks {
		wg.Go(func() {
			start := time.Now()
			result := check{Status: "ok"}
			if err := ask(ctx); err != nil {
				a.Log.WarnContext(ctx, "not ready", slog.String("check", name), slog.String("error", err.Error()))
				result.Status = "unavailable"
			}
			result.Latency = float64(time.Since(start).Microseconds()) / 1000
			mu.Lock()
			defer mu.Unlock()
			results[name] = result
		})
	}
	wg.Wait()
	return results
}
