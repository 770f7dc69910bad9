package redis

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	// A connection begins with a line that holds the token, and has this long to send it.
	preambleTimeout = 2 * time.Second
	preambleWord    = "covet-redis "
	preambleAnswer  = "+"
	// maxStrangers is how many connections may be without a token yet. One more ends the oldest: whoever has the token
	// needs a moment only.
	maxStrangers = 64
	// maxToken bounds the token, and so what is read of a connection before it is known.
	maxToken = 256
)

// Listener is an embedded Redis that other processes on this machine share: those that join it with its token, see
// [Endpoint]. It is what the dev server runs for the applications that it starts, so that queue and cache outlive
// them.
type Listener struct {
	server   *embedded
	listener net.Listener
	preamble []byte
	served   sync.WaitGroup

	mu        sync.Mutex
	stopped   bool
	strangers []net.Conn // accepted and without a token yet, oldest first
}

// errToken is the error for a token that cannot be sent as a line.
var errToken = errors.New("expected a token of 16 to 256 printable characters")

// Listen runs an embedded Redis on a free port of the loopback interface until [Listener.Stop].
//
// Threat: another local user. miniredis parses what it is sent before it asks for a password, and a length it cannot
// allocate ends the process; so the token comes first, in a line of known length, and not a byte reaches miniredis
// before.
func Listen(ctx context.Context, token string) (*Listener, error) {
	line, err := preamble(token)
	if err != nil {
		return nil, err
	}
	l := &Listener{server: newEmbedded(), preamble: line}
	if l.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listening for the embedded Redis: %w", err)
	}
	if err := l.server.start(); err != nil {
		return nil, errors.Join(err, l.listener.Close())
	}
	l.served.Go(l.accept)
	return l, nil
}

// preamble returns what a connection has to begin with.
func preamble(token string) ([]byte, error) {
	printable := !slices.ContainsFunc([]byte(token), func(b byte) bool { return b <= ' ' || b > '~' })
	if len(token) < 16 || len(token) > maxToken || !printable {
		return nil, fmt.Errorf("joining the embedded Redis: %w", errToken)
	}
	return []byte(preambleWord + token + "\n"), nil
}

// Address returns where the Redis listens, such as "127.0.0.1:41002".
func (l *Listener) Address() string { return l.listener.Addr().String() }

// Stop ends the Redis and all connections to it, and waits for them. Stopping twice is no error.
func (l *Listener) Stop() error {
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		return nil
	}
	l.stopped = true
	err := l.listener.Close()
	for _, conn := range l.strangers {
		_ = conn.Close() // its goroutine finds out
	}
	l.mu.Unlock()
	l.served.Wait()
	l.server.stop()
	if err != nil {
		return fmt.Errorf("closing the listener of the embedded Redis: %w", err)
	}
	return nil
}

// accept takes connections until the listener is closed.
func (l *Listener) accept() {
	for {
		conn, err := l.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of file descriptors, or reset before it was accepted
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if !l.meet(conn) {
			_ = conn.Close()
			return
		}
		l.served.Go(func() { l.admit(conn) })
	}
}

// meet notes a connection that has not shown its token, at the cost of the oldest one if there are too many. It returns
// false after the stop.
func (l *Listener) meet(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return false
	}
	if len(l.strangers) == maxStrangers {
		_ = l.strangers[0].Close()
		l.strangers = slices.Delete(l.strangers, 0, 1)
	}
	l.strangers = append(l.strangers, conn)
	return true
}

// admit hands a connection that shows the token to Redis, and closes any other.
func (l *Listener) admit(conn net.Conn) {
	known := l.verify(conn)
	l.mu.Lock()
	l.strangers = slices.DeleteFunc(l.strangers, func(c net.Conn) bool { return c == conn })
	l.mu.Unlock()
	if known {
		known = l.server.serve(conn) == nil
	}
	if !known {
		_ = conn.Close()
	}
}

// verify reads the preamble, which has a known length, so that nothing after it is taken from Redis.
func (l *Listener) verify(conn net.Conn) bool {
	if conn.SetDeadline(time.Now().Add(preambleTimeout)) != nil {
		return false
	}
	line := make([]byte, len(l.preamble))
	if _, err := io.ReadFull(conn, line); err != nil || subtle.ConstantTimeCompare(line, l.preamble) != 1 {
		return false
	}
	if _, err := io.WriteString(conn, preambleAnswer); err != nil {
		return false
	}
	return conn.SetDeadline(time.Time{}) == nil
}

// Endpoint is where a [Listener] of another process is, and the token that it asks for.
type Endpoint struct{ Address, Token string }

// errRefused is the error for a listener that hangs up.
var errRefused = errors.New("it does not accept our token; has covet serve been started anew?")

// apply makes a client of opts reach the listener.
func (e Endpoint) apply(opts *goredis.Options) error {
	line, err := preamble(e.Token)
	if err != nil {
		return err
	}
	timeout := opts.DialTimeout
	opts.Addr = e.Address
	opts.DisableIdentity = true
	opts.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if err := introduce(ctx, conn, line); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	}
	return nil
}

// introduce shows the token and waits until it is accepted.
func introduce(ctx context.Context, conn net.Conn, line []byte) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write(line); err != nil {
		return err
	}
	answer := make([]byte, len(preambleAnswer))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != preambleAnswer {
		return errRefused
	}
	return conn.SetDeadline(time.Time{})
}
