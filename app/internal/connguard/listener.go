// Package connguard bounds what connections cost a server before any handler sees a request: how many one address may
// hold, and how many HTTP/2 frames it may send that ask for nothing.
package connguard

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
)

// Config configures a listener.
type Config struct {
	// PerAddress is how many connections one address (of IPv6, one /64 network) may hold. Further ones are closed.
	// Zero or less: any number.
	PerAddress int
	// Exempt reports whether an address may hold any number, as the proxy before the server. Defaults to loopback
	// addresses; those are always exempt.
	Exempt func(netip.Addr) bool
	// Log takes a line for each connection that is closed for its frames. Defaults to none.
	Log *slog.Logger
}

// Listen returns a listener that hands on the connections of inner, within the bounds of cfg.
func Listen(inner net.Listener, cfg Config) net.Listener {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &listener{Listener: inner, cfg: cfg, held: map[netip.Prefix]int{}}
}

type listener struct {
	net.Listener
	cfg Config

	mu   sync.Mutex
	held map[netip.Prefix]int // connections by the network that counts as one address
}

// Accept returns the next connection of an address that may have it.
//
// Threat: one client that opens connections until the process has no file descriptor left.
func (l *listener) Accept() (net.Conn, error) {
	for {
		inner, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		key, counted := l.keyOf(inner.RemoteAddr())
		if counted && !l.take(key) {
			_ = inner.Close()
			continue
		}
		release := func() {}
		if counted {
			release = func() { l.release(key) }
		}
		return &conn{Conn: inner, release: sync.OnceFunc(release), log: l.cfg.Log}, nil
	}
}

// keyOf returns the network that a peer counts for, and whether it is counted.
func (l *listener) keyOf(peer net.Addr) (netip.Prefix, bool) {
	if l.cfg.PerAddress <= 0 {
		return netip.Prefix{}, false
	}
	tcp, ok := peer.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}, false
	}
	address := tcp.AddrPort().Addr().Unmap().WithZone("")
	if address.IsLoopback() || l.cfg.Exempt != nil && l.cfg.Exempt(address) {
		return netip.Prefix{}, false
	}
	bits := 32
	if address.Is6() {
		bits = 64 // a customer of a provider has at least that many addresses
	}
	prefix, err := address.Prefix(bits)
	return prefix, err == nil
}

func (l *listener) take(key netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key] >= l.cfg.PerAddress {
		return false
	}
	l.held[key]++
	return true
}

func (l *listener) release(key netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[key]--; l.held[key] <= 0 {
		delete(l.held, key)
	}
}

// conn is a connection whose incoming frames are counted. One goroutine reads it at a time.
type conn struct {
	net.Conn
	release func()
	log     *slog.Logger
	frames  frames
}

// Read returns an error instead of data once the peer has sent too many frames that ask for nothing.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if fault := c.frames.add(p[:n]); fault != nil {
		c.log.WarnContext(context.Background(), "connection closed", "reason", fault.Error(), "ip", c.RemoteAddr().String())
		_ = c.Conn.Close()
		return 0, fault
	}
	return n, err
}

// Close closes the connection.
func (c *conn) Close() error {
	c.release()
	return c.Conn.Close()
}

// ReadFrom lets the system copy a file to the connection, where it can.
func (c *conn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(c.Conn, r)
}

// CloseWrite ends the sending side, so that the peer reads the last response before the connection closes.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
