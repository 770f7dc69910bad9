package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	goredis "github.com/redis/go-redis/v9"
	lua "github.com/yuin/gopher-lua"
)

var errNotStarted = errors.New("the embedded Redis is not started")

// tickInterval is how often the clock of the embedded Redis advances, and so how late a key may expire.
const tickInterval = time.Second

// embedded is a miniredis without a port.
type embedded struct {
	mu      sync.Mutex
	server  *miniredis.Miniredis // nil while it is not running
	quit    chan struct{}
	stopped chan struct{}
}

func newEmbedded() *embedded {
	limitLua.Do(func() { lua.RegistrySize, lua.CallStackSize = 2048, 128 })
	return &embedded{}
}

// limitLua halves the memory of the interpreter that miniredis creates for each call of a script, 100 KB otherwise,
// because creating and clearing it takes a fifth of the CPU time of a queue. Scripts may still pass about 2,000 values
// at a time.
var limitLua sync.Once

// configure sets the dialer of opts, which connects to this server once it has started.
func (e *embedded) configure(opts *goredis.Options) {
	opts.Addr = "embedded"
	opts.DisableIdentity = true
	opts.Dialer = func(ctx context.Context, _, _ string) (net.Conn, error) { return e.dial(ctx) }
}

// dial connects a client to the server through a pair of loopback sockets that no other process can join.
//
// Threat: another local user. miniredis parses its input before it checks the password, and a length that it cannot
// allocate ends the process.
func (e *embedded) dial(ctx context.Context) (net.Conn, error) {
	client, accepted, err := socketPair(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the embedded Redis: %w", err)
	}
	if err := e.serve(accepted); err != nil {
		return nil, errors.Join(err, client.Close(), accepted.Close())
	}
	return client, nil
}

// serve serves a connection until it or the server ends.
func (e *embedded) serve(conn net.Conn) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server == nil {
		return errNotStarted
	}
	e.server.Server().ServeConn(conn)
	return nil
}

// socketPair returns the two ends of a connection. Unlike the ends of net.Pipe they are buffered, because a client
// writes a whole pipeline before it reads the first response.
func socketPair(ctx context.Context) (client, accepted net.Conn, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, listener.Close()) }()
	if client, err = new(net.Dialer).DialContext(ctx, "tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	for { // another process may connect first
		if accepted, err = listener.Accept(); err != nil {
			return nil, nil, errors.Join(err, client.Close())
		}
		if accepted.RemoteAddr().String() == client.LocalAddr().String() {
			return client, accepted, nil
		}
		_ = accepted.Close()
	}
}

func (e *embedded) start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server != nil {
		return nil
	}
	server := miniredis.NewMiniRedis()
	first, err := server.Dial() // starts the server without a port
	if err == nil {
		err = first.Close()
	}
	if err != nil {
		return fmt.Errorf("starting the embedded Redis: %w", err)
	}
	e.server, e.quit, e.stopped = server, make(chan struct{}), make(chan struct{})
	go advanceClock(server, e.quit, e.stopped)
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

// advanceClock advances the clock of miniredis, which does not advance by itself, so that keys expire.
func advanceClock(server *miniredis.Miniredis, quit <-chan struct{}, stopped chan<- struct{}) {
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
