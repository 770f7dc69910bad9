package views

import (
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold"
)

// Problem is one error in a template.
type Problem struct {
	// File is the template, relative to the root and with slashes.
	File string
	// Line and Column are the position of the error, from 1; 0 if unknown.
	Line, Column int
	// Message is the error.
	Message string
}

// Error is the list of all errors that were found, at most one per template.
type Error struct{ Problems []Problem }

// Error returns one line for each error.
func (e *Error) Error() string {
	var lines []string
	for _, p := range e.Problems {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message))
	}
	return "generating views: " + strings.Join(lines, "\n")
}

func problemOf(problem *scaffold.ViewError) Problem {
	return Problem{File: problem.Path, Line: problem.Line, Column: problem.Column, Message: problem.Message}
}
