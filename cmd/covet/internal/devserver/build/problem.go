package build

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Problem is one error of the go command.
type Problem struct {
	// File is relative to the application, with slashes, or absolute if it is elsewhere.
	File string
	// Line and Column count from 1. Column is 0 if only the line is known.
	Line, Column int
	// Message is the error. It may have several lines.
	Message string
}

// Error is a failed build.
type Error struct {
	// Problems are all errors with a position, at most [MaxProblems], in the order of the output.
	Problems []Problem
	// Text summarizes the error.
	Text string
	// Output is what the go command printed.
	Output string
	// Hint is what to do next. It may be empty.
	Hint string
	// Command is the command that failed, as typed on a command line.
	Command string
	// Took is its duration.
	Took time.Duration
}

// Error returns the text.
func (e *Error) Error() string { return e.Text }

// MaxProblems is the maximum number of problems of one error. One mistake can cause thousands.
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

// Parse finds the problems in the output of the go command.
func Parse(output string) []Problem {
	var problems []Problem
	open := false // whether the next lines may belong to the last problem
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
			row, _ := strconv.Atoi(match[2]) // digits; an overflowing number is not a line
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
