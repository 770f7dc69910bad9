// Package front is the front door of the dev server: the proxy on the public port, which stays open while the
// application behind it is built, started and replaced.
//
//	door := front.New(front.Config{Root: root, Public: "http://localhost:8000", Log: log})
//	defer door.Close()
//	server := door.Server()              // for a listener on the public port
//	go server.Serve(listener)
//	door.Serve("127.0.0.1:41233")        // a process is ready: requests go there
//	door.Hold()                          // from now on requests wait …
//	door.Serve("127.0.0.1:41301")        // … and go to the next one
//	door.Notify(front.Event{})           // pages in browsers load again
//	<-door.Idle("127.0.0.1:41233")       // the former one may end
//
// Requests pass unharmed: streams, uploads, trailers, WebSockets and HTTP/2 without TLS. Whole pages get a script that
// loads them again when the application has changed. Addresses below /dev/loop/ are answered here.
package front

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config says what a Front needs to know. The zero value works.
type Config struct {
	// Root is the folder of the project, whose source error pages show. Defaults to the working directory.
	Root string
	// Editor opens a file from error pages: the name of an editor, or a template of a link with {file}, {line} and
	// {column}. Defaults to the editor that the environment tells of.
	Editor string
	// Public is the address that people type, without a slash at its end. Defaults to none.
	Public string
	// Log takes what goes wrong. Defaults to nothing.
	Log *slog.Logger
	// Migrate applies the pending migrations; a button of the error page calls it. Defaults to no button.
	Migrate func(ctx context.Context) error
	// Restart builds and starts the application again; a button of the error page calls it. Defaults to no button.
	Restart func(ctx context.Context) error
	// NoReload leaves pages as the application sent them: nothing loads them again. Defaults to false.
	NoReload bool
	// MaxHeld is how many requests wait at most. Defaults to 256.
	MaxHeld int
	// MaxHold is how long one of them waits at most. Defaults to 60 seconds.
	MaxHold time.Duration
	// MaxHoldPage is how long somebody waits before a blank page, until they are shown what is going on: a page that
	// loads again by itself. Defaults to 10 seconds.
	MaxHoldPage time.Duration
}

func (c Config) withDefaults() Config {
	if c.Root == "" {
		c.Root = "."
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.MaxHeld == 0 {
		c.MaxHeld = 256
	}
	if c.MaxHold == 0 {
		c.MaxHold = time.Minute
	}
	if c.MaxHoldPage == 0 {
		c.MaxHoldPage = 10 * time.Second
	}
	return c
}

// Front is the handler of the public port. It begins by holding requests. All its methods may be called at any time and
// by several goroutines.
type Front struct {
	cfg    Config
	gate   *gate
	events *events
	done   chan struct{}
	close  sync.Once
}

// New returns a Front that holds requests until [Front.Serve].
func New(cfg Config) *Front {
	cfg = cfg.withDefaults()
	f := &Front{cfg: cfg, events: newEvents(), done: make(chan struct{})}
	f.gate = newGate(cfg.MaxHeld)
	return f
}

// Server returns a server for the public port: HTTP/1.1, and HTTP/2 without TLS for clients that speak it with prior
// knowledge (RFC 9113 §3.3). How long a request may take is up to the application.
func (f *Front) Server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           f,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(f.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// ServeHTTP implements [http.Handler].
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, pathPrefix) {
		f.serveControl(w, r)
		return
	}
	f.forward(w, r)
}

// Hold makes requests wait from now on, for [Front.Serve] or [Front.Fail]: a number of them, and for a time. Those past
// the bounds are answered with 503 and Retry-After. Requests that are under way go on.
func (f *Front) Hold() { f.gate.hold() }

// Serve sends requests to the process that listens on address, which must be ready, beginning with those that were
// held. Requests to the process before it go on until they end; its streams end now, so that their clients
// connect again: event streams with a hint when to retry, WebSockets with 1012, Service Restart (RFC 6455 §7.4).
// Pages learn of it by [Front.Notify], which has to follow.
func (f *Front) Serve(address string) { f.gate.serve(address, f.events.foresee) }

// Fail answers every request with a fault from now on, those that are held included: somebody before a browser with the
// error page, programs with 503 and problem details. Streams end as in [Front.Serve]. Pages learn of it by
// [Front.Notify], which has to follow, and loads them again as the error page.
func (f *Front) Fail(fault Fault) {
	f.events.foresee()
	f.gate.fail(fault)
}

// Idle returns a channel that is closed once no request runs at address, other than event streams and WebSockets. It is
// meant for a process that another has taken the place of.
func (f *Front) Idle(address string) <-chan struct{} { return f.gate.idle(address) }

// Held returns how many requests wait.
func (f *Front) Held() int { return f.gate.held() }

// Notify tells the pages in browsers what has changed.
func (f *Front) Notify(event Event) { f.events.publish(event) }

// Close ends what the Front keeps open: held requests, streams and event channels. Close the server first, or right
// after.
func (f *Front) Close() {
	f.close.Do(func() {
		close(f.done)
		f.gate.end()
	})
}
