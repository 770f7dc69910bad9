package jobs

import (
	"cmp"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

// DefaultQueue is the queue of jobs that do not declare one.
const DefaultQueue = job.DefaultQueue

// Priority is the priority of a kind of jobs within its queue.
type Priority = job.Priority

const (
	// Low jobs run last: while others wait, about one in a hundred jobs is a low one.
	Low = job.Low
	// Normal is the default priority.
	Normal = job.Normal
	// High jobs run first: while they wait, about nine in ten jobs are high ones, so that the others are not starved.
	High = job.High
)

const (
	defaultMaxRetry = 25
	defaultTimeout  = 30 * time.Minute
)

// Options are declared by a method of the job:
//
//	func (Welcome) Options() covetjobs.Options { return covetjobs.Options{Queue: "mail", MaxRetry: 5} }
//
// Queue, Priority and Encrypt are read from the zero value when the job is registered, Unique from the job when it is
// enqueued, and the rest from the decoded job before each run. These may therefore depend on the arguments, and a new
// release changes them for waiting jobs.
type Options struct {
	// Queue is the queue of the job: lower-case letters, digits, ".", "_" and "-". Defaults to "default".
	Queue string
	// Priority is the priority of the job within its queue: High, Normal or Low. Defaults to Normal.
	Priority Priority
	// MaxRetry is how often a failed job is retried; negative means never. Defaults to 25, which DefaultBackoff spreads
	// over three days.
	MaxRetry int
	// Timeout limits the duration of one run. When it has passed, the context is cancelled, and the run has failed once
	// Work returns. If Work does not return within another ten seconds, it is abandoned and reported. Negative means no
	// limit. Defaults to 30 minutes.
	Timeout time.Duration
	// Backoff returns the delay until the next run, after attempt failed runs (1 after the first). Defaults to
	// DefaultBackoff.
	Backoff func(attempt int) time.Duration
	// Unique says which jobs are the same, so that only one of them is enqueued: ByKind, ByArgs or ByKey. Defaults to
	// none.
	Unique Unique
	// Limit limits how many jobs of the kind, or with the same key, run at the same time in all processes. A job above
	// the limit waits and uses up no attempt. Defaults to no limit.
	Limit Limit
	// Rate limits how many jobs of the kind, or with the same key, start per time in all processes. A job above the
	// limit waits and uses up no attempt. Defaults to no limit.
	Rate Rate
	// Encrypt stores the arguments encrypted, in the database and in Redis, with a key derived from the application's
	// SECRET_KEY. Kinds, queues, results and errors are not encrypted. Defaults to false.
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

// Limit limits how many jobs run at the same time in all processes. The zero value is no limit.
type Limit struct {
	// Jobs is the number of jobs that may run at the same time.
	Jobs int
	// Key identifies what the limit applies to, such as a customer. Jobs of different kinds with the same key share it.
	// Defaults to the kind of the job.
	Key string
}

// Rate limits how many jobs start in all processes: up to Jobs at once, and then one more each time that Per divided by
// Jobs has passed. The zero value is no limit.
type Rate struct {
	// Jobs is how many jobs may start within Per.
	Jobs int
	// Per is the interval. Defaults to one second.
	Per time.Duration
	// Key identifies what the limit applies to. Jobs of different kinds with the same key share it. Defaults to the
	// kind of the job.
	Key string
}

// policy returns the policy of the runs of a kind with these options.
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

// DefaultBackoff doubles from 2 seconds to 6 hours, with 20 % of jitter so that jobs that failed together do not return
// together: about 2s, 4s, 8s, … 4h30m, 6h, 6h.
func DefaultBackoff(attempt int) time.Duration { return job.DefaultBackoff(attempt) }

// ValidateQueue returns an error unless name is a valid name of a queue: up to 64 lower-case letters, digits, '.', '_'
// and '-', beginning with a letter or a digit.
func ValidateQueue(name string) error { return job.ValidateQueue(name) }

// EnqueueOption changes how a job is enqueued.
type EnqueueOption func(*enqueueOptions)

type enqueueOptions struct {
	queue     string
	delay     time.Duration
	runAt     time.Time
	unique    *Unique
	duplicate *bool
	batch     string
}

// reportDuplicate sets the variable that was passed to Duplicate.
func (o enqueueOptions) reportDuplicate(found bool) {
	if found && o.duplicate != nil {
		*o.duplicate = true
	}
}

// In delays the job by at least delay.
func In(delay time.Duration) EnqueueOption {
	return func(o *enqueueOptions) { o.delay, o.runAt = delay, time.Time{} }
}

// At delays the job until t at the earliest. A time in the past means now. A time after the year 9999 is an error.
func At(t time.Time) EnqueueOption {
	return func(o *enqueueOptions) { o.delay, o.runAt = 0, t }
}

// Queue enqueues the job in the named queue instead of the one that it declares.
func Queue(name string) EnqueueOption {
	return func(o *enqueueOptions) { o.queue = name }
}

// UniqueBy makes the job unique by u instead of by what it declares.
func UniqueBy(u Unique) EnqueueOption {
	return func(o *enqueueOptions) { o.unique = &u }
}

// Duplicate sets found to whether the same job was already enqueued, in which case Enqueue returns the id of that one;
// see [Unique].
func Duplicate(found *bool) EnqueueOption {
	return func(o *enqueueOptions) { o.duplicate = found }
}

// InBatch adds the job to a batch that has not ended; if it has, Enqueue returns [ErrNoBatch]. A running member can
// always add jobs, because the batch does not end before it.
func InBatch(id string) EnqueueOption {
	return func(o *enqueueOptions) { o.batch = id }
}
