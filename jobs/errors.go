package jobs

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// ErrQueueInUse is returned by [Client.Start] when the queue is on the embedded Redis of another process.
var ErrQueueInUse = errors.New("another process works this queue; set REDIS_URL to share it")

// ErrNotRegistered is returned for a job whose type was not given to [Register].
var ErrNotRegistered = errors.New("the type of the job is not registered (covetjobs.Register)")

// ErrNotWaiting is returned by [Client.Cancel] for a job that has started, has ended or does not exist.
var ErrNotWaiting = errors.New("no such job is waiting")

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
	errStopping    = errors.New("the worker is stopping")
	errTimeout     = errors.New("the job exceeded its timeout")
	errExited      = errors.New("the job ended its goroutine (runtime.Goexit)")
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

// panicError is a panic in a job.
type panicError struct {
	value string
	stack string
}

func (e *panicError) Error() string { return "panic: " + e.value }

// storable makes the text of err fit every database: PostgreSQL refuses NUL and invalid UTF-8.
func storable(err error) string {
	const most = 8 << 10
	text := err.Error()
	var panicked *panicError
	if errors.As(err, &panicked) {
		text += "\n\n" + panicked.stack
	}
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
