package views

import (
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold"
)

// Problem is one mistake in a template.
type Problem struct {
	// File is the template, relative to the root and with slashes.
	File string
	// Line and Column are where the mistake is, from 1; 0 where nothing knows.
	Line, Column int
	// Message says what is wrong.
	Message string
}

// Error is all mistakes that were found, at most one in each template.
type Error struct{ Problems []Problem }

// Error returns one line for each mistake.
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
