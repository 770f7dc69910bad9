// Package limit bounds how many jobs run at a time, and how many start in a span of time, in all processes together.
//
// The counts are in Redis, by its clock. Losing them lets a few jobs too many start, until the leases have been
// extended: a place in a limit is a lease like that of the row, and ends by itself when its worker is killed. Times
// that lie too far in the future to have been written are of before that clock was set back, and do not count.
package limit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/jobs/internal/job"
)

// acquisition takes a place in a limit, or keeps it.
var acquisition = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + tonumber(ARGV[3]) * 10, '+inf')
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
	return 0
end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[3]) * 2)
return 1`)

// spending takes one of a rate (GCRA) and returns 0, or the microseconds to wait. Those who wait are given times one
// after the other, so that they do not all come back for the next one.
var spending = goredis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local step, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
if arrival > now + burst + 60000000 then
	arrival = now
	redis.call('DEL', KEYS[2])
end
if arrival + step - burst <= now then
	redis.call('SET', KEYS[1], string.format('%.0f', arrival + step), 'PX', math.ceil((arrival + step - now) / 1000) + 1000)
	return 0
end
local turn = math.max(tonumber(redis.call('GET', KEYS[2]) or '0'), arrival + step - burst)
redis.call('SET', KEYS[2], string.format('%.0f', turn + step), 'PX', math.ceil((turn + step - now) / 1000) + 1000)
return math.ceil(turn - now)`)

func limitKey(key string) string { return "covet:jobs:limit:{" + key + "}" }
func rateKey(key string) string  { return "covet:jobs:rate:{" + key + "}" }

// Limiter asks limits and rates in Redis.
type Limiter struct {
	redis goredis.UniversalClient
	lease time.Duration
}

// New returns a limiter whose places end after the lease unless they are kept.
func New(client goredis.UniversalClient, lease time.Duration) *Limiter {
	return &Limiter{redis: client, lease: lease}
}

// Place is what a run holds of a limit. The zero value holds nothing.
type Place struct {
	key, member string
	jobs        int
}

// Key returns the limit; empty for no place.
func (p Place) Key() string { return p.key }

// Acquire takes a place for a delivery; false if the limit is reached.
func (l *Limiter) Acquire(ctx context.Context, limit job.Limit, d job.Ref) (Place, bool, error) {
	p := Place{key: limit.Key, member: d.ID + "." + strconv.Itoa(d.Number), jobs: limit.Jobs}
	free, err := l.Keep(ctx, p)
	if err != nil || !free {
		return Place{}, false, err
	}
	return p, true, nil
}

// Keep extends a place. It returns false for one that was lost, with Redis, and that another job has taken meanwhile.
func (l *Limiter) Keep(ctx context.Context, p Place) (bool, error) {
	n, err := acquisition.Run(ctx, l.redis, []string{limitKey(p.key)}, p.member, p.jobs, l.lease.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("asking the limit %q: %w", p.key, err)
	}
	return n == 1, nil
}

// Leave gives a place back.
func (l *Limiter) Leave(ctx context.Context, p Place) error {
	return l.redis.ZRem(ctx, limitKey(p.key), p.member).Err()
}

// Spend takes one of a rate, or returns how long to wait for it.
func (l *Limiter) Spend(ctx context.Context, r job.Rate) (time.Duration, error) {
	step := max((r.Per / time.Duration(r.Jobs)).Microseconds(), 1)
	keys := []string{rateKey(r.Key), rateKey(r.Key) + ":turn"}
	us, err := spending.Run(ctx, l.redis, keys, step, step*int64(r.Jobs)).Int64()
	if err != nil {
		return 0, fmt.Errorf("asking the rate %q: %w", r.Key, err)
	}
	return time.Duration(us) * time.Microsecond, nil
}
