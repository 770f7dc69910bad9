package job

import (
	"context"
	"math/rand/v2"
	"time"
)

// Runnable is a decoded job.
type Runnable struct {
	// Work runs the job, within all middleware.
	Work func(ctx context.Context) error
	Policy
}

// Policy says how a decoded job is run.
type Policy struct {
	// MaxRetry is how often a failed job is tried again.
	MaxRetry int
	// Timeout bounds one run; zero or less is no bound.
	Timeout time.Duration
	// Backoff returns the time until the next run after attempt failed runs.
	Backoff func(attempt int) time.Duration
	// Limit and Rate bound how many jobs with their key run; without a key there is no bound.
	Limit Limit
	Rate  Rate
}

// Limit bounds how many jobs run at a time.
type Limit struct {
	Key  string
	Jobs int
}

// Rate bounds how many jobs start in a span of time.
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

// Jitter returns d with up to a quarter more or less, so that processes do not act in step.
func Jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.75 + 0.5*rand.Float64()))
}
