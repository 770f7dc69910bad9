// Package exit defines how a command exits: its exit code, and its error message on standard error. The covet command
// and every application's own binary share it, so that scripts can rely on one table.
//
//	func main() {
//		err := run()
//		os.Exit(exit.Report(os.Stderr, "blog", err))
//	}
//
// An error says what went wrong; its hint says what to do:
//
//	exit.New(exit.Unavailable, "Start it, or set DATABASE_URL.", "the database does not answer")
package exit

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The exit codes. They are a contract with users: a code never changes its meaning.
const (
	// OK means success.
	OK = 0
	// Failure is any other failure.
	Failure = 1
	// Usage means an unknown command or flag, or a missing or invalid argument.
	Usage = 2
	// Config means that the configuration is invalid or unreadable.
	Config = 3
	// Unavailable means that a dependency of the command is unavailable: a database, Redis, a port, the Go toolchain.
	Unavailable = 4
	// Refused means that the command would overwrite or delete something.
	Refused = 5
	// Interrupted means that the user stopped the command (128 + SIGINT).
	Interrupted = 130
)

// Codes describes every exit code, in ascending order, for help texts.
func Codes() []Code {
	return []Code{
		{OK, "done"},
		{Failure, "any other failure"},
		{Usage, "unknown command or flag, missing or invalid argument"},
		{Config, "configuration invalid or unreadable"},
		{Unavailable, "a database, Redis, a port or the Go toolchain is unavailable"},
		{Refused, "the command would overwrite or delete something"},
		{Interrupted, "stopped by the user"},
	}
}

// Code is an exit code with its meaning.
type Code struct {
	Number  int
	Meaning string
}

// Error is an error with an exit code and a hint.
type Error struct {
	// Code is one of the exit codes of this package.
	Code int
	// Err says what went wrong, and is never nil.
	Err error
	// Hint is one or two full sentences that say what to do next. It may be empty.
	Hint string
}

// New returns an error with a code, a hint and a formatted text. The format
// takes %w like [fmt.Errorf].
func New(code int, hint, format string, args ...any) *Error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...), Hint: hint}
}

// Wrap gives err a code and a hint. It returns nil for a nil err.
func Wrap(code int, hint string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err, Hint: hint}
}

// Error returns the text of what went wrong, without the hint.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong, for [errors.Is] and [errors.As].
func (e *Error) Unwrap() error { return e.Err }

// Report writes err as one paragraph that starts with the program's name, and returns the exit code. A nil err writes
// nothing and returns OK; an error that is not an [*Error] returns Failure.
func Report(w io.Writer, program string, err error) int {
	if err == nil {
		return OK
	}
	code, hint := Failure, ""
	var known *Error
	if errors.As(err, &known) {
		code, hint = known.Code, known.Hint
	}
	text := sentence(err.Error())
	if hint != "" {
		text += " " + hint
		if strings.Contains(hint, "\n") {
			text = sentence(err.Error()) + "\n" + hint
		}
	}
	fmt.Fprintf(w, "%s: %s\n", program, text)
	return code
}

// sentence closes a text with a full stop unless it ends in punctuation.
func sentence(s string) string {
	s = strings.TrimRight(s, " \n")
	if s == "" || strings.ContainsRune(".!?:", rune(s[len(s)-1])) {
		return s
	}
	return s + "."
}
