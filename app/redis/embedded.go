package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"
)

var errNotStarted = errors.New("the embedded Redis has not been started")

// tickInterval is how often the embedded clock advances, and so how late a key may expire.
const tickInterval = time.Second

// embedded is a miniredis on a loopback port. The password answers the threat of another local user who finds the
// port: the queue holds the arguments of jobs.
type embedded struct {
	password string

	mu      sync.Mutex
	server  *miniredis.Miniredis // nil while it is not running
	quit    chan struct{}
	stopped chan struct{}
}

func newEmbedded() *embedded { return &embedded{password: rand.Text()} }

// apply makes a client of opts reach this server, wherever it listens once it has been started.
func (e *embedded) apply(opts *goredis.Options) {
	opts.Addr = "embedded"
	opts.Password = e.password
	opts.DisableIdentity = true
	opts.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) {
		address, err := e.address()
		if err != nil {
			return nil, err
		}
		var dialer net.Dialer
		return dialer.DialContext(ctx, "tcp", address)
	}
}

func (e *embedded) address() (string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server == nil {
		return "", errNotStarted
	}
	return e.server.Addr(), nil
}

func (e *embedded) start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server != nil {
		return nil
	}
	server := miniredis.NewMiniRedis()
	server.RequireAuth(e.password)
	if err := server.Start(); err != nil {
		return fmt.Errorf("starting the embedded Redis: %w", err)
	}
	e.server, e.quit, e.stopped = server, make(chan struct{}), make(chan struct{})
	go advance(server, e.quit, e.stopped)
	return nil
}

func (e *embedded) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server == nil {
		return
	}
	close(e.quit)
	<-e.stopped
	e.server.Close()
	e.server = nil
}

// advance moves the clock of the server, which stands still by itself, so that keys expire.
func advance(server *miniredis.Miniredis, quit <-chan struct{}, stopped chan<- struct{}) {
	defer close(stopped)
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-quit:
			return
		case now := <-ticker.C:
			server.FastForward(now.Sub(last))
			last = now
		}
	}
}
