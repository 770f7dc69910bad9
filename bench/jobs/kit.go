package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	covetredis "github.com/covetgo/covet/app/redis"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmigrations "github.com/covetgo/covet/migrations"
)

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func redisURL() string { return setting("TEST_REDIS_URL", "redis://127.0.0.1:6379") + "/15" }

// Noop is the job that is measured. Its number is where it notes its start.
type Noop struct {
	Number int `json:"n"`
}

// Work counts.
func (n Noop) Work(_ context.Context, count *counter) error {
	count.ran(n.Number)
	return nil
}

// counter notes when jobs started.
type counter struct {
	done   atomic.Int64
	starts []atomic.Int64 // in microseconds since 1970
}

func (c *counter) ran(n int) {
	if n < len(c.starts) {
		c.starts[n].Store(time.Now().UnixMicro())
	}
	c.done.Add(1)
}

func (c *counter) await(ctx context.Context, n int) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for c.done.Load() < int64(n) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// kit is a client on a database and a Redis of its own.
type kit struct {
	client *covetjobs.Client
	db     *database.DB
	redis  *covetredis.Server
	count  *counter
	clean  func() error
}

func newKit(ctx context.Context, onServers bool, cfg covetjobs.Config) (k *kit, err error) {
	k = &kit{count: &counter{starts: make([]atomic.Int64, 5000)}, clean: func() error { return nil }}
	dbURL, redis := "", ""
	if onServers {
		redis = redisURL()
		if dbURL, k.clean, err = freshSchema(ctx); err != nil {
			return nil, err
		}
	} else {
		dir, err := os.MkdirTemp("", "covet-bench-jobs")
		if err != nil {
			return nil, err
		}
		dbURL, k.clean = "sqlite:"+filepath.Join(dir, "bench.db"), func() error { return os.RemoveAll(dir) }
	}
	if k.db, err = database.Open(database.Config{URL: dbURL}, nil, sqlite.Driver{}, postgres.Driver{}); err != nil {
		return nil, err
	}
	if _, err := covetmigrations.NewRunner(k.db, covetmigrations.Library()).Up(ctx); err != nil {
		return nil, err
	}
	if k.redis, err = covetredis.New(covetredis.Config{URL: redis}, nil); err != nil {
		return nil, err
	}
	if err := k.redis.Start(ctx); err != nil {
		return nil, err
	}
	if err := k.redis.Client().FlushDB(ctx).Err(); err != nil {
		return nil, err
	}
	k.client = covetjobs.New(cfg, k.db, k.redis, nil)
	covetjobs.Register[Noop](k.client, k.count)
	return k, nil
}

func (k *kit) close(ctx context.Context) error {
	return errors.Join(k.client.Stop(ctx), k.redis.Stop(ctx), k.db.Close(), k.clean())
}

// freshSchema makes a schema in the test database and returns the URL that leads into it.
func freshSchema(ctx context.Context) (string, func() error, error) {
	base := setting("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
	name := fmt.Sprintf("bench_%d", time.Now().UnixNano())
	exec := func(statement string) error {
		db, err := database.Open(database.Config{URL: base}, nil, postgres.Driver{})
		if err != nil {
			return err
		}
		return errors.Join(db.With(ctx).Exec(statement).Error, db.Close())
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	drop := func() error { return exec("DROP SCHEMA " + name + " CASCADE") }
	return u.String(), drop, exec("CREATE SCHEMA " + name)
}

// ownRedis is a client with the settings of go-redis, for asynq alone.
func ownRedis() (*goredis.Client, error) {
	opts, err := goredis.ParseURL(redisURL())
	if err != nil {
		return nil, err
	}
	return goredis.NewClient(opts), nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
