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
	handshakeTimeout = 2 * time.Second
	handshakeCommand = "covet-redis "
	handshakeReply   = "+"
	// maxPending is how many connections may be without a token yet. One more ends the oldest: a client with the token
	// needs a moment only.
	maxPending = 64
	// maxToken bounds the token, and so what is read of a connection before it is known.
	maxToken = 256
)

// Listener is an embedded Redis that other processes on this machine share: those that join it with its token, see
// [Endpoint]. It is what the dev server runs for the applications that it starts, so that queue and cache outlive
// them.
type Listener struct {
	server    *embedded
	listener  net.Listener
	handshake []byte
	served    sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	pending []net.Conn // accepted and without a token yet, oldest first
}

// errToken is the error for a token that cannot be sent as a line.
var errToken = errors.New("expected a token of 16 to 256 printable characters")

// Listen runs an embedded Redis on a free port of the loopback interface until [Listener.Stop].
//
// Threat: another local user. miniredis parses what it is sent before it asks for a password, and a length it cannot
// allocate ends the process; so the token comes first, in a line of known length, and not a byte reaches miniredis
// before.
func Listen(ctx context.Context, token string) (*Listener, error) {
	line, err := handshakeLine(token)
	if err != nil {
		return nil, err
	}
	l := &Listener{server: newEmbedded(), handshake: line}
	if l.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listening for the embedded Redis: %w", err)
	}
	if err := l.server.start(); err != nil {
		return nil, errors.Join(err, l.listener.Close())
	}
	l.served.Go(l.accept)
	return l, nil
}

// handshakeLine returns the line that a connection has to begin with. It returns an error for an invalid token.
func handshakeLine(token string) ([]byte, error) {
	printable := !slices.ContainsFunc([]byte(token), func(b byte) bool { return b <= ' ' || b > '~' })
	if len(token) < 16 || len(token) > maxToken || !printable {
		return nil, fmt.Errorf("joining the embedded Redis: %w", errToken)
	}
	return []byte(handshakeCommand + token + "\n"), nil
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
	for _, conn := range l.pending {
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
		if !l.addPending(conn) {
			_ = conn.Close()
			return
		}
		l.served.Go(func() { l.handle(conn) })
	}
}

// addPending records a connection that has not sent its token, and closes the oldest one if there are too many. It
// returns false after the stop.
func (l *Listener) addPending(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped {
		return false
	}
	if len(l.pending) == maxPending {
		_ = l.pending[0].Close()
		l.pending = slices.Delete(l.pending, 0, 1)
	}
	l.pending = append(l.pending, conn)
	return true
}

// handle passes a connection that sends the token to Redis, and closes any other.
func (l *Listener) handle(conn net.Conn) {
	known := l.verify(conn)
	l.mu.Lock()
	l.pending = slices.DeleteFunc(l.pending, func(c net.Conn) bool { return c == conn })
	l.mu.Unlock()
	if known {
		known = l.server.serve(conn) == nil
	}
	if !known {
		_ = conn.Close()
	}
}

// verify reads the handshake, which has a known length, so that nothing after it is taken from Redis.
func (l *Listener) verify(conn net.Conn) bool {
	if conn.SetDeadline(time.Now().Add(handshakeTimeout)) != nil {
		return false
	}
	line := make([]byte, len(l.handshake))
	if _, err := io.ReadFull(conn, line); err != nil || subtle.ConstantTimeCompare(line, l.handshake) != 1 {
		return false
	}
	if _, err := io.WriteString(conn, handshakeReply); err != nil {
		return false
	}
	return conn.SetDeadline(time.Time{}) == nil
}

// Endpoint is where a [Listener] of another process is, and the token that it asks for.
type Endpoint struct{ Address, Token string }

// errRefused is the error for a listener that hangs up.
var errRefused = errors.New("it does not accept our token; has covet serve been started anew?")

// configure sets the dialer of opts, which reaches the listener.
func (e Endpoint) configure(opts *goredis.Options) error {
	line, err := handshakeLine(e.Token)
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
		if err := authenticate(ctx, conn, line); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	}
	return nil
}

// authenticate sends the token and waits until it is accepted.
func authenticate(ctx context.Context, conn net.Conn, line []byte) error {
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := conn.Write(line); err != nil {
		return err
	}
	answer := make([]byte, len(handshakeReply))
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != handshakeReply {
		return errRefused
	}
	return conn.SetDeadline(time.Time{})
}
