package jobs

import (
	"errors"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

var (
	// ErrQueueInUse is returned by [Client.Start] when another process uses the queue on the embedded Redis.
	ErrQueueInUse = job.ErrQueueInUse
	// ErrNotRegistered is returned for a job whose type was not given to [Register].
	ErrNotRegistered = job.ErrNotRegistered
	// ErrNotWaiting is returned by [Client.Cancel] for a job that has ended or does not exist.
	ErrNotWaiting = job.ErrNotWaiting
	// ErrPayloadTooLarge is returned for a job whose arguments, or a result, exceed [MaxPayload].
	ErrPayloadTooLarge = job.ErrPayloadTooLarge
	// ErrNoJob is returned by [Result] if there is no job with the id.
	ErrNoJob = job.ErrNoJob
	// ErrNotDone is returned by [Result] for a job that has not succeeded (yet).
	ErrNotDone = job.ErrNotDone
	// ErrNoBatch is returned if a batch does not exist or has ended.
	ErrNoBatch = job.ErrNoBatch
	// ErrCancelled is the cause with which a job's context ends after [Client.Cancel].
	ErrCancelled = job.ErrCancelled

	// ErrNoSchedule is returned by [Client.RunSchedule] if this process has no schedule with the name.
	ErrNoSchedule = errors.New("no such schedule")
	// ErrArguments is returned by [Client.EnqueueKind] for arguments that do not fit the kind.
	ErrArguments = errors.New("the arguments do not fit the kind")
	// ErrNotLive is returned by [Client.Live] for a client that is stopped or stuck.
	ErrNotLive = errors.New("the jobs of this process are not running")
)

var (
	errFarTime = errors.New("times after 9999-12-30 cannot be stored")
	errNilJob  = errors.New("the pointer to the job is nil")
)

// Permanent marks the error of a job as one that no retry can fix: the job is dead immediately. For a nil err it
// returns nil.
func Permanent(err error) error { return job.Permanent(err) }

// Snooze returns an error with which a job asks to run again after a delay, for example when there is nothing to do
// yet. It counts neither as a failed attempt nor as a success.
func Snooze(delay time.Duration) error { return job.Snooze(delay) }
