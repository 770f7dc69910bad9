// Package terminal is the user interface of "covet serve": it prints progress between the lines of the application,
// which it forwards unchanged.
//
//	screen := terminal.New(terminal.Config{Out: os.Stdout, Root: root, URL: "http://localhost:8000", Color: true})
//	screen.Changed([]string{"app/posts/posts.go"}) // "  changed  app/posts/posts.go"
//	keys, err := terminal.ReadKeys(os.Stdin)
//	defer keys.Close()
package terminal

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// Config configures a Screen. The zero value of a field means its default.
type Config struct {
	// Out is where everything is written.
	Out io.Writer
	// URL is the address of the application.
	URL string
	// Color enables colors. Defaults to false.
	Color bool
	// Keys reports whether keys are read, so that help lists them. Defaults to false.
	Keys bool
	// Clearable reports whether the terminal can be cleared. Defaults to false.
	Clearable bool
}

// Screen prints progress. It is safe for concurrent use.
type Screen struct {
	config Config
	mu     sync.Mutex
	last   string // the last line, if it was written by the screen
	passed bool   // a line that the next one replaces is shown
}

// New returns a screen.
func New(config Config) *Screen { return &Screen{config: config} }

// The colors, as terminals number them.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	dim    = "2"
)

func (s *Screen) paint(color, text string) string {
	if !s.config.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// Write implements io.Writer for the output of the application.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = ""
	s.erase()
	return s.config.Out.Write(p)
}

// line writes a line: a word and its subject.
func (s *Screen) line(color, word, text string) {
	line := "  " + s.paint(color, fmt.Sprintf("%-8s", word)) + " " + text + "\n"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	if line != s.last { // one line for a file that is saved repeatedly
		_, _ = io.WriteString(s.config.Out, line)
	}
	s.last = line
}

// erase removes the line of [Screen.progress].
func (s *Screen) erase() {
	if s.passed {
		_, _ = io.WriteString(s.config.Out, "\r\x1b[2K")
		s.passed = false
	}
}

// progress writes a line about a running step. On a terminal, the next line replaces it.
func (s *Screen) progress(word, text string) {
	if !s.config.Clearable {
		s.line(dim, word, text)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	_, _ = io.WriteString(s.config.Out, "  "+s.paint(dim, fmt.Sprintf("%-8s", word))+" "+text)
	s.passed = true
}

// shown is the maximum number of files and problems in a line.
const shown = 3

// Changed reports changed files.
func (s *Screen) Changed(paths []string) {
	text := strings.Join(paths[:min(shown, len(paths))], ", ")
	if more := len(paths) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	s.line(cyan, "changed", text)
}

// Building reports that a build is running. The first one may compile all dependencies.
func (s *Screen) Building(first bool, elapsed time.Duration) {
	text := wholeSeconds(elapsed)
	if first {
		text += ", the first build takes longer"
	}
	s.progress("building", text)
}

// Starting reports that the application is starting and does not respond yet.
func (s *Screen) Starting(elapsed time.Duration) { s.progress("starting", wholeSeconds(elapsed)) }

func wholeSeconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }

// Built reports how long a build took.
func (s *Screen) Built(took time.Duration) { s.line(cyan, "built", Seconds(took)) }

// Ready reports that the application is ready, and its address.
func (s *Screen) Ready(time.Duration) { s.line(green, "ready", s.config.URL) }

// Notice prints another message.
func (s *Screen) Notice(text string) { s.line(yellow, "note", text) }

// Help prints the address of the application and the keys.
func (s *Screen) Help() {
	text := "Ctrl-C stops"
	if s.config.Keys {
		text = "r rebuild, o open in the browser, c clear, q quit"
	}
	s.line(dim, "keys", s.paint(dim, text))
}

// Clear clears the terminal.
func (s *Screen) Clear() {
	if s.config.Clearable {
		_, _ = io.WriteString(s, "\x1b[H\x1b[2J\x1b[3J")
	}
	s.Help()
}

// labels describe the kinds of faults in a line.
var labels = map[proxy.Kind]string{
	proxy.Build:         "it does not compile",
	proxy.View:          "a template has a mistake",
	proxy.Start:         "it did not start",
	proxy.Exit:          "it has ended",
	proxy.Pending:       "migrations are pending",
	proxy.Configuration: "the configuration is refused",
}

// maxProblems is the maximum number of printed problems; the page lists all.
const maxProblems = 10

// Fault prints a fault. The output of the application has already been printed, the compiler's has not.
func (s *Screen) Fault(fault proxy.Fault) {
	what := fault.Title
	if what == "" {
		what = labels[fault.Kind]
	}
	if fault.Took >= 100*time.Millisecond && len(fault.Problems) > 0 {
		what += " (" + Seconds(fault.Took) + ")"
	}
	s.line(red, "failed", what)
	var text strings.Builder
	for i, p := range fault.Problems {
		if i == maxProblems {
			fmt.Fprintf(&text, "  … and %d more\n", len(fault.Problems)-i)
			break
		}
		fmt.Fprintf(&text, "  %s %s\n", s.paint(red, place(p)), strings.ReplaceAll(p.Message, "\n", "\n      "))
	}
	for _, m := range fault.Migrations {
		fmt.Fprintf(&text, "  %s %d %s\n", m.Source, m.Version, m.Name)
	}
	if fault.Kind == proxy.Build && fault.Output != "" {
		text.WriteString(strings.TrimRight(fault.Output, "\n") + "\n")
	}
	for _, more := range []string{fault.Detail, fault.Hint} {
		if more != "" {
			text.WriteString("  " + more + "\n")
		}
	}
	_, _ = io.WriteString(s, text.String())
}

// place returns a position in the form that editors and terminals turn into links.
func place(p proxy.Problem) string {
	text := filepath.FromSlash(p.File)
	if p.Line > 0 {
		text += fmt.Sprintf(":%d", p.Line)
	}
	if p.Line > 0 && p.Column > 0 {
		text += fmt.Sprintf(":%d", p.Column)
	}
	return text + ":"
}

// Seconds formats a duration for people: "320 ms", "1.2 s".
func Seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
