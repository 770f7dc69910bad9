package proxy

import (
	"strconv"
	"time"
)

// Kind is the kind of a [Fault].
type Kind string

// The kinds of faults.
const (
	Build         Kind = "build"         // the compiler refuses the code
	View          Kind = "view"          // a template has a syntax error
	Start         Kind = "start"         // the application ended before it was ready
	Exit          Kind = "exit"          // the application ended by itself, as by a panic
	Pending       Kind = "migration"     // the database lacks migrations
	Configuration Kind = "configuration" // the configuration is refused
)

// Fault is what stands between a request and the application. Its zero fields are left out of what is shown.
type Fault struct {
	Kind Kind
	// Title says in one line what is wrong. Defaults to a line for the kind.
	Title string
	// Detail says more.
	Detail string
	// Hint says what to do next.
	Hint string
	// Problems point into source files.
	Problems []Problem
	// Output is the end of what the command or the application wrote.
	Output string
	// Migrations are pending.
	Migrations []Migration
	// Command is what was run.
	Command string
	// Took is how long it ran.
	Took time.Duration
}

// Problem is one place in a source file at which something is wrong.
type Problem struct {
	File    string // as the compiler names it: absolute, or below the project
	Line    int    // from 1; 0 when unknown
	Column  int    // in bytes, from 1; 0 when unknown
	Message string
}

// String writes the place, as far as it is known, and the message.
func (p Problem) String() string {
	text := p.File
	for _, number := range []int{p.Line, p.Column} {
		if number == 0 {
			break
		}
		text += ":" + strconv.Itoa(number)
	}
	return text + ": " + p.Message
}

// Migration is a pending migration.
type Migration struct {
	Source  string `json:"line"` // "covet" or the application's own
	Version int64  `json:"version"`
	Name    string `json:"name"`
}

var titles = map[Kind]string{
	Build:         "The application does not compile",
	View:          "A template does not compile",
	Start:         "The application did not start",
	Exit:          "The application ended",
	Pending:       "Migrations are pending",
	Configuration: "The configuration is not complete",
}

// title returns the title, or the one of the kind.
func (f *Fault) title() string {
	if f.Title != "" {
		return f.Title
	}
	if title, ok := titles[f.Kind]; ok {
		return title
	}
	return "The application is not available"
}
