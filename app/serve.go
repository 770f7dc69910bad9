package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/internal/connguard"
)

// boundServer is a server that listens on its address and does not serve yet.
type boundServer struct {
	Server
	listener net.Listener
	own      bool // the application's own server
}

// bind listens on the addresses of the servers of a process with these roles. Connections wait in their backlogs until
// serve.
func (a *App) bind(ctx context.Context, roles Roles) ([]boundServer, error) {
	var own, others []boundServer
	closeOnStop := func(name string, listener net.Listener) {
		a.life.onStop("listener of "+name, func(context.Context) error { return ignoreClosed(listener.Close()) })
	}
	if roles.Web {
		listener, err := a.listen(ctx)
		if err != nil {
			return nil, err
		}
		own = []boundServer{{Server: Server{Name: "HTTP server"}, listener: listener, own: true}}
		closeOnStop("HTTP server", listener)
	}
	for _, m := range a.modules {
		provider, ok := m.(ServerProvider)
		if !ok {
			continue
		}
		list, err := provider.Servers()
		if err != nil {
			return nil, fmt.Errorf("servers of module %q: %w", m.Name(), err)
		}
		for _, s := range list {
			if !roles.Web && (!roles.Work || !s.Worker) {
				continue
			}
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Address)
			if err != nil {
				hint := fmt.Sprintf("Check the address that is configured for it (module %s).", m.Name())
				return nil, exit.New(exit.Unavailable, hint, "starting the server %q: listening on %q: %w", s.Name, s.Address, err)
			}
			others = append(others, boundServer{Server: s, listener: listener})
			closeOnStop(s.Name, listener)
		}
	}
	return append(others, own...), nil // the stop drains the application's own first
}

// serve serves requests on every bound server until the stop, which drains them.
func (a *App) serve(ctx context.Context, servers []boundServer) error {
	for _, s := range servers {
		if s.own {
			var err error
			if s.TLS, err = a.tlsConfig(ctx); err != nil {
				return err
			}
		}
		a.serveHTTP(s)
	}
	return nil
}

// tlsConfig returns the configuration that a module has for the application's listener, or nil.
func (a *App) tlsConfig(ctx context.Context) (*tls.Config, error) {
	var chosen *tls.Config
	var names []string
	for _, m := range a.modules {
		provider, ok := m.(TLSProvider)
		if !ok {
			continue
		}
		cfg, err := provider.TLSConfig(ctx)
		if err != nil {
			return nil, fmt.Errorf("configuring TLS with module %q: %w", m.Name(), err)
		}
		if cfg != nil {
			chosen, names = cfg, append(names, m.Name())
		}
	}
	if len(names) > 1 {
		return nil, exit.New(exit.Usage,
			"Leave all but one of these modules out, or switch the others off in the configuration.",
			"several modules configure TLS: %s", strings.Join(names, ", "))
	}
	return chosen, nil
}

// server returns an HTTP server with the configured bounds: HTTP/1.1 and HTTP/2, over TLS or, for proxies that use it
// with prior knowledge (RFC 9113 §3.3), without.
func (a *App) server(s Server) *http.Server {
	cfg := a.Config.HTTP.withDefaults()
	handler := s.Handler
	if handler == nil {
		handler = a.Echo
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           handler,
		TLSConfig:         s.TLS,
		Protocols:         protocols,
		ReadHeaderTimeout: cfg.HeaderTimeout,
		ReadTimeout:       cfg.ReadTimeout,
		WriteTimeout:      cfg.WriteTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    int(cfg.MaxHeader),
		ErrorLog:          slog.NewLogLogger(a.Log.Handler(), slog.LevelWarn),
	}
}

func (a *App) serveHTTP(s boundServer) {
	server := a.server(s.Server)
	serve := server.Serve
	if s.TLS != nil {
		serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := serve(a.guard(s.listener)); !errors.Is(err, http.ErrServerClosed) {
			a.life.fail(fmt.Errorf("serving with the %s: %w", s.Name, err))
		}
	}()
	a.life.onStop(s.Name, func(ctx context.Context) error {
		if s.own {
			sleep(ctx, a.Config.HTTP.DrainDelay)
		}
		ctx, cancel := context.WithTimeout(ctx, a.Config.HTTP.withDefaults().ShutdownTimeout)
		defer cancel()
		err := server.Shutdown(ctx)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests were still running: %w", err), server.Close())
		}
		<-done
		return err
	})
}

// guard limits connections before a handler sees a request.
func (a *App) guard(listener net.Listener) net.Listener {
	return connguard.Listen(listener, connguard.Config{
		PerAddress: a.Config.HTTP.withDefaults().MaxConnectionsPerAddress, Exempt: a.proxies.Contains, Log: a.Log,
	})
}

// ignoreClosed drops the error of closing a listener that its server has closed.
func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
