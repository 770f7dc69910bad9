package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"runtime"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// Handler is the function of an endpoint: from a validated input to an output. Its error becomes a problem: a
// [problem.Error] is used unchanged; gorm.ErrRecordNotFound becomes a 404; gorm.ErrDuplicatedKey a fault of the field
// with the unique tag, or a 409; gorm.ErrForeignKeyViolated a 409; and any other error a 500 without details.
type Handler[I, O any] = func(ctx context.Context, in *I) (*O, error)

// Get serves GET, and HEAD, at a path relative to the prefix of the API and of the [Group], if r is one. Like its
// siblings, it panics if the registration is invalid: an unsupported input or output, a path parameter without a field,
// a path that is already registered.
func Get[I, O any](r Registrar, path string, handler Handler[I, O], opts ...Option) {
	register(r, http.MethodGet, path, handler, opts)
}

// Post serves POST at a path, as [Get] serves GET.
func Post[I, O any](r Registrar, path string, handler Handler[I, O], opts ...Option) {
	register(r, http.MethodPost, path, handler, opts)
}

// Put serves PUT at a path, as [Get] serves GET.
func Put[I, O any](r Registrar, path string, handler Handler[I, O], opts ...Option) {
	register(r, http.MethodPut, path, handler, opts)
}

// Patch serves PATCH at a path, as [Get] serves GET.
func Patch[I, O any](r Registrar, path string, handler Handler[I, O], opts ...Option) {
	register(r, http.MethodPatch, path, handler, opts)
}

// Delete serves DELETE at a path, as [Get] serves GET.
func Delete[I, O any](r Registrar, path string, handler Handler[I, O], opts ...Option) {
	register(r, http.MethodDelete, path, handler, opts)
}

// endpoint is one registered function.
type endpoint struct {
	settings
	module       *Module
	method, path string // the path with its prefix and {parameters}
	input        *input
	output       *output
	operation    *huma.Operation
}

func register[I, O any](at Registrar, method, path string, handler Handler[I, O], opts []Option) {
	m := moduleOf(at)
	path, opts = join(at, path, opts)
	e, err := m.newEndpoint(method, path, reflect.TypeFor[I](), reflect.TypeFor[O](), opts)
	if err != nil {
		panic(fmt.Sprintf("api: %s: registering %s %s: %v", caller(3), method, path, err))
	}
	route := m.app.Echo.Add(method, echoPath(e.path), func(c echo.Context) error {
		in := new(I)
		v := reflect.ValueOf(in).Elem()
		r := &reader{c: c, endpoint: e, ctx: c.Request().Context()}
		defer r.removeFiles()
		if err := r.read(v); err != nil {
			return err
		}
		out, err := handler(r.ctx, in)
		if err != nil {
			return e.translateError(r.ctx, err, v)
		}
		return e.output.write(c, e, reflect.ValueOf(out))
	})
	route.Name = runtime.FuncForPC(reflect.ValueOf(handler).Pointer()).Name()
}

func (m *Module) newEndpoint(method, path string, in, out reflect.Type, opts []Option) (*endpoint, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	e := &endpoint{module: m, method: method, path: m.cfg.Prefix + path, settings: m.settings(opts)}
	key := method + " " + parameter.ReplaceAllString(e.path, "{}")
	if m.routes[key] {
		return nil, errors.New("this path is registered already")
	}
	m.routes[key] = true
	var err error
	if e.input, err = m.newInput(in, e.path, e.requestName); err != nil {
		return nil, fmt.Errorf("input %s: %w", in, err)
	}
	if e.input.body != nil && (method == http.MethodGet || method == http.MethodDelete) {
		return nil, fmt.Errorf("input %s: a %s has no body (RFC 9110 §9.3)", in, method)
	}
	if e.output, err = newOutput(out, e.responseName); err != nil {
		return nil, fmt.Errorf("output %s: %w", out, err)
	}
	if e.status == 0 {
		e.status = http.StatusOK
		if e.output.body == nil {
			e.status = http.StatusNoContent
		}
	}
	if b := e.input.body; b != nil && e.maxBody == 0 && !b.raw && b.files == nil {
		e.maxBody = min(defaultMaxBody, m.app.MaxBody())
	}
	if e.operation, err = m.newOperation(e); err != nil {
		return nil, err
	}
	m.add(e)
	return e, nil
}

// add stores a valid endpoint.
func (m *Module) add(e *endpoint) {
	m.endpoints = append(m.endpoints, e)
	path := echoPath(e.path)
	m.byPath[e.method+" "+path] = e
	if m.byPath[path] == nil {
		m.byPath[path] = e
	}
	m.declaresShape = m.declaresShape || e.shape != nil
	m.declaresScheme = m.declaresScheme || e.scheme != ""
}

// defaultMaxBody limits bodies that are parsed into a tree, which takes many times their memory.
const defaultMaxBody = 1 << 20

var parameter = regexp.MustCompile(`\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// echoPath returns the path in the syntax of echo: /posts/:id.
func echoPath(path string) string { return parameter.ReplaceAllString(path, ":$1") }

// translateError makes a problem of a violated key, which a check before could not see
// coming. Other errors are the kernel's to turn into problems.
func (e *endpoint) translateError(ctx context.Context, err error, in reflect.Value) error {
	var chosen *problem.Error
	switch {
	case errors.As(err, &chosen):
		return err
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return problem.Conflict("").WithText(texts, "reference").WithCause(err)
	case !errors.Is(err, gorm.ErrDuplicatedKey):
		return err
	}
	if body := e.input.body; body != nil && body.checked {
		if errs := validate.Duplicate(ctx, in.FieldByIndex(body.index).Interface(), err); len(errs) > 0 {
			return problem.Invalid(body.inEnvelope(errs.Fields())...).WithCause(err)
		}
	}
	return problem.Conflict("").WithText(texts, "exists").WithCause(err)
}
