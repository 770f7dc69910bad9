// Package proxy is the reverse proxy on the public port of the dev server, which stays open while the application is
// built, started and replaced.
//
//	p := proxy.New(proxy.Config{Root: root, Public: "http://localhost:8000", Log: log})
//	defer p.Close()
//	server := p.Server()              // for a listener on the public port
//	go server.Serve(listener)
//	p.Serve("127.0.0.1:41233")        // a process is ready: requests go there
//	p.Hold()                          // from now on requests wait …
//	p.Serve("127.0.0.1:41301")        // … and go to the next one
//	p.Notify(proxy.Event{})           // pages in browsers load again
//	<-p.Idle("127.0.0.1:41233")       // the former one may end
//
// Requests pass unharmed: streams, uploads, trailers, WebSockets and HTTP/2 without TLS. Whole pages get a script that
// loads them again when the application has changed. Addresses below /dev/loop/ are answered here.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config says what a Proxy needs to know. The zero value works.
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
	// MaxHoldPage is how long the navigation of a browser is held before it gets a page about the build, which loads
	// again by itself. Only GET is a navigation in this sense: a form that was sent is held for MaxHold. Defaults to
	// 400 milliseconds.
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
		c.MaxHoldPage = 400 * time.Millisecond
	}
	return c
}

// Proxy is the handler of the public port. It begins by holding requests. All its methods may be called at any time and
// by several goroutines.
type Proxy struct {
	cfg        Config
	dispatcher *dispatcher
	events     *events
	done       chan struct{}
	close      sync.Once
}

// New returns a Proxy that holds requests until [Proxy.Serve].
func New(cfg Config) *Proxy {
	cfg = cfg.withDefaults()
	f := &Proxy{cfg: cfg, events: newEvents(), done: make(chan struct{})}
	f.dispatcher = newDispatcher(cfg.MaxHeld)
	return f
}

// Server returns a server for the public port: HTTP/1.1, and HTTP/2 without TLS for clients that speak it with prior
// knowledge (RFC 9113 §3.3). How long a request may take is up to the application.
func (px *Proxy) Server() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           px,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(px.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// ServeHTTP implements [http.Handler].
func (px *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, pathPrefix) {
		px.serveControl(w, r)
		return
	}
	px.forward(w, r)
}

// Hold makes requests wait from now on, for [Proxy.Serve] or [Proxy.Fail]: a number of them, and for a time. Those past
// the bounds are answered with 503 and Retry-After. Requests that are under way go on.
func (px *Proxy) Hold() { px.dispatcher.hold() }

// Serve sends requests to the process that listens on address, which must be ready, beginning with those that were
// held. Requests to the process before it go on until they end; its streams end now, so that their clients
// connect again: event streams with a hint when to retry, WebSockets with 1012, Service Restart (RFC 6455 §7.4).
// Pages learn of it by [Proxy.Notify], which has to follow.
func (px *Proxy) Serve(address string) { px.dispatcher.serve(address, px.events.announce) }

// Fail answers every request with a fault from now on, those that are held included: somebody before a browser with the
// error page, programs with 503 and problem details. Streams end as in [Proxy.Serve]. Pages learn of it by
// [Proxy.Notify], which has to follow, and loads them again as the error page.
func (px *Proxy) Fail(fault Fault) {
	px.events.announce()
	px.dispatcher.fail(fault)
}

// Idle returns a channel that is closed once no request runs at address, other than event streams and WebSockets. It is
// meant for a process that another has taken the place of.
func (px *Proxy) Idle(address string) <-chan struct{} { return px.dispatcher.idle(address) }

// Held returns how many requests wait.
func (px *Proxy) Held() int { return px.dispatcher.held() }

// Notify tells the pages in browsers what has changed.
func (px *Proxy) Notify(event Event) { px.events.publish(event) }

// Close ends what the proxy keeps open: held requests, streams and event channels. Close the server first, or right
// after.
func (px *Proxy) Close() {
	px.close.Do(func() {
		close(px.done)
		px.dispatcher.close()
	})
}
