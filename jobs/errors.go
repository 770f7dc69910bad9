package jobs

import (
	"errors"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
)

var (
	// ErrQueueInUse is returned by [Client.Start] when the queue is on the embedded Redis of another process.
	ErrQueueInUse = job.ErrQueueInUse
	// ErrNotRegistered is returned for a job whose type was not given to [Register].
	ErrNotRegistered = job.ErrNotRegistered
	// ErrNotWaiting is returned by [Client.Cancel] for a job that has ended or does not exist.
	ErrNotWaiting = job.ErrNotWaiting
	// ErrPayloadTooLarge is returned for a job whose arguments, or a result, exceed [MaxPayload].
	ErrPayloadTooLarge = job.ErrPayloadTooLarge
	// ErrNoJob is returned by [Result] for an id that no row has.
	ErrNoJob = job.ErrNoJob
	// ErrNotDone is returned by [Result] for a job that has not succeeded, or not yet.
	ErrNotDone = job.ErrNotDone
	// ErrNoBatch is returned for the id of a batch that does not exist or has ended.
	ErrNoBatch = job.ErrNoBatch
	// ErrCancelled is the cause of the end of a job's context after [Client.Cancel].
	ErrCancelled = job.ErrCancelled

	// ErrNoSchedule is returned by [Client.RunSchedule] for a name that no schedule of this process has.
	ErrNoSchedule = errors.New("there is no such schedule")
	// ErrArguments is returned by [Client.EnqueueKind] for arguments that are not those of the kind.
	ErrArguments = errors.New("these are not the arguments of the kind")
	// ErrNotLive is returned by [Client.Live].
	ErrNotLive = errors.New("the process does not do its work")
)

var (
	errFarTime = errors.New("no time after 9999-12-30 can be stored")
	errNilJob  = errors.New("the pointer to the job is nil")
)

// Permanent marks the error of a job as one that no retry fixes: the job is dead at once. A nil err stays nil.
func Permanent(err error) error { return job.Permanent(err) }

// Snooze is what a job returns to run again after a while, as one that finds nothing to do yet. It counts neither as a
// failed attempt nor as a success.
func Snooze(delay time.Duration) error { return job.Snooze(delay) }
