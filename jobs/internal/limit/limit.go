// Package limit limits how many jobs run at the same time, and how many start per interval, in all processes.
//
// The counts are in Redis and use its clock. If they are lost, a few jobs too many may start until the leases have been
// extended. A slot of a limit is a lease like that of the row, and ends by itself when its worker is killed. Times too
// far in the future date from before that clock was set back, and are ignored.
package limit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/jobs/internal/job"
)

// acquisition acquires a slot of a limit, or extends it.
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

// spending spends one start of a rate (GCRA) and returns 0, or the microseconds to wait. Waiting jobs get consecutive
// times, so that they do not all return for the next start.
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

// Limiter checks limits and rates in Redis.
type Limiter struct {
	redis goredis.UniversalClient
	lease time.Duration
}

// New returns a limiter. A slot ends after the lease unless it is extended.
func New(client goredis.UniversalClient, lease time.Duration) *Limiter {
	return &Limiter{redis: client, lease: lease}
}

// Place is the slot of a limit that a run holds. The zero value is no slot.
type Place struct {
	key, member string
	jobs        int
}

// Key returns the key of the limit; empty for no slot.
func (p Place) Key() string { return p.key }

// Acquire acquires a slot for a delivery. It returns false if the limit is reached.
func (l *Limiter) Acquire(ctx context.Context, limit job.Limit, d job.Ref) (Place, bool, error) {
	p := Place{key: limit.Key, member: d.ID + "." + strconv.Itoa(d.Number), jobs: limit.Jobs}
	free, err := l.Keep(ctx, p)
	if err != nil || !free {
		return Place{}, false, err
	}
	return p, true, nil
}

// Keep extends a slot. It returns false if the slot was lost with Redis and another job has taken it.
func (l *Limiter) Keep(ctx context.Context, p Place) (bool, error) {
	n, err := acquisition.Run(ctx, l.redis, []string{limitKey(p.key)}, p.member, p.jobs, l.lease.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("extending a slot of the limit %q: %w", p.key, err)
	}
	return n == 1, nil
}

// Leave releases a slot.
func (l *Limiter) Leave(ctx context.Context, p Place) error {
	return l.redis.ZRem(ctx, limitKey(p.key), p.member).Err()
}

// Spend spends one start of a rate, or returns how long to wait for one.
func (l *Limiter) Spend(ctx context.Context, r job.Rate) (time.Duration, error) {
	step := max((r.Per / time.Duration(r.Jobs)).Microseconds(), 1)
	keys := []string{rateKey(r.Key), rateKey(r.Key) + ":turn"}
	us, err := spending.Run(ctx, l.redis, keys, step, step*int64(r.Jobs)).Int64()
	if err != nil {
		return 0, fmt.Errorf("checking the rate %q: %w", r.Key, err)
	}
	return time.Duration(us) * time.Microsecond, nil
}
