// Package throttle limits how often something may happen: log-ins to an account, requests from an address.
//
//	limiter := throttle.New(a.Redis, "login")
//
//	result, err := limiter.Allow(ctx, "address:"+ip, throttle.Rate{Limit: 20, Per: time.Minute})
//	if err != nil {
//		return err // or go on without a limit: see below
//	}
//	if !result.Allowed {
//		return tooMany(result.RetryAfter)
//	}
//
// The algorithm is the generic cell rate algorithm (GCRA): a key may use its limit at once, and then once more each
// time that Per divided by Limit has passed. In any interval, that is at most the limit plus what was restored during
// it. Rejected requests cost nothing, so that a client that keeps trying is served again at the same rate.
//
// With a Redis server all processes share the counts. A script reads and writes atomically, with the clock of the
// server, so the clocks of machines need not agree. With the embedded Redis, which no other process shares, the counts
// are stored in memory, at most 100,000 of them: see [New].
//
// # When Redis is unavailable
//
// [Limiter.Allow] returns the error and a [Result] that allows nothing. The caller decides what to do: log-ins should
// be refused, because limits prevent password guessing; an API with authenticated users may continue. The timeouts of
// the connection, and ctx, limit how long a caller waits.
package throttle
