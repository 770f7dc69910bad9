// Package usage contains the errors about arguments of a generator.
package usage

import "fmt"

// Error reports a request that cannot be fulfilled.
type Error struct {
	// Problem says what is wrong, and Hint what to do.
	Problem, Hint string
}

// Error returns the problem.
func (e *Error) Error() string { return e.Problem }

// UnknownError reports a name that does not exist.
type UnknownError struct {
	// Noun is the sort of thing, such as "model", and Name what was asked for.
	Noun, Name string
	// Known are the names that exist.
	Known []string
}

// Error says what does not exist.
func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.Noun, e.Name) }
