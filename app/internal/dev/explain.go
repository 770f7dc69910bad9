package dev

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"sort"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// explanation is what the error page shows.
type explanation struct {
	Problem  *problem.Error
	Headline string
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
	Returned bool     // whether the error was returned, so that Relevant is the handler
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
		Problem: p, Headline: headline(p), Causes: causes(p.Unwrap()),
		Method: r.Method, URL: r.URL.String(), Route: c.Path(), Headers: headers(r),
	}
	for _, route := range c.Echo().Routes() {
		if route.Method == r.Method && route.Path == c.Path() {
			e.Handler = route.Name
		}
		if p.Status == http.StatusNotFound && !strings.HasPrefix(route.Path, "/dev/") && route.Method != echo.RouteNotFound && route.Method != http.MethodHead {
			e.Routes = append(e.Routes, fmt.Sprintf("%-7s %s", route.Method, route.Path))
		}
	}
	sort.Slice(e.Routes, func(i, j int) bool { return e.Routes[i][8:] < e.Routes[j][8:] })
	e.Routes = slices.Compact(e.Routes)
	e.Own, e.Others = frames(p.Stack())
	switch {
	case len(e.Own) > 0:
		e.Relevant, e.Own = &e.Own[0], e.Own[1:]
	case e.Handler != "":
		e.Relevant, e.Returned = findHandler(e.Handler), true
	}
	return errorPage(e)
}

// headline returns the cause in one line, and for an unknown address what the
// client is told: the router's own words say less.
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
func frames(stack []runtime.Frame) (own, others []frame) {
	module, kernel := mainModule(), kernelDir()
	for _, f := range stack {
		if strings.HasPrefix(f.Function, "runtime.") {
			continue
		}
		mine := (strings.HasPrefix(f.Function, "main.") || strings.HasPrefix(f.Function, module+"/")) &&
			!strings.HasPrefix(f.File, kernel)
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
