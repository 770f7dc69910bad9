package job

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// Errors of the packages jobs and inspect, which document them.
var (
	ErrQueueInUse      = errors.New("another process runs the jobs of this queue; set REDIS_URL to share it")
	ErrNotRegistered   = errors.New("the type of the job is not registered (covetjobs.Register)")
	ErrNotWaiting      = errors.New("no such waiting or running job")
	ErrPayloadTooLarge = errors.New(
		"arguments and results of jobs are limited to 4 MiB of JSON; store larger data in the storage and its key in the job")
	ErrDuplicate = errors.New("the same job has been enqueued in the meantime")
	ErrNotDone   = errors.New("the job is not done")
	ErrNoBatch   = errors.New("no such batch, or all of its jobs have ended")
	ErrCancelled = errors.New("the job was cancelled")
	ErrNoJob     = errors.New("no such job")
	ErrNotEnded  = errors.New("the job is neither dead nor cancelled")
	ErrRunning   = errors.New("the job is running")
	ErrCursor    = errors.New("invalid cursor")
)

// Errors of deliveries and runs.
var (
	// ErrUnknownKind means that this process cannot run a job, although another one may.
	ErrUnknownKind = errors.New("no job of this kind is registered in this process")
	// ErrNewer means that this process cannot run a job of a newer release.
	ErrNewer = errors.New("the arguments have a newer version than this process supports")
	// ErrForeign is returned for a delivery whose row is not in the database.
	ErrForeign = errors.New("the row of the job is not in this database")
	// ErrStopping is the cause with which a job's context ends when its process stops.
	ErrStopping = errors.New("the worker is stopping")
)

// MaxPayload is the maximum size of a job's arguments and of its result as JSON, in bytes.
const MaxPayload = 4 << 20

// Permanent marks the error of a job as one that no retry can fix. For a nil err it returns nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// IsPermanent reports whether err is marked by Permanent.
func IsPermanent(err error) bool {
	var permanent *permanentError
	return errors.As(err, &permanent)
}

// Snooze returns the error with which a job asks to run again after a delay.
func Snooze(delay time.Duration) error { return &snoozeError{max(delay, 0)} }

type snoozeError struct{ delay time.Duration }

func (e *snoozeError) Error() string { return "snoozed for " + e.delay.String() }

// Snoozed returns the delay of an error that Snooze returned.
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

// ErrorText returns the text of err in a form that every database can store.
func ErrorText(err error) string { return Storable(err.Error(), maxError) }

// StackOf returns the stack of a panic; empty if err is not one.
func StackOf(err error) string {
	var panicked *PanicError
	if errors.As(err, &panicked) {
		return Storable(panicked.Stack, maxStack)
	}
	return ""
}

// Storable returns text in a form that every database can store, in at most limit bytes. PostgreSQL refuses NUL and
// invalid UTF-8.
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

// IsStorable reports whether a row can contain text. PostgreSQL refuses other text in conditions as well.
func IsStorable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }
