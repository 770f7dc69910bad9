package testserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/gofrs/flock"
	goredis "github.com/redis/go-redis/v9"
)

var redis = &server{
	name: "Redis", env: "TEST_REDIS_URL", fallback: "redis://127.0.0.1:6379",
	probe: func(ctx context.Context, address string) (version string, err error) {
		err = onRedis(address, func(client *goredis.Client) error {
			info, err := client.Info(ctx, "server").Result()
			if match := redisVersion.FindStringSubmatch(info); match != nil {
				version = match[1]
			}
			return err
		})
		return version, err
	},
}

var redisVersion = regexp.MustCompile(`redis_version:(\S+)`)

// redisDatabases are the numbers that tests may have; 0 is left to people.
const redisDatabases = 15

// redisPatience bounds the wait for one of them to become free.
const redisPatience = 2 * time.Minute

// Redis returns the URL of an empty Redis database that this test has to itself until it ends. Processes share the
// fifteen there are by locking files in one folder; when all are taken, Redis waits.
func Redis(t testing.TB) string {
	t.Helper()
	address := redis.require(t)
	number, lock := takeRedis(t, host(address))
	numbered := withDatabase(t, address, strconv.Itoa(number))
	flush := func() error {
		return within(func(ctx context.Context) error {
			return onRedis(numbered, func(client *goredis.Client) error { return client.FlushDB(ctx).Err() })
		})
	}
	t.Cleanup(func() {
		if err := errors.Join(flush(), lock.Close()); err != nil {
			t.Errorf("giving back Redis database %d: %v", number, err)
		}
	})
	if err := flush(); err != nil {
		t.Fatalf("flushing Redis database %d: %v", number, err)
	}
	return numbered
}

// takeRedis locks a database number of the server.
func takeRedis(t testing.TB, server string) (int, *flock.Flock) {
	t.Helper()
	server = regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(server, "-")
	deadline := time.Now().Add(redisPatience)
	for time.Now().Before(deadline) {
		for number := 1; number <= redisDatabases; number++ {
			path := filepath.Join(lockFolder(), fmt.Sprintf("covet-test-redis-%s-%d.lock", server, number))
			lock := flock.New(path)
			if ok, err := lock.TryLock(); err != nil {
				t.Fatalf("locking a Redis database: %v", err)
			} else if ok {
				return number, lock
			}
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatalf("all %d Redis databases for tests have been in use for %s", redisDatabases, redisPatience)
	return 0, nil
}

// lockFolder returns the folder of the locks. It is the same for every process, which TMPDIR is not.
func lockFolder() string {
	if info, err := os.Stat("/tmp"); err == nil && info.IsDir() {
		return "/tmp"
	}
	return os.TempDir()
}

func onRedis(address string, do func(*goredis.Client) error) error {
	opts, err := goredis.ParseURL(address)
	if err != nil {
		return fmt.Errorf("parsing the address: %w", err)
	}
	client := goredis.NewClient(opts)
	return errors.Join(do(client), client.Close())
}
