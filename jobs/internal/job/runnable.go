package job

import (
	"context"
	"math/rand/v2"
	"time"
)

// Runnable is a decoded job.
type Runnable struct {
	// Work runs the job with all middleware.
	Work func(ctx context.Context) error
	Policy
}

// Policy controls how a decoded job is run.
type Policy struct {
	// MaxRetry is how often a failed job is retried.
	MaxRetry int
	// Timeout limits the duration of one run; zero or less means no limit.
	Timeout time.Duration
	// Backoff returns the time until the next run after attempt failed runs.
	Backoff func(attempt int) time.Duration
	// Limit and Rate limit how many jobs with their key run and start; without a key there is no limit.
	Limit Limit
	Rate  Rate
}

// Limit limits how many jobs run at the same time.
type Limit struct {
	Key  string
	Jobs int
}

// Rate limits how many jobs start per interval.
type Rate struct {
	Key  string
	Jobs int
	Per  time.Duration
}

// DefaultBackoff doubles from 2 seconds to 6 hours, with 20 % of jitter.
func DefaultBackoff(attempt int) time.Duration {
	const longest = 6 * time.Hour
	delay := longest
	if attempt < 14 { // 2^14 seconds are four and a half hours
		delay = time.Second << max(attempt, 1)
	}
	return time.Duration(float64(delay) * (0.8 + 0.4*rand.Float64()))
}

// Jitter returns d changed by up to a quarter, so that processes do not act in lockstep.
func Jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + 0.5*rand.Float64()))
}
