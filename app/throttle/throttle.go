package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/covetgo/covet/app/redis"
)

// ErrRate is returned for a [Rate] that cannot be kept.
var ErrRate = errors.New("a rate needs a limit of 1 or more, a microsecond for each, and less than a century")

// maxPer keeps the sums of times within the 53 bits that Redis' scripts calculate with.
const maxPer = 100 * 365 * 24 * time.Hour

// Rate is Limit requests in each Per. All of them may come at once.
type Rate struct {
	Limit int
	Per   time.Duration
}

// Result says whether a request may go on.
type Result struct {
	// Allowed reports that it may.
	Allowed bool
	// Remaining is how many more may follow at once.
	Remaining int
	// RetryAfter is when the next one may, if Remaining is 0 and this one was not allowed; otherwise 0. For a header of
	// the same name (RFC 9110 §10.2.3) round it up to seconds.
	RetryAfter time.Duration
}

// Limiter counts requests by keys. It is made by [New] and safe for concurrent use.
type Limiter struct {
	prefix string
	store  store
}

// store keeps, for each key, the theoretical arrival time of GCRA: when what has been spent will have come back.
type store interface {
	take(ctx context.Context, key id, c cost) (Result, error)
	peek(ctx context.Context, key id, c cost) (Result, error)
	reset(ctx context.Context, key id) error
}

// id is what stands for the key of a caller.
//
// Threat: e-mail addresses and those of visitors that can be read, or turn up in a dump of Redis.
type id [16]byte

func (k id) String() string { return hex.EncodeToString(k[:]) }

// cost is a rate in the terms of the algorithm.
type cost struct {
	limit    int
	interval time.Duration // until one request has come back, in whole microseconds
	burst    time.Duration // until all have
}

// New returns a limiter whose keys are apart from those of limiters with another prefix. It dials nothing.
//
// With the embedded Redis each limiter has its own counts in memory. When there are 100,000, the count that has the
// least time to go is forgotten for a new one. Threat: a flood of addresses that fills the memory, or makes a limiter
// forget the account that is being attacked; the flood would have to spend more from each of its addresses than was
// spent on the account.
func New(server *redis.Server, prefix string) *Limiter {
	l := &Limiter{prefix: prefix}
	if server.Embedded() {
		l.store = newMemory(monotonic(), maxEntries)
	} else {
		l.store = &remote{client: server.Client(), prefix: prefix}
	}
	return l
}

// Allow counts a request for the key, unless it would be one too many. The same key must always come with the same
// rate. The key may be of any length and hold anything: only a hash of it is kept. (A reader of Redis can still
// find out whether there is a count for a key that they guess.)
//
// The errors are [ErrRate], that of ctx, and those of Redis; with them nothing is allowed.
func (l *Limiter) Allow(ctx context.Context, key string, rate Rate) (Result, error) {
	c, err := rate.cost()
	if err != nil {
		return Result{}, err
	}
	result, err := l.store.take(ctx, l.id(key), c)
	if err != nil {
		return Result{}, fmt.Errorf("limiting %s: %w", l.prefix, err)
	}
	return result, nil
}

// Peek answers what [Limiter.Allow] would, and counts nothing; Remaining includes the request that Allow would count.
func (l *Limiter) Peek(ctx context.Context, key string, rate Rate) (Result, error) {
	c, err := rate.cost()
	if err != nil {
		return Result{}, err
	}
	result, err := l.store.peek(ctx, l.id(key), c)
	if err != nil {
		return Result{}, fmt.Errorf("looking at the limit of %s: %w", l.prefix, err)
	}
	return result, nil
}

// Reset forgets what the key has spent, as after a log-in that succeeded.
func (l *Limiter) Reset(ctx context.Context, key string) error {
	if err := l.store.reset(ctx, l.id(key)); err != nil {
		return fmt.Errorf("resetting the limit of %s: %w", l.prefix, err)
	}
	return nil
}

func (l *Limiter) id(key string) id {
	sum := sha256.Sum256([]byte(l.prefix + "\x00" + key))
	return id(sum[:len(id{})])
}

// cost rounds up, so that no rate is exceeded.
func (r Rate) cost() (cost, error) {
	if r.Limit < 1 || int64(r.Limit) > r.Per.Microseconds() || r.Per > maxPer {
		return cost{}, fmt.Errorf("%d in %s: %w", r.Limit, r.Per, ErrRate)
	}
	each := time.Duration(r.Limit) * time.Microsecond
	interval := (r.Per / each) * time.Microsecond
	if r.Per%each != 0 {
		interval += time.Microsecond
	}
	return cost{limit: r.Limit, interval: interval, burst: time.Duration(r.Limit) * interval}, nil
}

// decide is the algorithm: given the time and the arrival time kept, it returns the next one to keep, and the answer.
func (c cost) decide(now, arrival time.Duration) (next time.Duration, result Result) {
	// No arrival is further away than a burst, unless the clock was put back or the rate was another.
	arrival = min(max(arrival, now), now+c.burst)
	next = arrival + c.interval
	if wait := next - c.burst - now; wait > 0 {
		return arrival, Result{RetryAfter: wait}
	}
	return next, Result{Allowed: true, Remaining: int((now + c.burst - next) / c.interval)}
}
