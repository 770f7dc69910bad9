package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/exit"
)

// WorkerConfig configures processes that only run jobs.
type WorkerConfig struct {
	// Liveness is the address on which such a process serves /health and /ready, "127.0.0.1:9000" or ":9000". Defaults
	// to none.
	Liveness string `doc:"address on which a worker serves /health and /ready, such as 127.0.0.1:9000; empty: none"`
}

// listenForLiveness listens on the address of a worker process, if one is configured.
func (a *App) listenForLiveness(ctx context.Context) (net.Listener, error) {
	address := a.Config.Worker.Liveness
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, exit.New(exit.Unavailable,
			"Check worker.liveness in the configuration. It must be an address such as 127.0.0.1:9000.",
			"listening on %s for liveness checks of the worker: %w", address, err)
	}
	a.setAddress(listener)
	return listener, nil
}

// serveLiveness serves health checks until the stop.
func (a *App) serveLiveness(listener net.Listener) {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.GET("/health", a.liveness)
	e.GET("/ready", a.ready)
	server := &http.Server{
		Handler: e, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout:    time.Minute,
		MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn),
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.life.fail(fmt.Errorf("serving the liveness of the worker: %w", err))
		}
	}()
	a.life.onStop("liveness server", func(context.Context) error {
		err := server.Close()
		<-done
		return err
	})
}

// liveness reports whether this worker is running: 200 while its loops run, also during an outage of the database or of
// Redis, while it starts, and while it stops; and 503 if one is stuck. The log contains which one.
func (a *App) liveness(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	switch {
	case a.life.current() == phaseStopping:
		return c.JSON(http.StatusOK, map[string]string{"status": "stopping"})
	case a.life.current() != phaseRunning:
		return c.JSON(http.StatusOK, map[string]string{"status": "starting"})
	}
	ctx := c.Request().Context()
	if err := a.Jobs.Live(); err != nil {
		a.Log.ErrorContext(ctx, "this worker is stuck", "error", err)
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "stuck"})
	}
	checking, cancel := context.WithTimeout(ctx, time.Second) // less than the timeout of `health --worker`
	defer cancel()
	if err := a.Jobs.Health(checking); err != nil {
		return c.JSON(http.StatusOK, map[string]string{"status": "waiting"}) // for the database, or for Redis
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}
