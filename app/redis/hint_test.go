package redis_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	covetredis "github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/internal/testserver"
)

// serving starts a server that handles each connection by itself and closes it, and returns its address.
func serving(t *testing.T, handle func(conn net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var handlers sync.WaitGroup
	handlers.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handlers.Go(func() { defer func() { _ = conn.Close() }(); handle(conn) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); handlers.Wait() })
	return listener.Addr().String()
}

// refusing starts a server that sends reply to each new connection and closes it.
func refusing(t *testing.T, reply string) string {
	t.Helper()
	return serving(t, func(conn net.Conn) { _, _ = conn.Write([]byte(reply)) })
}

// replying starts a server that sends reply to each command.
func replying(t *testing.T, reply string) string {
	t.Helper()
	return serving(t, func(conn net.Conn) {
		for buffer := make([]byte, 1024); ; {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			commands := max(1, bytes.Count(buffer[:n], []byte("*")))
			if _, err := conn.Write(bytes.Repeat([]byte(reply), commands)); err != nil {
				return
			}
		}
	})
}

func TestServersThatRefuseAreExplained(t *testing.T) {
	t.Parallel()
	plain := testserver.RedisProcess(t)
	secret := testserver.RedisProcess(t, "--requirepass", "secret")
	encrypted := httptest.NewTLSServer(nil)
	t.Cleanup(encrypted.Close)
	for name, c := range map[string]struct{ url, want string }{
		"no password":    {"redis://" + secret, "it demands a password"},
		"wrong password": {"redis://:wrong@" + secret, "correct the user and password"},
		"protected mode": {"redis://" + refusing(t, "-DENIED Redis is running in protected mode\r\n"), "protected mode"},
		"loading":        {"redis://" + replying(t, "-LOADING Redis is loading the dataset in memory\r\n"), "loading its data"},
		"too many":       {"redis://" + refusing(t, "-ERR max number of clients reached\r\n"), "raise maxclients"},
		"TLS to none":    {"rediss://" + plain + "?dial_timeout=200ms", "write redis:// instead"},
		"no TLS record":  {"rediss://" + replying(t, "-ERR unknown command\r\n"), "write redis:// instead"},
		"none to TLS":    {"redis://" + refusing(t, ""), "write rediss:// instead"},
		"untrusted":      {"rediss://" + encrypted.Listener.Addr().String(), "certificate is not trusted"},
		"nothing there":  {"redis://127.0.0.1:1", "start it or correct REDIS_URL"},
	} {
		err := start(t, c.url)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "wrong@") {
			t.Errorf("%s: error is %v, want %q", name, err, c.want)
		}
	}
}

func TestEvictionIsWarnedOf(t *testing.T) {
	t.Parallel()
	for policy, warned := range map[string]bool{"noeviction": false, "allkeys-lru": true, "volatile-ttl": true} {
		address := testserver.RedisProcess(t, "--maxmemory", "64mb", "--maxmemory-policy", policy)
		var log bytes.Buffer
		server, err := covetredis.New(covetredis.Config{URL: "redis://" + address}, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := server.Start(t.Context()); err != nil {
			t.Error(err)
		}
		if got := strings.Contains(log.String(), "maxmemory_policy="+policy); got != warned {
			t.Errorf("%s: the log is %q", policy, log.String())
		}
		if err := server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
