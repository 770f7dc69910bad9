package throttle

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

//go:embed gcra.lua
var gcra string

// script is sent once; afterwards only its hash is, and the script again to a server that has forgotten it.
var script = goredis.NewScript(gcra)

// remote keeps counts in a Redis server: "prefix:hash" holds an arrival time and expires when that has come.
type remote struct {
	client goredis.UniversalClient
	prefix string
}

func (r *remote) key(key id) string { return "throttle:" + r.prefix + ":" + key.String() }

func (r *remote) take(ctx context.Context, key id, c cost) (Result, error) {
	return r.run(ctx, key, c, true)
}

func (r *remote) peek(ctx context.Context, key id, c cost) (Result, error) {
	result, err := r.run(ctx, key, c, false)
	return result.uncounted(), err
}

func (r *remote) run(ctx context.Context, key id, c cost, keep bool) (Result, error) {
	answer, err := script.Run(ctx, r.client, []string{r.key(key)},
		c.interval.Microseconds(), c.burst.Microseconds(), keep).Int64Slice()
	if err != nil {
		return Result{}, err
	}
	if len(answer) != 2 {
		return Result{}, fmt.Errorf("the script answered %d numbers", len(answer))
	}
	wait, spare := time.Duration(answer[0])*time.Microsecond, time.Duration(answer[1])*time.Microsecond
	if wait > 0 {
		return Result{RetryAfter: wait}, nil
	}
	return Result{Allowed: true, Remaining: int(spare / c.interval)}, nil
}

func (r *remote) reset(ctx context.Context, key id) error {
	return r.client.Del(ctx, r.key(key)).Err()
}
