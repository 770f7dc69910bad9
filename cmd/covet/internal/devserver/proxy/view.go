package proxy

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/covetgo/covet/internal/errorpage"
)

// maxProblems is how many faults one page shows.
const maxProblems = 20

// maxOutput bounds the output that a page shows, counted from its end.
const maxOutput = 64 << 10

// faultView is what the error page shows of a fault.
type faultView struct {
	document   errorpage.Document
	fault      *Fault
	label      string
	title      string
	problems   []problemView
	more       int // problems that are not shown
	own        []errorpage.Excerpt
	output     string
	back       string
	canMigrate bool
	canRestart bool
}

type problemView struct {
	message string
	excerpt errorpage.Excerpt
}

// reader reads the source that error pages show.
func (px *Proxy) reader() errorpage.Reader {
	return errorpage.Reader{
		Root:    px.cfg.Root,
		Folders: errorpage.Folders(os.Getenv),
		Editor:  errorpage.NewEditor(px.cfg.Editor, os.Getenv),
	}
}

// view returns what the page for a request shows of a fault.
func (px *Proxy) view(r *http.Request, fault *Fault) faultView {
	v := faultView{
		fault: fault, title: fault.title(), label: labels[fault.Kind], back: returnPath(r.URL),
		canMigrate: px.cfg.Migrate != nil,
		canRestart: px.cfg.Restart != nil && (fault.Kind == Start || fault.Kind == Exit || fault.Kind == Configuration),
		output:     tail(plainText(fault.Output), maxOutput),
	}
	if v.label == "" {
		v.label = "Development"
	}
	reader := px.reader()
	shown := fault.Problems
	if len(shown) > maxProblems {
		shown, v.more = shown[:maxProblems], len(shown)-maxProblems
	}
	for _, p := range shown {
		v.problems = append(v.problems, problemView{p.Message, reader.Excerpt(p.File, p.Line, p.Column)})
	}
	if len(shown) == 0 {
		v.own = reader.Own(v.output)
	}
	return v
}

var labels = map[Kind]string{
	Build: "Build", View: "Build", Start: "Start", Exit: "Application", Pending: "Database",
	Configuration: "Configuration",
}

func (v faultView) outputTitle() string {
	if v.fault.Kind == Start || v.fault.Kind == Exit || v.fault.Kind == Configuration {
		return "What the application wrote last"
	}
	return "Output"
}

func took(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

// escapes are what programs write to colour a terminal and to move its cursor (ECMA-48 §5.4), and to name links (OSC).
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-Z\\\\^_])")

// plainText returns output without what is meant for a terminal.
func plainText(output string) string {
	output = escapes.ReplaceAllString(strings.ToValidUTF8(output, "\uFFFD"), "")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ReplaceAll(output, "\r\n", "\n"))
}

// tail returns the last whole lines of a text.
func tail(text string, limit int) string {
	text = strings.TrimRight(text, "\n")
	if len(text) <= limit {
		return text
	}
	text = text[len(text)-limit:]
	if _, rest, found := strings.Cut(text, "\n"); found {
		return rest
	}
	return text
}
