package value

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/problem"
)

// maxFaults bounds the number of reported faults, so that the response is not larger than the request.
const maxFaults = 100

// Result is what [Bind] found out.
type Result struct {
	// Faults are the parts that could not be bound.
	Faults []problem.Field
	// Empty names the fields in which an empty string was sent, as package validate
	// names fields.
	Empty map[string]bool

	first string          // the key of the text of the first fault
	ctx   context.Context //nolint:containedctx // a Result belongs to one call of Bind; for the language of messages
	page  bool            // what is bound was typed into a page
}

// Bind puts a tree into dst, a settable value of a type that [Compile] accepts.
// Members are matched by their exact names; unknown ones, those of read-only
// fields, null for what cannot be nil, and required ones that are absent are
// faults. Absent members leave the default of their field, or what dst holds.
// Messages are in the language of ctx.
func Bind(ctx context.Context, v Value, dst reflect.Value) Result {
	var r Result
	NewBinder(dst.Type()).Bind(ctx, &r, &v, dst)
	return r
}

// Unstorable returns the key of the text about the first part of v that not every database can store in JSON, or "".
func Unstorable(v Value) (key string) {
	var s state
	s.native(&v, nil)
	return s.first
}

// Binder is [Bind] for one type, which spares looking it up.
type Binder struct{ decode decoder }

// NewBinder returns the binder of a type.
func NewBinder(t reflect.Type) Binder { return Binder{decoderOf(t)} }

// Bind adds to r what it finds out, in the language of ctx.
func (b Binder) Bind(ctx context.Context, r *Result, v *Value, dst reflect.Value) {
	r.ctx = ctx
	b.decode((*state)(r), v, dst, nil)
}

// state is one run of Bind.
type state Result

// path leads to a value, from its end.
type path struct {
	parent *path
	name   string
	index  int // -1 for a name
}

func (p *path) join(separator string, name func(string) string) string {
	if p == nil {
		return ""
	}
	step := strconv.Itoa(p.index)
	if p.index < 0 {
		step = name(p.name)
	}
	return p.parent.join(separator, name) + separator + step
}

func (p *path) pointer() string { return p.join("/", Escape) }

// field returns the name by which package validate calls the value.
func (p *path) field() string {
	return strings.TrimPrefix(p.join(".", func(name string) string { return name }), ".")
}

// fault records a text of this package and its arguments about a value.
func (s *state) fault(at *path, key string, args ...any) {
	if s.first == "" {
		s.first = key
	}
	if s.ctx != nil && len(s.Faults) < maxFaults {
		s.Faults = append(s.Faults, problem.Field{Pointer: at.pointer(), Detail: texts.T(s.ctx, key, args...)})
	}
}

// expected records what a value has to be: in the words of a form for users who typed it, and for programs in those of
// JSON.
func (s *state) expected(at *path, what string) {
	if s.page {
		s.fault(at, "form."+what)
	} else {
		s.fault(at, "json."+what)
	}
}

func (s *state) empty(at *path) {
	if s.Empty == nil {
		s.Empty = map[string]bool{}
	}
	s.Empty[at.field()] = true
}
