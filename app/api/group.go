package api

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	covet "github.com/covetgo/covet/app"
)

// Registrar is where endpoints are registered: the application, or a [Group] of endpoints.
type Registrar interface {
	Modules() []covet.Module
}

// Group is endpoints that share the beginning of their path and options. Make one with [NewGroup].
type Group struct {
	app    Registrar
	prefix string // below that of the API
	opts   []Option
}

var _ Registrar = (*Group)(nil)

// NewGroup returns a group of endpoints below a path, which may be empty, in the application or in another group. Its
// options hold for every endpoint of it; those of an endpoint come after them. [ErrorShape] and [Scheme] also hold for
// unknown addresses below a path that is not empty.
//
//	v2 := api.NewGroup(a, "/v2", api.ErrorShape(failure), api.Scheme("Token"))
//	api.Get(v2, "/posts/{id}", posts.Show)
//
// It panics for an option that only one endpoint can have: [Summary], [Description], [OperationID], [Status].
func NewGroup(r Registrar, path string, opts ...Option) *Group {
	at := caller(2)
	m := moduleOf(r)
	g := &Group{app: r, prefix: strings.TrimSuffix(path, "/"), opts: opts}
	if parent, ok := r.(*Group); ok {
		g = &Group{app: parent.app, prefix: parent.prefix + g.prefix, opts: append(slices.Clone(parent.opts), opts...)}
	}
	settings := m.settings(g.opts)
	err := settings.checkShared()
	if err == nil && g.prefix != "" {
		err = checkPath(g.prefix)
	}
	if err != nil {
		panic(fmt.Sprintf("api: %s: the group %q: %v", at, path, err))
	}
	if g.prefix != "" {
		m.addScope(m.cfg.Prefix+g.prefix, settings)
	}
	return g
}

// Modules returns the modules of the application that the group belongs to.
func (g *Group) Modules() []covet.Module { return g.app.Modules() }

// join returns a path and options of an endpoint with those of what it is registered on.
func join(r Registrar, path string, opts []Option) (string, []Option) {
	g, ok := r.(*Group)
	if !ok {
		return path, opts
	}
	return g.prefix + path, append(slices.Clone(g.opts), opts...)
}

// settings returns what options say, after those of the whole API.
func (m *Module) settings(opts []Option) settings {
	var s settings
	for _, opt := range append(slices.Clone(m.opts.Endpoints), opts...) {
		opt(&s)
	}
	return s
}

// checkShared returns an error for options that several endpoints cannot share.
func (s *settings) checkShared() error {
	switch {
	case s.operationID != "":
		return errors.New("OperationID names one endpoint")
	case s.summary != "":
		return errors.New("Summary is about one endpoint")
	case s.description != "":
		return errors.New("Description is about one endpoint")
	case s.status != 0:
		return errors.New("Status is that of one endpoint")
	}
	return nil
}

func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, ":*?#") {
		return errors.New("write the path as /posts/{id}")
	}
	return nil
}

// scope is a path below which unknown addresses have the errors of these settings.
type scope struct {
	prefix string
	settings
}

// addScope keeps the scopes with the longest prefix first.
func (m *Module) addScope(prefix string, s settings) {
	m.scopes = append(m.scopes, scope{prefix, s})
	slices.SortStableFunc(m.scopes, func(a, b scope) int { return cmp.Compare(len(b.prefix), len(a.prefix)) })
	m.declaresShape = m.declaresShape || s.shape != nil
	m.declaresScheme = m.declaresScheme || s.scheme != ""
}

// caller returns the file and line of a caller, for errors of programs.
func caller(skip int) string {
	_, file, line, ok := runtime.Caller(skip)
	if !ok {
		return "unknown source"
	}
	return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), line)
}
