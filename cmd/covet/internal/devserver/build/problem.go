package build

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Problem is one mistake that the go command names.
type Problem struct {
	// File is relative to the application, with slashes, or absolute when it is elsewhere.
	File string
	// Line and Column count from 1. Column is 0 when only the line is known.
	Line, Column int
	// Message says what is wrong. It may have several lines.
	Message string
}

// Error is an application that was not built.
type Error struct {
	// Problems are all mistakes with a place, at most [MaxProblems], in the order in which they were found.
	Problems []Problem
	// Text says what is wrong as a whole.
	Text string
	// Output is what the go command printed.
	Output string
	// Hint says what to do next. It may be empty.
	Hint string
	// Command is the command that failed, as a person would type it.
	Command string
	// Took is how long it ran.
	Took time.Duration
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// MaxProblems bounds how many problems one error has: nobody reads more, and one mistake can cause thousands.
const MaxProblems = 200

func newError(config Config, output string, cause error, took time.Duration) *Error {
	problems := Parse(output)
	for i, p := range problems {
		if relative, err := filepath.Rel(config.Root, p.File); err == nil && filepath.IsAbs(p.File) &&
			filepath.IsLocal(relative) {
			problems[i].File = filepath.ToSlash(relative)
		}
	}
	return &Error{
		Problems: problems, Text: fmt.Sprintf("building %s: %v", config.Name, cause),
		Output: output, Hint: Hint(output), Command: "go build ./cmd/" + config.Name, Took: took,
	}
}

// place matches "app/posts/posts.go:12:3: undefined: x". A drive letter may come first.
var place = regexp.MustCompile(
	`^\s*((?:[A-Za-z]:)?[^\s:][^:]*\.[A-Za-z]+|(?:.*/)?go\.(?:mod|sum|work)):(\d+)(?::(\d+))?: (.+)$`)

// Parse finds the problems in what the go command printed.
func Parse(output string) []Problem {
	var problems []Problem
	open := false // whether the lines that follow may belong to the last problem
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		match := place.FindStringSubmatch(line)
		switch {
		case match != nil && strings.HasPrefix(line, "\t") && open: // "\tother.go:3:6: other declaration of x"
			problems[len(problems)-1].Message += "\n" + strings.TrimSpace(line)
		case match != nil:
			if len(problems) == MaxProblems {
				return problems
			}
			row, _ := strconv.Atoi(match[2]) // digits; a number too large is no line
			column, _ := strconv.Atoi(match[3])
			problems = append(problems, Problem{File: filepath.ToSlash(match[1]), Line: row, Column: column, Message: match[4]})
			open = true
		case strings.HasPrefix(line, "\t") && open:
			problems[len(problems)-1].Message += "\n" + strings.TrimSpace(line)
		default:
			open = false
		}
	}
	return problems
}
