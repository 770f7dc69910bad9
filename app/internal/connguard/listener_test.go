package connguard_test

import (
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/app/internal/connguard"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeListener hands out one connection for each address.
type fakeListener struct{ peers []string }

type fakeConn struct {
	net.Conn
	peer   string
	closed bool
}

func (c *fakeConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(c.peer))
}
func (c *fakeConn) Close() error { c.closed = true; return nil }

func (l *fakeListener) Accept() (net.Conn, error) {
	if len(l.peers) == 0 {
		return nil, net.ErrClosed
	}
	peer := l.peers[0]
	l.peers = l.peers[1:]
	return &fakeConn{peer: peer}, nil
}
func (l *fakeListener) Close() error   { return nil }
func (l *fakeListener) Addr() net.Addr { return &net.TCPAddr{} }

// accepted returns the peers of the connections that a listener hands on.
func accepted(t *testing.T, l net.Listener) []net.Conn {
	t.Helper()
	var conns []net.Conn
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return conns
		}
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
}

func TestConnectionsPerAddress(t *testing.T) {
	t.Parallel()
	exempt := func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }
	for name, c := range map[string]struct {
		peers []string
		want  int
	}{
		"one address":       {[]string{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3", "192.0.2.1:4"}, 2},
		"two addresses":     {[]string{"192.0.2.1:1", "192.0.2.2:2", "192.0.2.1:3", "192.0.2.2:4"}, 4},
		"mapped":            {[]string{"[::ffff:192.0.2.1]:1", "192.0.2.1:2", "192.0.2.1:3"}, 2},
		"one network":       {[]string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::ffff]:1"}, 2},
		"two networks":      {[]string{"[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", "[2001:db8:0:2::2]:1"}, 3},
		"loopback":          {[]string{"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "[::1]:1", "[::1]:2", "[::1]:3"}, 6},
		"a trusted address": {[]string{"10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3"}, 3},
	} {
		l := connguard.Listen(&fakeListener{c.peers}, connguard.Config{PerAddress: 2, Exempt: exempt})
		if got := len(accepted(t, l)); got != c.want {
			t.Errorf("%s: %d connections, want %d", name, got, c.want)
		}
	}
	l := connguard.Listen(&fakeListener{[]string{"192.0.2.1:1", "192.0.2.1:2"}}, connguard.Config{})
	if got := len(accepted(t, l)); got != 2 {
		t.Errorf("without a bound: %d connections", got)
	}
}

func TestClosedConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	inner := &fakeListener{[]string{"192.0.2.1:1", "192.0.2.1:2"}}
	l := connguard.Listen(inner, connguard.Config{PerAddress: 1})
	conns := accepted(t, l)
	if len(conns) != 1 {
		t.Fatalf("%d connections", len(conns))
	}
	for range 2 { // net/http closes more than once
		if err := conns[0].Close(); err != nil {
			t.Fatal(err)
		}
	}
	inner.peers = []string{"192.0.2.1:3", "192.0.2.1:4"}
	if conns = accepted(t, l); len(conns) != 1 {
		t.Errorf("after closing: %d connections", len(conns))
	}
}

// serve runs an HTTP server with HTTP/1 and unencrypted HTTP/2 behind a guarded listener, and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Protocols: protocols, ReadHeaderTimeout: time.Second,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Proto+" "+strings.Repeat("x", 100_000))
		}),
	}
	done := make(chan error)
	go func() { done <- server.Serve(connguard.Listen(inner, connguard.Config{PerAddress: 10})) }()
	t.Cleanup(func() {
		if err := errors.Join(server.Close(), <-done); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return inner.Addr().String()
}

func TestOrdinaryRequestsPass(t *testing.T) {
	t.Parallel()
	address := serve(t)
	for proto, set := range map[string]func(*http.Protocols){
		"HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
		"HTTP/2.0": func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		protocols := new(http.Protocols)
		set(protocols)
		transport := &http.Transport{Protocols: protocols}
		client := &http.Client{Transport: transport}
		for range 50 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/",
				strings.NewReader(strings.Repeat("y", 50_000)))
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil || !strings.HasPrefix(string(body), proto) || len(body) < 100_000 {
				t.Fatalf("%s: %d bytes, %v", proto, len(body), err)
			}
		}
		transport.CloseIdleConnections()
	}
}

// Threat: streams that are opened and reset at once keep a connection, and the server, busy.
func TestFloodsEndTheConnection(t *testing.T) {
	t.Parallel()
	address := serve(t)
	frame := func(kind, flags byte, stream uint32, payload string) string {
		header := []byte{0, 0, byte(len(payload)), kind, flags, 0, 0, 0, 0}
		binary.BigEndian.PutUint32(header[5:], stream)
		return string(header) + payload
	}
	request := "\x82\x86\x84\x41\x01a" // GET http://a/ in HPACK (RFC 7541)
	for name, flood := range map[string]func(i uint32) string{
		"rapid resets": func(i uint32) string {
			return frame(1, 0x5, 2*i+1, request) + frame(3, 0, 2*i+1, "\x00\x00\x00\x08")
		},
		"settings": func(uint32) string { return frame(4, 0, 0, "") },
		"continuations": func(i uint32) string {
			if i == 0 {
				return frame(1, 0x1, 1, request)
			}
			return frame(9, 0, 1, "")
		},
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		read := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, conn) // ends when the server has closed
			read <- err
		}()
		_, err = io.WriteString(conn, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+frame(4, 0, 0, ""))
		for i := uint32(0); i < 20_000 && err == nil; i++ {
			_, err = io.WriteString(conn, flood(i))
		}
		var timeout net.Error
		if err := <-read; errors.As(err, &timeout) && timeout.Timeout() {
			t.Errorf("%s: the connection is still open", name)
		}
		_ = conn.Close()
	}
}
