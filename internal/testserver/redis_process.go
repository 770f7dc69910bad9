package testserver

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	goredis "github.com/redis/go-redis/v9"
)

// RedisProcess starts a redis-server of this test's own with further arguments, such as "--cluster-enabled", "yes", and
// returns its address. It ends with the test. Without the program the test is skipped, or fails with
// COVET_REQUIRE_SERVERS=1.
func RedisProcess(t testing.TB, args ...string) string {
	t.Helper()
	return NewRedis(t, args...).Address
}

// NewRedis starts a redis-server as RedisProcess does, which the test may stop and start.
func NewRedis(t testing.TB, args ...string) *Process {
	t.Helper()
	program := requireProgram(t, "redis-server")
	address := freeAddress(t)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{
		"--port", port, "--bind", host, "--save", "", "--appendonly", "no", "--dir", t.TempDir(),
	}, args...)
	if args[len(args)-1] == "--sentinel" { // it takes a file, which it writes to
		file := t.TempDir() + "/sentinel.conf"
		if err := os.WriteFile(file, fmt.Appendf(nil, "port %s\nbind %s\n", port, host), 0o600); err != nil {
			t.Fatal(err)
		}
		args = []string{file, "--sentinel"}
	}
	p := &Process{Address: address, program: program, args: args, stop: syscall.SIGTERM, probe: func(ctx context.Context) error {
		client := goredis.NewClient(&goredis.Options{Addr: address, MaxRetries: -1})
		defer func() { _ = client.Close() }()
		err := client.Ping(ctx).Err()
		if _, replied := err.(goredis.Error); replied { //nolint:errorlint // go-redis returns it as it is
			return nil // it refuses for a reason of its own: a password, or it is loading
		}
		return err
	}}
	p.Start(t)
	t.Cleanup(p.kill)
	return p
}
