package proxy

import (
	"strconv"
	"time"
)

// Kind is the kind of a [Fault].
type Kind string

// The kinds of faults.
const (
	Build         Kind = "build"         // the application does not compile
	View          Kind = "view"          // a template has a syntax error
	Start         Kind = "start"         // the application exited before it was ready
	Exit          Kind = "exit"          // the application exited by itself, for example by a panic
	Pending       Kind = "migration"     // the database lacks migrations
	Configuration Kind = "configuration" // the configuration is invalid
)

// Fault is why the application cannot respond. Zero fields are not shown.
type Fault struct {
	Kind Kind
	// Title is one line. Defaults to a line for the kind.
	Title string
	// Detail explains it.
	Detail string
	// Hint is what to do next.
	Hint string
	// Problems are positions in source files.
	Problems []Problem
	// Output is the end of the output of the command or the application.
	Output string
	// Migrations are the pending migrations.
	Migrations []Migration
	// Command is the command that failed.
	Command string
	// Took is its duration.
	Took time.Duration
}

// Problem is an error at one position of a source file.
type Problem struct {
	File    string // as the compiler prints it: absolute, or relative to the project
	Line    int    // from 1; 0 if unknown
	Column  int    // in bytes, from 1; 0 if unknown
	Message string
}

// String returns the position, as far as it is known, and the message.
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
	Exit:          "The application exited",
	Pending:       "Migrations are pending",
	Configuration: "The configuration is invalid",
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
