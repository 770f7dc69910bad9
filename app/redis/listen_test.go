package redis_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	covetredis "github.com/covetgo/covet/app/redis"
)

const token = "0123456789abcdefghij"

func listen(t *testing.T) *covetredis.Listener {
	t.Helper()
	l, err := covetredis.Listen(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Stop(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func join(t *testing.T, address, token string) *covetredis.Server {
	t.Helper()
	server, err := covetredis.New(covetredis.Config{Join: covetredis.Endpoint{Address: address, Token: token}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestJoinedServersShareWhatTheyKeep(t *testing.T) {
	t.Parallel()
	address := listen(t).Address()
	first, second := join(t, address, token), join(t, address, token)
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := first.Client().Set(t.Context(), "key", strings.Repeat("x", 1<<16), 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := len(second.Client().Get(t.Context(), "key").Val()); got != 1<<16 {
		t.Errorf("the value has %d bytes", got)
	}
	if second.Embedded() || second.Address() != "embedded (covet serve)" {
		t.Errorf("Embedded() = %t, Address() = %q", second.Embedded(), second.Address())
	}
}

// A URL names a server, and a server is preferred to what the dev server offers.
func TestURLPrevailsOverJoin(t *testing.T) {
	t.Parallel()
	server, err := covetredis.New(covetredis.Config{
		URL: "redis://127.0.0.1:1", Join: covetredis.Endpoint{Address: "127.0.0.1:2", Token: token},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop(t.Context())
	if server.Address() != "127.0.0.1:1" {
		t.Errorf("the server is %s", server.Address())
	}
}

// The attacks: another local user connects without the token, with a wrong one, and with bytes that would end
// miniredis. Each is hung up on, hears nothing, and leaves the Redis as it was.
func TestUnauthenticatedConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	l := listen(t)
	for name, bytes := range map[string]string{
		"a command":         "PING\r\n                                        ",
		"a huge length":     "*1\r\n$9223372036854775807\r\nxxxxxxxxxxxxxxxxxxxxxxxx",
		"a wrong token":     "covet-redis 0123456789abcdefghiX\nPING\r\n",
		"a longer token":    "covet-redis " + token + "x\nPING\r\n",
		"a huge preamble":   "covet-redis " + strings.Repeat("x", 1<<20),
		"another separator": "covet-redis " + token + "\r\nPING\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, l.Address())
			go func() { _, _ = io.WriteString(conn, bytes) }() // may be cut short
			if answer := readAll(t, conn); answer != "" {
				t.Errorf("the stranger hears %q", answer)
			}
			if err := join(t, l.Address(), token).Start(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestWrongTokenIsReported(t *testing.T) {
	t.Parallel()
	err := join(t, listen(t).Address(), "another-token-0123").Start(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the token was refused") ||
		strings.Contains(err.Error(), "another-token") {
		t.Errorf("starting with a wrong token: %v", err)
	}
}

// The attack: connections that say nothing, or say it byte by byte. They are ended, and keep nobody out.
func TestSlowHandshakesAreClosed(t *testing.T) {
	t.Parallel()
	l := listen(t)
	silent, slow := dial(t, l.Address()), dial(t, l.Address())
	quit := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for _, b := range []byte(strings.Repeat("c", 1000)) {
			if _, err := slow.Write([]byte{b}); err != nil {
				return
			}
			select {
			case <-ticker.C:
			case <-quit:
				return
			}
		}
	})
	for _, conn := range []net.Conn{silent, slow} {
		if answer := readAll(t, conn); answer != "" {
			t.Errorf("the stranger hears %q", answer)
		}
	}
	close(quit)
	writer.Wait()
}

// The attack: more connections than anybody has file descriptors for.
func TestPendingConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	l := listen(t)
	var clients []net.Conn
	for range 300 {
		clients = append(clients, dial(t, l.Address()))
	}
	if err := join(t, l.Address(), token).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The first has been ended to make room, long before its time.
	if answer := readAll(t, clients[0]); answer != "" {
		t.Errorf("the stranger hears %q", answer)
	}
}

func TestStopEndsConnections(t *testing.T) {
	t.Parallel()
	l := listen(t)
	server := join(t, l.Address(), token)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := dial(t, l.Address())
	for range 2 {
		if err := l.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	readAll(t, client)
	if err := server.Ping(t.Context()); err == nil {
		t.Error("the Redis answers after its stop")
	}
}

func TestInvalidTokens(t *testing.T) {
	t.Parallel()
	for _, token := range []string{
		"", "short", "with a space 0123456789", "with\nnewline0123456789",
		strings.Repeat("x", 257),
	} {
		if l, err := covetredis.Listen(t.Context(), token); err == nil {
			t.Errorf("%q is accepted", token)
			_ = l.Stop()
		}
		join := covetredis.Endpoint{Address: "127.0.0.1:1", Token: token}
		if _, err := covetredis.New(covetredis.Config{Join: join}, nil); err == nil {
			t.Errorf("%q is accepted for joining", token)
		}
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// readAll reads until the other side closes the connection.
func readAll(t *testing.T, conn net.Conn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Fatal("the connection is not ended")
	}
	return string(answer)
}
