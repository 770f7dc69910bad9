package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/internal/dev"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/web"
)

// newEcho returns an echo server with the kernel's middleware and routes.
func (a *App) newEcho() (*echo.Echo, error) {
	proxies, err := middleware.ParseProxies(a.Config.TrustedProxies)
	if err != nil {
		return nil, fmt.Errorf("reading trusted_proxies: %w", err)
	}
	crossOrigin, err := middleware.CrossOrigin(a.Config.HTTPS(), a.origins()...)
	if err != nil {
		return nil, err
	}
	if err := a.opts.Headers.Check(); err != nil {
		return nil, fmt.Errorf("checking the headers: %w", err)
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = a.handleError
	e.OnAddRouteHandler = addHeadRoutes(e)
	e.Renderer = &web.Renderer{Key: a.Key("flash"), Cookies: a.Cookies(), BaseURL: a.Config.BaseURL()}
	proxies.Install(e)
	a.proxies = proxies
	headers := a.opts.Headers
	headers.HTTPS = headers.HTTPS || (a.Config.Production() && a.Config.HTTPS())
	a.chain = []link{
		{name: "request id", run: middleware.Request(proxies, a.Context)},
		{name: "language", run: a.chooseLocale},
		a.linkAt(Outermost),
		{name: "access log", run: middleware.AccessLog(a.Log)},
		{name: "deadline", run: middleware.Deadline(a.Config.HTTP.withDefaults().handlerTimeout())},
		{name: "compression", run: middleware.Gzip()},
		{name: "panic recovery", run: middleware.Recover()},
		{name: "headers", run: middleware.SecureHeaders(headers)},
		{name: "CORS", run: middleware.ServeCORS(a.corsOf)},
		a.linkAt(BeforeChecks),
		{name: "cross-origin", run: crossOrigin},
		{name: "body limit", run: middleware.BodyLimit(a.MaxBody())},
		{name: "ranges", run: middleware.Ranges()},
		a.linkAt(Identify),
		a.linkAt(BeforeRouting),
	}
	if a.Config.Development() {
		a.chain = append(a.chain, link{name: "development record", run: dev.Record})
	}
	for _, l := range a.chain {
		e.Pre(l.run)
	}
	if len(a.catalogue.Languages()) > 1 {
		e.POST(web.LanguagePath, a.changeLanguage)
	}
	e.GET("/health", a.health)
	e.GET("/ready", a.ready)
	if assets := a.opts.Assets; assets != nil {
		e.GET(assets.Prefix()+"*", assets.Serve)
	}
	if a.Config.Development() {
		dev.Register(e, a.captured)
	}
	return e, nil
}

// addHeadRoutes adds HEAD to each route that is added for GET (RFC 9110 §9.3.2);
// net/http keeps the body back.
func addHeadRoutes(e *echo.Echo) func(string, echo.Route, echo.HandlerFunc, []echo.MiddlewareFunc) {
	return func(host string, route echo.Route, handler echo.HandlerFunc, chain []echo.MiddlewareFunc) {
		if route.Method == http.MethodGet && host == "" {
			e.HEAD(route.Path, handler, chain...)
		}
	}
}

// origins are the origins that browsers may send writes from, besides the Host of the request: the configured ones, and
// the public address, for a proxy that changes Host.
func (a *App) origins() []string {
	origins := a.Config.HTTP.TrustedOrigins
	if own := a.Config.origin(); own != "" {
		origins = append(slices.Clone(origins), own)
	}
	return origins
}

// MaxBody returns the maximum size of the body of a request in bytes, unless a route has another limit (see
// middleware.LimitBody).
func (a *App) MaxBody() int64 { return int64(a.Config.HTTP.withDefaults().MaxBody) }

// withDefaults sets zero values to their defaults, for configurations that were not loaded but written as a literal.
func (c HTTPConfig) withDefaults() HTTPConfig {
	orDuration := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	orDuration(&c.HeaderTimeout, 5*time.Second)
	orDuration(&c.ReadTimeout, time.Minute)
	orDuration(&c.WriteTimeout, time.Minute)
	orDuration(&c.IdleTimeout, 2*time.Minute)
	orDuration(&c.ShutdownTimeout, 30*time.Second)
	if c.MaxConnectionsPerAddress == 0 {
		c.MaxConnectionsPerAddress = 512
	}
	if c.MaxHeader == 0 {
		c.MaxHeader = 64 << 10
	}
	if c.MaxBody == 0 {
		c.MaxBody = 10 << 20
	}
	return c
}

// handlerTimeout is when the context of a request ends: with a tenth of the write timeout left for the response.
func (c HTTPConfig) handlerTimeout() time.Duration { return c.WriteTimeout - c.WriteTimeout/10 }

// wsaAddressInUse is the code of EADDRINUSE on Windows.
const wsaAddressInUse = syscall.Errno(10048)

// listen listens on the port. Connections wait in its backlog until serveHTTP.
func (a *App) listen(ctx context.Context) (net.Listener, error) {
	host := a.Config.Bind
	if host == "" && !a.Config.Production() {
		host = "localhost"
	}
	address := net.JoinHostPort(host, strconv.Itoa(a.Config.Port))
	if a.Config.DevServer != nil {
		address = backendAddress
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		a.setAddress(listener)
		return listener, nil
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaAddressInUse):
		hint := fmt.Sprintf("Stop the program that listens there, or choose another port: --port %d.", a.Config.Port+1)
		return nil, exit.New(exit.Unavailable, hint, "port %d is in use", a.Config.Port)
	case errors.Is(err, syscall.EACCES):
		return nil, exit.New(exit.Unavailable, "Ports below 1024 require special privileges; choose another one with --port.",
			"no permission to listen on port %d", a.Config.Port)
	}
	return nil, exit.New(exit.Unavailable, "Check bind and port in the configuration.",
		"listening on %s: %w", address, err)
}

// sleep returns after d, or when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Address returns the address that the HTTP server listens on, as
// "127.0.0.1:8000", or "" before the start.
func (a *App) Address() string {
	if address := a.address.Load(); address != nil {
		return *address
	}
	return ""
}

func (a *App) setAddress(listener net.Listener) {
	address := listener.Addr().String()
	a.address.Store(&address)
}

// LocalURL returns the address for a browser on this machine: the public one if it is configured, and otherwise
// localhost with the port in use, or the dev server's.
func (a *App) LocalURL() string {
	if a.Config.DevServer != nil && a.Config.App.URL == "" {
		return a.Config.DevServer.Public
	}
	if _, port, err := net.SplitHostPort(a.Address()); err == nil && a.Config.App.URL == "" {
		return "http://localhost:" + port
	}
	return a.Config.BaseURL()
}
