package proxy

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/covetgo/covet/internal/errorpage"
)

// maxProblems is the maximum number of problems on one page.
const maxProblems = 20

// maxOutput is the maximum length of the output on a page, counted from its end.
const maxOutput = 64 << 10

// faultView is a fault as the error page shows it.
type faultView struct {
	document   errorpage.Document
	fault      *Fault
	label      string
	title      string
	problems   []problemView
	more       int // number of problems that are not shown
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

// reader reads source files for error pages.
func (px *Proxy) reader() errorpage.Reader {
	return errorpage.Reader{
		Root:    px.cfg.Root,
		Folders: errorpage.Folders(os.Getenv),
		Editor:  errorpage.NewEditor(px.cfg.Editor, os.Getenv),
	}
}

// view returns the fault for a request, as the page shows it.
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
		return "Last output of the application"
	}
	return "Output"
}

func took(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

// escapes are sequences that programs write to color text, to move the cursor (ECMA-48 §5.4), and for links (OSC).
var escapes = regexp.MustCompile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[@-Z\\\\^_])")

// plainText returns output without escape sequences.
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
