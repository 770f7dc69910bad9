package dev

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/log"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/internal/errorpage"
)

// Explainer makes the page that explains a problem to the developer. Its zero value knows of no log.
type Explainer struct {
	// Editor opens source files: see errorpage.NewEditor.
	Editor string
	// Log are the last lines of the log.
	Log *log.Ring
}

// Record keeps the statements of each request until its end, so that the error page can show them.
func Record(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx, _ := database.Record(c.Request().Context()) // found again in the context
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// explanation is what the error page shows.
type explanation struct {
	Problem    *problem.Error
	Headline   string
	Causes     []cause
	Own        []frame // frames in the application's own code, innermost first
	Others     []frame
	Method     string
	URL        string
	Route      string
	Handler    string
	Headers    []header
	Routes     []string // what there is, when the address is unknown
	Relevant   *frame   // the frame whose source is shown first
	Place      string   // what Relevant is, when the error was returned and has no stack
	Statements []statement
	MoreSQL    int    // statements that are not shown
	Log        string // the lines of this request
	EarlierLog string
}

type cause struct{ Type, Text string }

type header struct{ Name, Value string }

type frame struct {
	Function string
	Excerpt  errorpage.Excerpt
}

type statement struct{ SQL, Facts, Err string }

// Explains reports whether the error page has more to say about a problem than
// the application's own page: about faults, and about unknown addresses.
func Explains(p *problem.Error) bool {
	return p.Status >= http.StatusInternalServerError || (p.Status == http.StatusNotFound && p.Unwrap() != nil)
}

// Page returns the page that explains a problem to the developer.
func (x Explainer) Page(c echo.Context, p *problem.Error) templ.Component {
	r := c.Request()
	e := explanation{
		Problem: p, Headline: headline(p), Causes: causes(p.Unwrap()),
		Method: r.Method, URL: r.URL.String(), Route: c.Path(), Headers: headers(r),
	}
	for _, route := range c.Echo().Routes() {
		if route.Method == r.Method && route.Path == c.Path() {
			e.Handler = route.Name
		}
		if p.Status == http.StatusNotFound && !strings.HasPrefix(route.Path, "/dev/") && route.Method != echo.RouteNotFound &&
			route.Method != http.MethodHead {
			e.Routes = append(e.Routes, fmt.Sprintf("%-7s %s", route.Method, route.Path))
		}
	}
	sort.Slice(e.Routes, func(i, j int) bool { return e.Routes[i][8:] < e.Routes[j][8:] })
	e.Routes = slices.Compact(e.Routes)
	reader := x.reader()
	e.Own, e.Others = frames(reader, p.Stack())
	recording := database.Recorded(r.Context())
	switch place := failedStatement(reader, recording); {
	case len(e.Own) > 0:
		e.Relevant, e.Own = &e.Own[0], e.Own[1:]
	case place != nil:
		e.Relevant, e.Place = place, "The statement that failed"
	case e.Handler != "":
		e.Relevant, e.Place = findHandler(reader, e.Handler), "The handler of this route; the error has no place of its own"
	}
	e.Statements, e.MoreSQL = statements(recording)
	e.Log, e.EarlierLog = lines(x.Log.Entries(), middleware.RequestID(r.Context()))
	return errorPage(e)
}

// failedStatement returns the place in the application's own code that ran the last statement, if that failed; or nil.
func failedStatement(reader errorpage.Reader, recording *database.Recording) *frame {
	list, _ := recording.Statements()
	if len(list) == 0 || len(list[len(list)-1].Stack) == 0 {
		return nil
	}
	var stack []runtime.Frame
	for it := runtime.CallersFrames(list[len(list)-1].Stack); ; {
		f, more := it.Next()
		stack = append(stack, f)
		if !more {
			break
		}
	}
	own, _ := frames(reader, stack)
	if len(own) == 0 || len(own[0].Excerpt.Lines) == 0 {
		return nil
	}
	return &own[0]
}

func (x Explainer) reader() errorpage.Reader {
	return errorpage.Reader{Folders: errorpage.Folders(os.Getenv), Editor: errorpage.NewEditor(x.Editor, os.Getenv)}
}

func statements(recording *database.Recording) (list []statement, more int) {
	recorded, more := recording.Statements()
	for _, s := range recorded {
		facts := s.Took.Round(10 * time.Microsecond).String()
		switch {
		case s.Rows == 1:
			facts += ", 1 row"
		case s.Rows >= 0:
			facts += fmt.Sprintf(", %d rows", s.Rows)
		}
		list = append(list, statement{s.SQL, facts, s.Err})
	}
	return list, more
}

// maxOtherLines is how many lines of other requests, or of none, are shown.
const maxOtherLines = 30

// lines returns the log of one request, and the end of what else there is.
func lines(entries []log.Entry, request string) (own, others string) {
	var mine, rest []string
	for _, e := range entries {
		message := strings.Join(append([]string{e.Message}, e.Attrs...), " ")
		text := fmt.Sprintf("%s %-5s %s", e.Time.Format("15:04:05.000"), e.Level, message)
		if request != "" && e.Request == request {
			mine = append(mine, text)
		} else if e.Level >= slog.LevelInfo {
			rest = append(rest, text)
		}
	}
	rest = rest[max(0, len(rest)-maxOtherLines):]
	return strings.Join(mine, "\n"), strings.Join(rest, "\n")
}

// headline returns the cause in one line, and for an unknown address the problem's detail: the router's own message
// says less.
func headline(p *problem.Error) string {
	var he *echo.HTTPError
	if cause := p.Unwrap(); cause != nil && !errors.As(cause, &he) {
		return cause.Error()
	}
	return p.Detail
}

// causes returns the chain of an error, outermost first.
func causes(err error) []cause {
	var list []cause
	for err != nil {
		list = append(list, cause{fmt.Sprintf("%T", err), err.Error()})
		switch wrapped := err.(type) { //nolint:errorlint // this walks the chain itself
		case interface{ Unwrap() error }:
			err = wrapped.Unwrap()
		case interface{ Unwrap() []error }:
			for _, branch := range wrapped.Unwrap() {
				list = append(list, causes(branch)...)
			}
			return list
		default:
			return list
		}
	}
	return list
}

// frames splits a stack into the application's own frames and the others, and
// leaves out the runtime.
func frames(reader errorpage.Reader, stack []runtime.Frame) (own, others []frame) {
	module, kernel := mainModule(), kernelDir()
	for _, f := range stack {
		if strings.HasPrefix(f.Function, "runtime.") {
			continue
		}
		mine := (strings.HasPrefix(f.Function, "main.") || strings.HasPrefix(f.Function, module+"/")) &&
			!strings.HasPrefix(f.File, kernel)
		if mine {
			own = append(own, frame{f.Function, reader.Excerpt(f.File, f.Line, 0)})
		} else {
			others = append(others, frame{f.Function, errorpage.Excerpt{Name: f.File, Line: f.Line}})
		}
	}
	return own, others
}

func mainModule() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Path
	}
	return "main"
}

// kernelDir returns the folder of the kernel's source. Its functions are never
// the application's, whatever they are called: those that the compiler inlines
// bear the name of the function around them.
func kernelDir() string {
	_, file, _, _ := runtime.Caller(0)
	return strings.TrimSuffix(file, "internal/dev/explain.go")
}

// headers returns the request's headers in order, without what signs people in.
//
// Threat: a screenshot of the error page gives away a session.
func headers(r *http.Request) []header {
	list := []header{{"Host", r.Host}}
	for name, values := range r.Header {
		value := strings.Join(values, ", ")
		switch name {
		case "Cookie", "Authorization", "Proxy-Authorization":
			value = "[hidden]"
		}
		list = append(list, header{name, value})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}
