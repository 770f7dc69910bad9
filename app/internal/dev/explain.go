package dev

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// excerptLines is how many source lines are shown on each side of a frame's line.
const excerptLines = 5

// explanation is what the error page shows.
type explanation struct {
	Problem  *problem.Error
	Causes   []cause
	Own      []frame // frames in the application's own code, innermost first
	Others   []frame
	Method   string
	URL      string
	Route    string
	Handler  string
	Headers  []header
	Routes   []string // what there is, when the address is unknown
	Relevant *frame   // the frame whose source is shown first
}

type cause struct{ Type, Text string }

type header struct{ Name, Value string }

type frame struct {
	Function, File string
	Line           int
	Source         []sourceLine
}

type sourceLine struct {
	Number  int
	Text    string
	Current bool
}

// Explains reports whether the error page has more to say about a problem than
// the application's own page: about faults, and about unknown addresses.
func Explains(p *problem.Error) bool {
	return p.Status >= http.StatusInternalServerError || (p.Status == http.StatusNotFound && p.Unwrap() != nil)
}

// ErrorPage returns the page that explains a problem to the developer.
func ErrorPage(c echo.Context, p *problem.Error) templ.Component {
	r := c.Request()
	e := explanation{
		Problem: p, Causes: causes(p.Unwrap()),
		Method: r.Method, URL: r.URL.String(), Route: c.Path(), Headers: headers(r),
	}
	for _, route := range c.Echo().Routes() {
		if route.Method == r.Method && route.Path == c.Path() {
			e.Handler = route.Name
		}
		if p.Status == http.StatusNotFound && !strings.HasPrefix(route.Path, "/dev/") && route.Method != echo.RouteNotFound {
			e.Routes = append(e.Routes, fmt.Sprintf("%-7s %s", route.Method, route.Path))
		}
	}
	sort.Slice(e.Routes, func(i, j int) bool { return e.Routes[i][8:] < e.Routes[j][8:] })
	e.Routes = slices.Compact(e.Routes)
	e.Own, e.Others = frames(p.Stack())
	if len(e.Own) > 0 {
		e.Relevant = &e.Own[0]
	}
	return errorPage(e)
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
func frames(stack []runtime.Frame) (own, others []frame) {
	module := mainModule()
	for _, f := range stack {
		if strings.HasPrefix(f.Function, "runtime.") {
			continue
		}
		mine := strings.HasPrefix(f.Function, module+"/") || strings.HasPrefix(f.Function, "main.")
		entry := frame{Function: f.Function, File: f.File, Line: f.Line}
		if mine {
			entry.Source = excerpt(f.File, f.Line)
			own = append(own, entry)
		} else {
			others = append(others, entry)
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

// excerpt returns the lines around a line of a file, or nothing where the
// source is not at hand.
func excerpt(file string, line int) []sourceLine {
	f, err := os.Open(file) //nolint:gosec // the path comes from the program's own symbol table
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // opened for reading only
	var lines []sourceLine
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan() && n <= line+excerptLines; n++ {
		if n >= line-excerptLines {
			lines = append(lines, sourceLine{n, strings.ReplaceAll(scanner.Text(), "\t", "    "), n == line})
		}
	}
	return lines
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
