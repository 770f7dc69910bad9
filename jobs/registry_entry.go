package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// entry is a registered type of job.
type entry struct {
	kind    string
	typ     reflect.Type    // the struct, without a pointer
	fields  map[string]bool // JSON names of its fields; nil if it encodes itself
	options Options         // of the zero value
	version int
	upgrade func(payload []byte, version int) ([]byte, error)
	decode  func(payload []byte, version int) (Handler, Options, error)
}

// versioned is implemented by jobs that upgrade arguments of earlier versions; see [Job].
type versioned interface {
	Version() int
	Upgrade(version int, raw json.RawMessage) (json.RawMessage, error)
}

func newEntry[J Job[D], D any](deps D) (entry, error) {
	typ := structOf(reflect.TypeFor[J]())
	e := entry{kind: kindOf(typ), typ: typ}
	if typ.Kind() == reflect.Struct && !encodesItself(typ) {
		e.fields = jsonNames(typ)
	}
	zero := reflect.New(typ).Interface()
	e.options = optionsOf(zero)
	upgrader, ok := zero.(versioned)
	if ok {
		e.version = upgrader.Version()
	} else if _, ok := zero.(interface{ Version() int }); ok {
		return e, fmt.Errorf("it has a method Version but no method Upgrade(int, json.RawMessage) (json.RawMessage, error)")
	}
	e.upgrade = func(payload []byte, version int) ([]byte, error) {
		if version >= e.version {
			return payload, nil
		}
		upgraded, err := upgrader.Upgrade(version, payload)
		if err != nil {
			return nil, fmt.Errorf("upgrading the arguments of %s from version %d to %d: %w", e.kind, version, e.version, err)
		}
		return upgraded, nil
	}
	e.decode = func(payload []byte, version int) (Handler, Options, error) {
		payload, err := e.upgrade(payload, version)
		if err != nil {
			return nil, Options{}, err
		}
		var job J
		if err := json.Unmarshal(payload, &job); err != nil {
			return nil, Options{}, fmt.Errorf("decoding the arguments of %s: %w", e.kind, err)
		}
		return func(ctx context.Context) error { return job.Work(ctx, deps) }, optionsOf(&job), nil
	}
	return e, nil
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

type declaring interface{ Options() Options }

// optionsOf returns the options of a job, which may be a value or a pointer.
func optionsOf(job any) Options {
	v := reflect.ValueOf(job)
	pointer := v.Kind() == reflect.Pointer
	if d, ok := job.(declaring); ok && (!pointer || !v.IsNil()) {
		return d.Options().withDefaults()
	}
	switch {
	case pointer && !v.IsNil():
		return optionsOf(v.Elem().Interface())
	case v.Kind() == reflect.Struct: // its methods may have pointer receivers
		copied := reflect.New(v.Type())
		copied.Elem().Set(v)
		if d, ok := copied.Interface().(declaring); ok {
			return d.Options().withDefaults()
		}
	}
	return Options{}.withDefaults()
}

// kindOf returns the name under which jobs of the struct type t are stored.
func kindOf(t reflect.Type) string {
	if k, ok := reflect.New(t).Interface().(interface{ Kind() string }); ok {
		return k.Kind()
	}
	return snakeCase(t.Name())
}

// checkOptions validates the options that the zero value declares.
func (e entry) checkOptions() error {
	if err := ValidateQueue(e.options.Queue); err != nil {
		return err
	}
	if e.options.Priority < Low || e.options.Priority > High {
		return fmt.Errorf("priority %d: expected Low, Normal or High", e.options.Priority)
	}
	return e.checkUnique(e.options.Unique)
}

// checkUnique returns an error for fields that the job does not have: without them all jobs of the kind would be the
// same.
func (e entry) checkUnique(u Unique) error {
	for _, field := range u.fields {
		if e.fields != nil && !e.fields[field] {
			return fmt.Errorf("unique by %q: the job has no argument with this JSON name", field)
		}
	}
	return nil
}

// jsonNames returns the JSON names of the fields of a struct.
func jsonNames(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		names[name] = true
	}
	return names
}
