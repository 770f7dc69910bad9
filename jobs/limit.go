package jobs

import (
	"context"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Limit bounds how many jobs run at a time, in all processes together. The zero value is no limit.
type Limit struct {
	// Jobs is the number that runs at a time.
	Jobs int
	// Key is what the limit is for, such as a customer; jobs of different kinds with one key share it. Defaults to the
	// kind of the job.
	Key string
}

// Rate bounds how many jobs start in a span of time, in all processes together: up to Jobs at once, and then one more
// each time that Per divided by Jobs has passed. The zero value is no limit.
type Rate struct {
	// Jobs is how many start Per.
	Jobs int
	// Per is the span of time. Defaults to a second.
	Per time.Duration
	// Key is what the limit is for; jobs of different kinds with one key share it. Defaults to the kind of the job.
	Key string
}

// The counts are in Redis, by its clock. Losing them lets a few jobs too many start, until the leases have been extended:
// a place in a Limit is a lease like that of the row, and ends by itself when its worker is killed. Times that lie too far in
// the future to have been written are of before that clock was set back, and do not count.

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

// place is what a run holds of a limit; nil holds nothing.
type place struct {
	key, member string
	jobs        int
}

// limits returns the keys of the limits of a job; empty for those that it has not.
func (o Options) limits(kind string) (limit, rate string) {
	if o.Limit.Jobs > 0 {
		if limit = o.Limit.Key; limit == "" {
			limit = kind
		}
	}
	if o.Rate.Jobs > 0 {
		if rate = o.Rate.Key; rate == "" {
			rate = kind
		}
	}
	return limit, rate
}

// wait is why a job does not start now.
type wait struct {
	key  string
	time time.Duration
}

// admit asks the limits of a job whether it may start. Without a wait it may, and then keeps the place, if any.
func (c *Client) admit(ctx context.Context, d delivery, o Options) (*place, *wait, error) {
	limit, rate := o.limits(d.kind)
	var taken *place
	if limit != "" {
		taken = &place{key: limit, member: taskID(d.id, d.number), jobs: o.Limit.Jobs}
		free, err := c.keepPlace(ctx, taken)
		if err != nil {
			return nil, nil, err
		}
		if !free {
			return nil, &wait{limit, jitter(time.Second << min(d.number, 4))}, nil
		}
	}
	if rate == "" {
		return taken, nil, nil
	}
	pause, err := c.spend(ctx, rate, o.Rate)
	if err == nil && pause == 0 {
		return taken, nil, nil
	}
	c.leavePlace(ctx, taken)
	if err != nil {
		return nil, nil, err
	}
	return nil, &wait{rate, pause}, nil
}

// keepPlace takes a place or extends it; false if the limit is reached.
func (c *Client) keepPlace(ctx context.Context, p *place) (bool, error) {
	n, err := acquisition.Run(ctx, c.redis.Client(), []string{limitKey(p.key)}, p.member, p.jobs, c.cfg.Lease.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("asking the limit %q: %w", p.key, err)
	}
	return n == 1, nil
}

// spend takes one of a rate, or returns how long to wait.
func (c *Client) spend(ctx context.Context, key string, r Rate) (time.Duration, error) {
	per := r.Per
	if per <= 0 {
		per = time.Second
	}
	step := max((per / time.Duration(r.Jobs)).Microseconds(), 1)
	keys := []string{rateKey(key), rateKey(key) + ":turn"}
	us, err := spending.Run(ctx, c.redis.Client(), keys, step, step*int64(r.Jobs)).Int64()
	if err != nil {
		return 0, fmt.Errorf("asking the rate %q: %w", key, err)
	}
	return time.Duration(us) * time.Microsecond, nil
}

// leavePlace gives a place back. Without success it ends with its lease.
func (c *Client) leavePlace(ctx context.Context, p *place) {
	if p == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	if err := c.redis.Client().ZRem(ctx, limitKey(p.key), p.member).Err(); err != nil {
		c.log.DebugContext(ctx, "a place in a limit is kept until its lease ends", "limit", p.key, "error", err)
		return
	}
	woken, err := c.store.wakeLimited(ctx, p.key)
	if err != nil {
		c.log.DebugContext(ctx, "the next job of a limit is not woken", "limit", p.key, "error", err)
	} else if woken {
		c.rouse()
	}
}

// wakeLimited makes the first job due that waits for a limit.
func (s store) wakeLimited(ctx context.Context, key string) (bool, error) {
	var ids []string
	at := s.now()
	err := s.rows(ctx).Where("limit_key = ? AND state = ? AND run_at > ?", key, Pending, at).
		Order("id").Limit(1).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return false, err
	}
	res := s.rows(ctx).Where("id = ? AND limit_key = ? AND state = ?", ids[0], key, Pending).Update("run_at", at)
	return res.RowsAffected == 1, res.Error
}
