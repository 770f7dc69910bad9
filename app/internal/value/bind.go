package value

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/covetgo/covet/app/problem"
)

// maxFaults bounds how many faults are told: the answer is not to be larger than
// the question.
const maxFaults = 100

// Result is what [Bind] found out.
type Result struct {
	// Faults are the parts that could not be bound.
	Faults []problem.Field
	// Empty names the fields in which an empty string was sent, as package validate
	// names fields.
	Empty map[string]bool

	page bool // what is bound was typed into a page
}

// Bind puts a tree into dst, a settable value of a type that [Compile] accepts.
// Members are matched by their exact names; unknown ones, those of read-only
// fields, null for what cannot be nil, and required ones that are absent are
// faults. Absent members leave the default of their field, or what dst holds.
func Bind(v Value, dst reflect.Value) Result {
	var r Result
	NewBinder(dst.Type()).Bind(&r, &v, dst)
	return r
}

// Binder is [Bind] for one type, which spares looking it up.
type Binder struct{ decode decoder }

// NewBinder returns the binder of a type.
func NewBinder(t reflect.Type) Binder { return Binder{decoderOf(t)} }

// Bind adds to r what it finds out.
func (b Binder) Bind(r *Result, v *Value, dst reflect.Value) { b.decode((*state)(r), v, dst, nil) }

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

func (s *state) fault(at *path, detail string) {
	if len(s.Faults) < maxFaults {
		s.Faults = append(s.Faults, problem.Field{Pointer: at.pointer(), Detail: detail})
	}
}

// message returns the message for programs, or the one for users who typed a value.
func (s *state) message(program, person string) string {
	if s.page {
		return person
	}
	return program
}

func (s *state) empty(at *path) {
	if s.Empty == nil {
		s.Empty = map[string]bool{}
	}
	s.Empty[at.field()] = true
}

// What people read about values of the wrong type.
const (
	mustString = "This must be a string."
	mustNumber = "This must be a number."
	mustWhole  = "This must be a whole number."
	mustBool   = "This must be true or false."
	mustList   = "This must be a list."
	mustObject = "This must be an object."
	mustBytes  = "This must be base64."
	notNull    = "This must not be null."
	tooLarge   = "This number is too large."
	tooLong    = "This number has too many digits."
	notText    = "This holds a character that is not allowed."
	fillIn     = "Please fill this in."
	unknown    = "There is no such field."
	readOnly   = "This is set by the server, and cannot be sent."
)
