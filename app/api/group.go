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

// Registrar is where endpoints are registered: the application, or a [Group].
type Registrar interface {
	Modules() []covet.Module
}

// Group is a set of endpoints with a common path prefix and options. Create one with [NewGroup].
type Group struct {
	app    Registrar
	prefix string // relative to that of the API
	opts   []Option
}

var _ Registrar = (*Group)(nil)

// NewGroup returns a group of endpoints with a path prefix, which may be empty, in the application or in another group.
// Its options apply to all its endpoints; those of an endpoint override them. [ErrorShape] and [Scheme] also apply to
// unknown addresses with the prefix if it is not empty.
//
//	v2 := api.NewGroup(a, "/v2", api.ErrorShape(failure), api.Scheme("Token"))
//	api.Get(v2, "/posts/{id}", posts.Show)
//
// It panics for an option that applies to a single endpoint: [Summary], [Description], [OperationID], [Status].
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

// join combines the path and options of an endpoint with those of its registrar.
func join(r Registrar, path string, opts []Option) (string, []Option) {
	g, ok := r.(*Group)
	if !ok {
		return path, opts
	}
	return g.prefix + path, append(slices.Clone(g.opts), opts...)
}

// settings applies options after those of the whole API.
func (m *Module) settings(opts []Option) settings {
	var s settings
	for _, opt := range append(slices.Clone(m.opts.Endpoints), opts...) {
		opt(&s)
	}
	return s
}

// checkShared returns an error for options of a single endpoint.
func (s *settings) checkShared() error {
	switch {
	case s.operationID != "":
		return errors.New("OperationID applies to a single endpoint")
	case s.summary != "":
		return errors.New("Summary applies to a single endpoint")
	case s.description != "":
		return errors.New("Description applies to a single endpoint")
	case s.status != 0:
		return errors.New("Status applies to a single endpoint")
	}
	return nil
}

func checkPath(path string) error {
	if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, ":*?#") {
		return errors.New("the path must have the form /posts/{id}")
	}
	return nil
}

// scope is a path prefix; unknown addresses with it have the errors of these settings.
type scope struct {
	prefix string
	settings
}

// addScope stores the scopes with the longest prefix first.
func (m *Module) addScope(prefix string, s settings) {
	m.scopes = append(m.scopes, scope{prefix, s})
	slices.SortStableFunc(m.scopes, func(a, b scope) int { return cmp.Compare(len(b.prefix), len(a.prefix)) })
	m.declaresShape = m.declaresShape || s.shape != nil
	m.declaresScheme = m.declaresScheme || s.scheme != ""
}

// caller returns the file and line of a caller, for programming errors.
func caller(skip int) string {
	_, file, line, ok := runtime.Caller(skip)
	if !ok {
		return "unknown source"
	}
	return fmt.Sprintf("%s:%d", filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)), line)
}
