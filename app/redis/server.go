package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	goredis "github.com/redis/go-redis/v9"
)

// ErrStopped is returned by [Server.Start] after [Server.Stop]: a stopped server cannot be restarted.
var ErrStopped = errors.New("the Redis connection is stopped")

// Server is a connection to a Redis server and, if it is embedded, that server. It is safe for concurrent use.
type Server struct {
	client   *goredis.Client
	address  string
	embedded *embedded // nil for an external server
	joined   bool      // to an embedded server of another process
	tls      bool
	log      *slog.Logger

	mu      sync.Mutex
	stopped bool
}

// setLogger sets the logger of go-redis. It is global to the process, prints to standard error by default, and must not
// be replaced while a client exists, so the log of the first server receives its messages.
var setLogger sync.Once

// New returns the connection that cfg configures and opens none. Its only errors are [ErrURL] for a malformed URL and
// an error for a malformed token of Config.Join. A nil log discards all records.
func New(cfg Config, log *slog.Logger) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	s := &Server{address: opts.Addr, tls: opts.TLSConfig != nil, log: log}
	switch {
	case cfg.URL != "":
	case cfg.Join.Address != "":
		s.joined, s.address = true, "embedded (covet serve)"
		if err := cfg.Join.configure(opts); err != nil {
			return nil, err
		}
	default:
		s.embedded, s.address = newEmbedded(), "embedded"
		s.embedded.configure(opts)
	}
	setLogger.Do(func() { goredis.SetLogger(quietLogger{log}) })
	s.client = goredis.NewClient(opts)
	s.client.AddHook(translator{})
	return s, nil
}

// Client returns the client. Before [Server.Start] it can be kept, but commands to an embedded server fail.
// [Server.Stop] closes it.
func (s *Server) Client() goredis.UniversalClient { return s.client }

// Embedded reports whether the server runs inside this process, so that other processes do not share its contents.
func (s *Server) Embedded() bool { return s.embedded != nil }

// Joined reports whether the server is the embedded one of the dev server.
func (s *Server) Joined() bool { return s.joined }

// Address returns the address of the server without credentials: "127.0.0.1:6379", "/run/redis.sock", "embedded", or
// "embedded (covet serve)" for the server of the dev server.
func (s *Server) Address() string { return s.address }

// Start starts the embedded server, if any, and verifies that Redis responds and supports what Covet needs: a single
// server that accepts writes and runs scripts. Starting twice is not an error. If Start fails, it leaves nothing
// running.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	if s.embedded != nil {
		if err := s.embedded.start(); err != nil {
			return err
		}
	}
	err := s.Ping(ctx)
	if err == nil && s.embedded == nil && !s.joined {
		err = s.verify(ctx)
	}
	if err != nil && s.embedded != nil {
		s.embedded.stop()
	}
	return err
}

// Stop closes the client and then the embedded server, and waits for both. Stopping twice, or before a start, is not an
// error.
func (s *Server) Stop(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil
	}
	s.stopped = true
	err := s.client.Close()
	if s.embedded != nil {
		s.embedded.stop()
	}
	if err != nil {
		return fmt.Errorf("closing the Redis client: %w", err)
	}
	return nil
}

// Ping checks that the server responds. Its error contains the address but never the password, and says what to do.
func (s *Server) Ping(ctx context.Context) error {
	err := s.client.Ping(ctx).Err()
	if err == nil {
		return nil
	}
	if s.embedded != nil {
		return fmt.Errorf("pinging the embedded Redis: %w", err)
	}
	if s.joined {
		return fmt.Errorf("pinging the Redis of covet serve: %w", err)
	}
	if isClosed(err) {
		err = cmp.Or(s.refusal(ctx), err)
	}
	return fmt.Errorf("pinging Redis at %s: %s: %w", s.address, s.hint(err), err)
}

// Ready returns nil when Redis can serve: it responds, and takes writes. A server that is loading its data, has become a
// replica or has no memory left is not ready.
func (s *Server) Ready(ctx context.Context) error {
	if err := s.Ping(ctx); err != nil || s.embedded != nil || s.joined {
		return err
	}
	if err := verifyScript.Run(ctx, s.client, []string{verifyKey}, "1").Err(); err != nil {
		return fmt.Errorf("writing to Redis at %s: %w", s.address, err)
	}
	return nil
}

// quietLogger logs failed dials of go-redis at the debug level, because each command that fails returns its error.
type quietLogger struct{ log *slog.Logger }

func (l quietLogger) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis client", "message", fmt.Sprintf(format, args...))
}
