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
// The algorithm is the generic cell rate algorithm (GCRA): a key may spend its limit at once, and then one more each
// time that Per divided by Limit has passed. In any span of time, that is at most the limit plus what came back during
// the span. Requests that are refused cost nothing, so that a client that keeps trying is served again at the same rate.
//
// With a Redis server all processes share the counts. A script reads and writes in one step, by the clock of the
// server; those of the machines need not agree. With the embedded Redis, which no other process shares, the counts are
// kept in memory, 100,000 of them at most: see [New].
//
// # When Redis is away
//
// [Limiter.Allow] returns the error and a [Result] that allows nothing. What to do is the caller's to decide: log-ins
// are better refused, as limits are what stands between a password and all guesses; an API with authenticated users
// goes on. How long a caller waits is bounded by the timeouts of the connection, and by ctx.
package throttle
