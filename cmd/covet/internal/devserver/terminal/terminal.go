// Package terminal is what a person sees and presses while "covet serve" runs: calm lines about what happens, between
// the lines of the application, which pass as they are.
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

// Config says how to show things. The zero value of a field means its default.
type Config struct {
	// Out is where everything is written.
	Out io.Writer
	// URL is where the application is.
	URL string
	// Color is whether to write in colours. Defaults to false.
	Color bool
	// Keys is whether keys are read, so that their meaning is told. Defaults to false.
	Keys bool
	// Clearable is whether the terminal understands how to be cleared. Defaults to false.
	Clearable bool
}

// Screen writes what happens. It is safe for concurrent use.
type Screen struct {
	config Config
	mu     sync.Mutex
	last   string // the line that was written last, if it was one of ours
	passed bool   // a line that goes away with the next one is shown
}

// New returns a screen.
func New(config Config) *Screen { return &Screen{config: config} }

// The colours, as terminals number them.
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

// line writes one line: a word, and what it is about.
func (s *Screen) line(color, word, text string) {
	line := "  " + s.paint(color, fmt.Sprintf("%-8s", word)) + " " + text + "\n"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	if line != s.last { // a file that is saved again and again is one line
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

// progress writes a line about what goes on. On a terminal it goes away with the next line.
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

// shown is how many files and problems are named.
const shown = 3

// Changed says which files have changed.
func (s *Screen) Changed(paths []string) {
	text := strings.Join(paths[:min(shown, len(paths))], ", ")
	if more := len(paths) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	s.line(cyan, "changed", text)
}

// Building says that a build goes on. The first one may have to compile everything that the application uses.
func (s *Screen) Building(first bool, elapsed time.Duration) {
	text := wholeSeconds(elapsed)
	if first {
		text += ", the first build takes longer"
	}
	s.progress("building", text)
}

// Starting says that the application starts and does not respond yet.
func (s *Screen) Starting(elapsed time.Duration) { s.progress("starting", wholeSeconds(elapsed)) }

func wholeSeconds(d time.Duration) string { return fmt.Sprintf("%d s", int(d.Seconds())) }

// Built says how long a build took.
func (s *Screen) Built(took time.Duration) { s.line(cyan, "built", Seconds(took)) }

// Ready says that the application answers, and where.
func (s *Screen) Ready(time.Duration) { s.line(green, "ready", s.config.URL) }

// Notice prints another message.
func (s *Screen) Notice(text string) { s.line(yellow, "note", text) }

// Help says where the application is and what the keys mean.
func (s *Screen) Help() {
	text := "Ctrl-C stops"
	if s.config.Keys {
		text = "r rebuild, o open in the browser, c clear, q quit"
	}
	s.line(dim, "keys", s.paint(dim, text))
}

// Clear empties the terminal.
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

// maxProblems is how many problems are printed; the page lists all.
const maxProblems = 10

// Fault says what is wrong. The output of the application has been shown by then, that of the compiler has not.
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

// place names a place as editors and terminals make links of.
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

// Seconds writes a duration as people read it: "320 ms", "1.2 s".
func Seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
