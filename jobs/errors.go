package jobs

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrQueueInUse is returned by [Client.Start] when the queue is on the embedded Redis of another process.
var ErrQueueInUse = errors.New("another process works this queue; set REDIS_URL to share it")

// ErrNotRegistered is returned for a job whose type was not given to [Register].
var ErrNotRegistered = errors.New("the type of the job is not registered (covetjobs.Register)")

// ErrNotWaiting is returned by [Client.Cancel] for a job that has ended or does not exist.
var ErrNotWaiting = errors.New("no such job waits or runs")

// ErrPayloadTooLarge is returned for a job whose arguments, or a result, exceed [MaxPayload].
var ErrPayloadTooLarge = errors.New("what a job carries is at most 4 MiB of JSON; put more into the storage, and its name into the job")

// ErrDuplicate is returned by [Client.Retry] for a unique job whose place another one has taken.
var ErrDuplicate = errors.New("the same job has been enqueued again meanwhile")

// ErrNotDone is returned by [Result] for a job that has not succeeded, or not yet.
var ErrNotDone = errors.New("the job is not done")

// ErrNoSchedule is returned by [Client.RunSchedule] for a name that no schedule of this process has.
var ErrNoSchedule = errors.New("there is no such schedule")

// ErrNoBatch is returned for the id of a batch that does not exist or has ended.
var ErrNoBatch = errors.New("there is no such batch, or all of its jobs have ended")

// ErrCancelled is the cause of the end of a job's context after [Client.Cancel].
var ErrCancelled = errors.New("the job was cancelled")

// ErrNoJob is returned by [Client.Row], [Client.Retry] and [Client.Delete] for an id that no row has.
var ErrNoJob = errors.New("there is no such job")

// ErrNotEnded is returned by [Client.Retry] for a job that is neither dead nor cancelled.
var ErrNotEnded = errors.New("the job is neither dead nor cancelled")

// ErrRunning is returned by [Client.Delete] for a job that runs.
var ErrRunning = errors.New("the job is running")

// ErrCursor is returned by [Client.Rows] for a cursor that no page has given out.
var ErrCursor = errors.New("there is no page at this cursor")

var (
	errUnknownKind = errors.New("no job of this kind is registered in this process")
	errForeign     = errors.New("the row of the job is not in this database")
	errNoQueue     = errors.New("the embedded queue is that of the process that works; set REDIS_URL to share a queue, or use Enqueue, which needs none")
	errFarTime     = errors.New("no time after 9999-12-30 can be stored")
	errNilJob      = errors.New("the pointer to the job is nil")
	errStopping    = errors.New("the worker is stopping")
	errTimeout     = errors.New("the job exceeded its timeout")
	errExited      = errors.New("the job ended its goroutine (runtime.Goexit)")
	errNewer       = errors.New("the arguments are of a newer version than this process knows")
	errAbandoned   = errors.New("the job did not return after its context was cancelled")
)

// Permanent marks the error of a job as one that no retry mends: the job is dead at once. A nil err stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	var permanent *permanentError
	return errors.As(err, &permanent)
}

// Snooze is what a job returns to run again after a while, as one that finds nothing to do yet. It counts neither as a
// failed attempt nor as a success.
func Snooze(delay time.Duration) error { return &snoozeError{max(delay, 0)} }

type snoozeError struct{ delay time.Duration }

func (e *snoozeError) Error() string { return "snoozed for " + e.delay.String() }

// snoozed returns the delay of a Snooze.
func snoozed(err error) (time.Duration, bool) {
	var snooze *snoozeError
	if !errors.As(err, &snooze) {
		return 0, false
	}
	return snooze.delay, true
}

// panicError is a panic in a job.
type panicError struct {
	value string
	stack string
}

func (e *panicError) Error() string { return "panic: " + e.value }

const (
	maxError = 8 << 10
	maxStack = 16 << 10
)

// storable makes the text of err fit every database.
func storable(err error) string { return fitting(err.Error(), maxError) }

// stackOf returns where err panicked, if it did.
func stackOf(err error) string {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return fitting(panicked.stack, maxStack)
	}
	return ""
}

// fitting makes text fit every database: PostgreSQL refuses NUL and invalid UTF-8.
func fitting(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= most {
		return text
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}
