package job

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Errors that packages jobs and inspect return; they document them.
var (
	ErrQueueInUse      = errors.New("another process works this queue; set REDIS_URL to share it")
	ErrNotRegistered   = errors.New("the type of the job is not registered (covetjobs.Register)")
	ErrNotWaiting      = errors.New("no such job waits or runs")
	ErrPayloadTooLarge = errors.New(
		"what a job carries is at most 4 MiB of JSON; put more into the storage, and its name into the job")
	ErrDuplicate = errors.New("the same job has been enqueued again meanwhile")
	ErrNotDone   = errors.New("the job is not done")
	ErrNoBatch   = errors.New("there is no such batch, or all of its jobs have ended")
	ErrCancelled = errors.New("the job was cancelled")
	ErrNoJob     = errors.New("there is no such job")
	ErrNotEnded  = errors.New("the job is neither dead nor cancelled")
	ErrRunning   = errors.New("the job is running")
	ErrCursor    = errors.New("there is no page at this cursor")
)

// Errors of deliveries and runs.
var (
	// ErrUnknownKind is the reason why a process cannot run a job that another one may know.
	ErrUnknownKind = errors.New("no job of this kind is registered in this process")
	// ErrNewer is the reason why a process cannot run a job that a newer release enqueued.
	ErrNewer = errors.New("the arguments are of a newer version than this process knows")
	// ErrForeign is returned for a delivery whose row is not in the database.
	ErrForeign = errors.New("the row of the job is not in this database")
	// ErrStopping is the cause of the end of a job's context when its process stops.
	ErrStopping = errors.New("the worker is stopping")
)

// MaxPayload bounds the JSON of the arguments of a job, and that of a result, in bytes.
const MaxPayload = 4 << 20

// Permanent marks the error of a job as one that no retry fixes. A nil err stays nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// IsPermanent reports whether no retry fixes err.
func IsPermanent(err error) bool {
	var permanent *permanentError
	return errors.As(err, &permanent)
}

// Snooze is the error of a job that is to run again after a delay.
func Snooze(delay time.Duration) error { return &snoozeError{max(delay, 0)} }

type snoozeError struct{ delay time.Duration }

func (e *snoozeError) Error() string { return "snoozed for " + e.delay.String() }

// Snoozed returns the delay of a Snooze.
func Snoozed(err error) (time.Duration, bool) {
	var snooze *snoozeError
	if !errors.As(err, &snooze) {
		return 0, false
	}
	return snooze.delay, true
}

// PanicError is a panic in a job.
type PanicError struct {
	Value string
	Stack string
}

// Error returns the value of the panic.
func (e *PanicError) Error() string { return "panic: " + e.Value }

const (
	maxError = 8 << 10
	maxStack = 16 << 10
)

// ErrorText returns the text of err as every database can store it.
func ErrorText(err error) string { return Storable(err.Error(), maxError) }

// StackOf returns the stack where err panicked; empty if it did not.
func StackOf(err error) string {
	var panicked *PanicError
	if errors.As(err, &panicked) {
		return Storable(panicked.Stack, maxStack)
	}
	return ""
}

// Storable returns text as every database can store it, in at most limit bytes: PostgreSQL refuses NUL and invalid
// UTF-8.
func Storable(text string, limit int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= limit {
		return text
	}
	cut := limit
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut]
}

// IsStorable reports whether a row can hold text. PostgreSQL refuses even to look for text that it cannot store.
func IsStorable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
