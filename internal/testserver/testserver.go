// Package testserver gives tests a fresh database on the real PostgreSQL, MySQL/MariaDB and Redis servers that are
// reachable, so that one suite can run on all of them.
//
//	func TestPosts(t *testing.T) {
//		url := testserver.Postgres(t) // an empty database of this test's own, dropped at its end
//		…
//	}
//
// The servers are those of TEST_POSTGRES_URL, TEST_MYSQL_URL and TEST_REDIS_URL, by default on their usual ports of
// 127.0.0.1. Where one is absent the test is skipped and reports it; with COVET_REQUIRE_SERVERS=1 it fails. Each process
// appends a line about each server to the file that COVET_TEST_SERVERS names, for a summary of which took part.
package testserver

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds every step towards a server.
const patience = 20 * time.Second

// server is one real server: where it is, and what was found there when this process first asked.
type server struct {
	name, env, fallback string
	// probe returns the version of the server at address.
	probe func(ctx context.Context, address string) (version string, err error)

	once    sync.Once
	version string
	err     error
}

// address returns the URL of the server.
func (s *server) address() string {
	if fromEnv := os.Getenv(s.env); fromEnv != "" {
		return fromEnv
	}
	return s.fallback
}

// require skips the test, or fails it, when the server is not reachable. It asks once a process.
func (s *server) require(t testing.TB) string {
	t.Helper()
	s.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		s.version, s.err = s.probe(ctx, s.address())
		s.note()
	})
	if s.err == nil {
		return s.address()
	}
	if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
		t.Fatalf("%s is required and not reachable (set %s): %v", s.name, s.env, s.err)
	}
	t.Skipf("%s is not reachable (set %s to name another): %v", s.name, s.env, s.err)
	return ""
}

// note appends a line to the summary of servers, if one is kept.
func (s *server) note() {
	path := os.Getenv("COVET_TEST_SERVERS")
	if path == "" {
		return
	}
	line := fmt.Sprintf("%s: not reachable\n", s.name)
	if s.err == nil {
		line = fmt.Sprintf("%s: %s at %s\n", s.name, s.version, host(s.address()))
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return // the summary is a courtesy
	}
	_, _ = f.WriteString(line)
	_ = f.Close()
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that cannot be parsed"
	}
	return u.Host
}

// namePrefix begins the names of all test databases.
const namePrefix = "covet_test_"

// newName returns a database name that no other test, in this process or another, has. It holds the time of creation, by
// which abandoned finds what killed processes left behind.
func newName() string {
	return namePrefix + strconv.FormatInt(time.Now().Unix(), 36) + "_" + strings.ToLower(rand.Text()[:16])
}

// withDatabase returns address with name as its database.
func withDatabase(t testing.TB, address, name string) string {
	t.Helper()
	u, err := databaseURL(address, name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func databaseURL(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("parsing the address of a test server: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

// within runs step with a deadline that does not depend on the test's own context, which is over in cleanups.
func within(step func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return step(ctx)
}
