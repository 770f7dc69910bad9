package middleware

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// Sources are additional origins in a Content-Security-Policy: "https://js.example.com", "https://*.example.com",
// "blob:".
type Sources struct {
	// Script is for browsers without strict-dynamic. Others load a script of another origin if its element has the
	// nonce of the response.
	Script []string
	// Style are origins of stylesheets, Image of images, Font of fonts, and Media of audio and video.
	Style, Image, Font, Media []string
	// Connect are origins for fetch and WebSockets.
	Connect []string
	// Frame are pages that this page may frame.
	Frame []string
	// Form are targets of forms, including redirects.
	Form []string
	// Ancestors are sites that may frame this page. X-Frame-Options is then omitted.
	Ancestors []string
}

// AllowSources adds sources to the Content-Security-Policy of a route or a group:
//
//	e.GET("/checkout", shop.Checkout, middleware.AllowSources(middleware.Sources{
//		Frame:   []string{"https://js.stripe.com"},
//		Connect: []string{"https://api.stripe.com"},
//	}))
//
// It panics for an invalid source expression (CSP Level 3).
func AllowSources(sources Sources) echo.MiddlewareFunc {
	if err := sources.check(); err != nil {
		_, file, line, _ := runtime.Caller(1)
		panic(fmt.Sprintf("middleware: %s:%d: %v", filepath.Base(file), line, err))
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			before, _ := c.Get(sourcesKey).([]Sources)
			c.Set(sourcesKey, append(slices.Clone(before), sources))
			return next(c)
		}
	}
}

const sourcesKey = "covet.sources"

// directives returns the sources by directive, in a fixed order.
func (s Sources) directives() []directive {
	return []directive{
		{"script-src", s.Script},
		{"style-src", s.Style},
		{"img-src", s.Image},
		{"font-src", s.Font},
		{"media-src", s.Media},
		{"connect-src", s.Connect},
		{"frame-src", s.Frame},
		{"form-action", s.Form},
		{"frame-ancestors", s.Ancestors},
	}
}

// source is a scheme, a host with optional scheme, port and path, or a keyword other than 'none'.
var source = regexp.MustCompile(`^('[a-z0-9-]+'|[a-z][a-z0-9+.-]*:|([a-z][a-z0-9+.-]*://)?(\*|(\*\.)?[A-Za-z0-9.-]+)(:[0-9]+|:\*)?(/[^\s;,?#]*)?)$`)

func (s Sources) check() error {
	for _, d := range s.directives() {
		for _, text := range d.sources {
			if !source.MatchString(text) || text == "'none'" {
				return fmt.Errorf("%q cannot be added to %s: write an origin as https://example.com", text, d.name)
			}
		}
	}
	return nil
}

// directive is one directive of a policy.
type directive struct {
	name    string
	sources []string
}

// extendPolicy returns a policy with more sources. A directive that the policy does not have starts with the sources of
// default-src; form-action and frame-ancestors do not fall back to it, and allow everything if they are absent.
func extendPolicy(policy string, more []Sources) string {
	var list []directive
	for part := range strings.SplitSeq(policy, ";") {
		if words := strings.Fields(part); len(words) > 0 {
			list = append(list, directive{strings.ToLower(words[0]), words[1:]})
		}
	}
	for _, sources := range more {
		for _, d := range sources.directives() {
			if len(d.sources) > 0 {
				list = extendDirective(list, d)
			}
		}
	}
	parts := make([]string, len(list))
	for i, d := range list {
		parts[i] = strings.Join(append([]string{d.name}, d.sources...), " ")
	}
	return strings.Join(parts, "; ")
}

func extendDirective(list []directive, d directive) []directive {
	index := func(name string) int {
		return slices.IndexFunc(list, func(known directive) bool { return known.name == name })
	}
	at := index(d.name)
	if at < 0 {
		fallback := index("default-src")
		if fallback < 0 || d.name == "form-action" || d.name == "frame-ancestors" {
			return list // everything is allowed
		}
		list = append(list, directive{d.name, list[fallback].sources})
		at = len(list) - 1
	}
	allowed := slices.DeleteFunc(slices.Clone(list[at].sources), func(text string) bool { return text == "'none'" })
	for _, text := range d.sources {
		if !slices.Contains(allowed, text) {
			allowed = append(allowed, text)
		}
	}
	list[at].sources = allowed
	return list
}
