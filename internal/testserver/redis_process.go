package testserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// RedisProcess starts a redis-server of this test's own with further arguments, such as "--cluster-enabled", "yes", and
// returns its address. It ends with the test. Without the program the test is skipped, or fails with
// COVET_REQUIRE_SERVERS=1.
func RedisProcess(t testing.TB, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
			t.Fatalf("redis-server is required and not installed: %v", err)
		}
		t.Skip("redis-server is not installed")
	}
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
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting redis-server: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	deadline := time.Now().Add(patience)
	for err = errors.New("not asked yet"); err != nil; {
		client := goredis.NewClient(&goredis.Options{Addr: address, MaxRetries: -1})
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		err = client.Ping(ctx).Err()
		cancel()
		_ = client.Close()
		if err != nil && time.Now().After(deadline) {
			t.Fatalf("redis-server at %s did not start: %v", address, err)
		}
		if err != nil {
			<-time.After(20 * time.Millisecond)
		}
	}
	return address
}

// freeAddress returns an address that nothing listened on a moment ago. It is on a loopback address that other tests and
// outgoing connections do not use, where the system has one, so that none of them takes the port meanwhile.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		listener, err = new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
