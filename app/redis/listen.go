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
	// handshakeTimeout is how long a new connection may take to send the line with the token.
	handshakeTimeout = 2 * time.Second
	handshakeCommand = "covet-redis "
	handshakeReply   = "+"
	// maxPending is the maximum number of connections that have not sent a token yet. The next one closes the oldest: a
	// client with the token needs only a moment.
	maxPending = 64
	// maxToken is the maximum length of the token, and so of what is read from an unauthenticated connection.
	maxToken = 256
)

// Listener is an embedded Redis that other processes of this machine share if they have its token, see [Endpoint]. The
// dev server runs it for the applications that it starts, so that queue and cache survive their restarts.
type Listener struct {
	server    *embedded
	listener  net.Listener
	handshake []byte
	served    sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	pending []net.Conn // accepted connections without a token, oldest first
}

// errToken is the error for a token that cannot be sent as a line.
var errToken = errors.New("expected a token of 16 to 256 printable characters")

// Listen runs an embedded Redis on a free port of the loopback interface until [Listener.Stop].
//
// Threat: another local user. miniredis parses its input before it checks a password, and a length that it cannot
// allocate ends the process. Therefore a line of known length with the token comes first, and no byte reaches miniredis
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

// handshakeLine returns the first line of a connection, or an error for an invalid token.
func handshakeLine(token string) ([]byte, error) {
	printable := !slices.ContainsFunc([]byte(token), func(b byte) bool { return b <= ' ' || b > '~' })
	if len(token) < 16 || len(token) > maxToken || !printable {
		return nil, fmt.Errorf("joining the embedded Redis: %w", errToken)
	}
	return []byte(handshakeCommand + token + "\n"), nil
}

// Address returns where the Redis listens, such as "127.0.0.1:41002".
func (l *Listener) Address() string { return l.listener.Addr().String() }

// Stop stops the Redis, closes all its connections and waits for them. Stopping twice is not an error.
func (l *Listener) Stop() error {
	l.mu.Lock()
	if l.stopped {
		l.mu.Unlock()
		return nil
	}
	l.stopped = true
	err := l.listener.Close()
	for _, conn := range l.pending {
		_ = conn.Close() // which ends its goroutine
	}
	l.mu.Unlock()
	l.served.Wait()
	l.server.stop()
	if err != nil {
		return fmt.Errorf("closing the listener of the embedded Redis: %w", err)
	}
	return nil
}

// accept accepts connections until the listener is closed.
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

// addPending records a connection that has not sent its token yet, and closes the oldest one if there are too many. It
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

// handle passes a connection with the right token to Redis and closes any other.
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

// verify reads the handshake, whose length is known, so that it reads nothing that is meant for Redis.
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

// Endpoint is the address and the token of a [Listener] in another process.
type Endpoint struct{ Address, Token string }

// errRefused is the error for a listener that closes the connection.
var errRefused = errors.New("the token was refused; has covet serve been restarted?")

// configure sets the dialer of opts, which connects to the listener.
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

// authenticate sends the token and waits for its acceptance.
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
