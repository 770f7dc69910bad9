package jobs

import (
	"cmp"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// DefaultQueue is the queue of jobs that name none.
const DefaultQueue = job.DefaultQueue

// Priority is the place of a kind of jobs within its queue.
type Priority = job.Priority

const (
	// Low jobs go last: while others wait, about one in a hundred is one of them.
	Low = job.Low
	// Normal is the priority of jobs that declare none.
	Normal = job.Normal
	// High jobs go first: while they wait, about nine in ten are one of them, so that the others still come forward.
	High = job.High
)

const (
	defaultMaxRetry = 25
	defaultTimeout  = 30 * time.Minute
)

// Options are declared beside a job, in a method of it:
//
//	func (Welcome) Options() covetjobs.Options { return covetjobs.Options{Queue: "mail", MaxRetry: 5} }
//
// Queue, Priority and Encrypt are asked of the zero value when the job is registered, Unique of the job when it is
// enqueued, and the rest of the decoded job before each run, so that it may depend on the arguments and a new release
// applies to jobs that are waiting.
type Options struct {
	// Queue is the queue of the job: lower-case letters, digits, ".", "_" and "-". Defaults to "default".
	Queue string
	// Priority is the place of the job in its queue: High, Normal or Low. Defaults to Normal.
	Priority Priority
	// MaxRetry is how often a failed job is tried again; negative means never. Defaults to 25, which
	// DefaultBackoff spreads over three days.
	MaxRetry int
	// Timeout is how long one run may take. Then its context is cancelled and, once Work returns, the run has
	// failed; a Work that does not return within ten seconds more is given up and reported. Negative means no limit.
	// Defaults to 30 minutes.
	Timeout time.Duration
	// Backoff returns how long to wait before the next run, after attempt failed runs (1 after the first). Defaults
	// to DefaultBackoff.
	Backoff func(attempt int) time.Duration
	// Unique says which other jobs are the same, so that only one of them is enqueued: ByKind, ByArgs or ByKey.
	// Defaults to none.
	Unique Unique
	// Limit bounds how many jobs of the kind, or with the same key, run at a time in all processes. A job beyond it
	// waits, and loses no attempt. Defaults to no limit.
	Limit Limit
	// Rate bounds how many jobs of the kind, or with the same key, start in a span of time in all processes. A job
	// beyond it waits, and loses no attempt. Defaults to no limit.
	Rate Rate
	// Encrypt stores the arguments, in the database and in Redis, encrypted with a key derived from the application's
	// SECRET_KEY. Names of kinds and queues, results and errors stay readable. Defaults to false.
	Encrypt bool
}

func (o Options) withDefaults() Options {
	if o.Queue == "" {
		o.Queue = DefaultQueue
	}
	switch {
	case o.MaxRetry == 0:
		o.MaxRetry = defaultMaxRetry
	case o.MaxRetry < 0:
		o.MaxRetry = 0
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Backoff == nil {
		o.Backoff = DefaultBackoff
	}
	return o
}

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

// policy returns how jobs of a kind with these options are run.
func (o Options) policy(kind string) job.Policy {
	p := job.Policy{MaxRetry: o.MaxRetry, Timeout: o.Timeout, Backoff: o.Backoff}
	if o.Limit.Jobs > 0 {
		p.Limit = job.Limit{Key: cmp.Or(o.Limit.Key, kind), Jobs: o.Limit.Jobs}
	}
	if o.Rate.Jobs > 0 {
		p.Rate = job.Rate{Key: cmp.Or(o.Rate.Key, kind), Jobs: o.Rate.Jobs, Per: time.Second}
		if o.Rate.Per > 0 {
			p.Rate.Per = o.Rate.Per
		}
	}
	return p
}

// DefaultBackoff doubles from 2 seconds to 6 hours, with 20 % of jitter either way so that jobs that failed together
// do not return together: about 2s, 4s, 8s, … 4h30m, 6h, 6h.
func DefaultBackoff(attempt int) time.Duration { return job.DefaultBackoff(attempt) }

// ValidateQueue returns an error if no queue can have this name: it has up to 64 lower-case letters, digits, '.', '_'
// and '-', and begins with a letter or a digit.
func ValidateQueue(name string) error { return job.ValidateQueue(name) }

// EnqueueOption changes how one job is enqueued.
type EnqueueOption func(*enqueueOptions)

type enqueueOptions struct {
	queue     string
	delay     time.Duration
	runAt     time.Time
	unique    *Unique
	duplicate *bool
	batch     string
}

// reportDuplicate sets what Duplicate was given.
func (o enqueueOptions) reportDuplicate(found bool) {
	if found && o.duplicate != nil {
		*o.duplicate = true
	}
}

// In delays the job: it starts at the earliest after delay.
func In(delay time.Duration) EnqueueOption {
	return func(o *enqueueOptions) { o.delay, o.runAt = delay, time.Time{} }
}

// At delays the job: it starts at the earliest at t. A time that has passed means now; one beyond the year 9999 is an
// error.
func At(t time.Time) EnqueueOption {
	return func(o *enqueueOptions) { o.delay, o.runAt = 0, t }
}

// Queue sends the job to the queue called name instead of the one it declares.
func Queue(name string) EnqueueOption {
	return func(o *enqueueOptions) { o.queue = name }
}

// UniqueBy makes the job unique, in another way than it declares or although it declares none.
func UniqueBy(u Unique) EnqueueOption {
	return func(o *enqueueOptions) { o.unique = &u }
}

// Duplicate tells, in found, whether the job was not enqueued because the same one has been; see [Unique]. Enqueue then
// returns the id of that one.
func Duplicate(found *bool) EnqueueOption {
	return func(o *enqueueOptions) { o.duplicate = found }
}

// InBatch adds the job to a batch that has not ended; [ErrNoBatch] is returned when it has. A member of the batch
// always can: until its own end the batch goes on.
func InBatch(id string) EnqueueOption {
	return func(o *enqueueOptions) { o.batch = id }
}
