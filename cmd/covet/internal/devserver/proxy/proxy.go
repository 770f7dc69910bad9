// Package proxy is the reverse proxy on the public port of the dev server. It stays reachable while the application is
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
// Responses are forwarded unchanged, including streams, uploads, trailers, WebSockets and HTTP/2 without TLS. Whole
// pages get a script that reloads them when the application has changed. The proxy itself handles /dev/loop/.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config configures a Proxy. The zero value is valid.
type Config struct {
	// Root is the folder of the project, whose source is shown on error pages. Defaults to the working directory.
	Root string
	// Editor opens a file from error pages: the name of an editor, or a template of a link with {file}, {line} and
	// {column}. Defaults to the editor of the environment.
	Editor string
	// Public is the URL of the proxy without a trailing slash. Defaults to none.
	Public string
	// Log logs errors. Defaults to nothing.
	Log *slog.Logger
	// Migrate applies the pending migrations; a button of the error page calls it. Defaults to no button.
	Migrate func(ctx context.Context) error
	// Restart builds and starts the application again; a button of the error page calls it. Defaults to no button.
	Restart func(ctx context.Context) error
	// NoReload leaves pages unchanged, so that they do not reload. Defaults to false.
	NoReload bool
	// MaxHeld is the maximum number of waiting requests. Defaults to 256.
	MaxHeld int
	// MaxHold is how long a request waits at most. Defaults to 60 seconds.
	MaxHold time.Duration
	// MaxHoldPage is how long a navigation waits before it gets a page about the build, which reloads. Only GET is a
	// navigation in this sense: a submitted form waits for MaxHold. Defaults to 400 milliseconds.
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

// Proxy is the handler of the public port. It starts by holding requests. Its methods are safe for concurrent use.
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

// Server returns a server for the public port: HTTP/1.1, and HTTP/2 without TLS for clients with prior knowledge (RFC
// 9113 §3.3). It sets no timeout for requests; the application does.
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

// Hold makes new requests wait for [Proxy.Serve] or [Proxy.Fail], up to MaxHeld requests and for MaxHold. Others get
// 503 with Retry-After. Running requests continue.
func (px *Proxy) Hold() { px.dispatcher.hold() }

// Serve sends requests, held ones first, to the process that listens on address, which must be ready. Requests to the
// former process continue until they end. Its streams end now, so that clients reconnect: event streams with a retry
// time, WebSockets with 1012, Service Restart (RFC 6455 §7.4). Call [Proxy.Notify] afterwards to inform pages.
func (px *Proxy) Serve(address string) { px.dispatcher.serve(address, px.events.announce) }

// Fail responds to every request with a fault from now on, including held requests: browsers get the error page, other
// clients 503 with problem details. Streams end as in [Proxy.Serve]. Call [Proxy.Notify] afterwards, so that pages
// reload as the error page.
func (px *Proxy) Fail(fault Fault) {
	px.events.announce()
	px.dispatcher.fail(fault)
}

// Idle returns a channel that is closed once no request runs at address, except for event streams and WebSockets. Use
// it for a process that was replaced.
func (px *Proxy) Idle(address string) <-chan struct{} { return px.dispatcher.idle(address) }

// Held returns the number of waiting requests.
func (px *Proxy) Held() int { return px.dispatcher.held() }

// Notify sends a change to the pages in browsers.
func (px *Proxy) Notify(event Event) { px.events.publish(event) }

// Close ends held requests, streams and event channels. Close the server first, or right after.
func (px *Proxy) Close() {
	px.close.Do(func() {
		close(px.done)
		px.dispatcher.close()
	})
}
