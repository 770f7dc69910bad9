package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"sync"
)

// Job is a struct of arguments, encoded as JSON, that can do its work with the help of deps. Methods may have value or
// pointer receivers. Besides Work it may have Kind() string, the name under which jobs of the type are stored (by
// default the name of the type in snake_case), and Options() [Options].
type Job[D any] interface {
	Work(ctx context.Context, deps D) error
}

// Register makes jobs of type J known to c, which hands deps to their Work; D is inferred:
//
//	covetjobs.Register[Welcome](client, deps)
//
// Two types of one kind and types that JSON cannot carry are reported by [Client.Start]. Register panics if c is nil.
func Register[J Job[D], D any](c *Client, deps D) {
	if c == nil {
		panic("jobs: Register with a nil client")
	}
	if err := c.registry.add(newEntry[J](deps)); err != nil {
		c.fault(fmt.Errorf("registering job %v: %w", reflect.TypeFor[J](), err))
	}
}

// entry is a registered type of jobs.
type entry struct {
	kind   string
	typ    reflect.Type // the struct, without a pointer
	queue  string
	decode func(payload []byte) (runnable, error)
}

// runnable is a decoded job.
type runnable struct {
	work    func(ctx context.Context) error
	options Options
}

func newEntry[J Job[D], D any](deps D) entry {
	typ := structOf(reflect.TypeFor[J]())
	e := entry{kind: kindOf(typ), typ: typ, queue: queueOf(typ)}
	e.decode = func(payload []byte) (runnable, error) {
		var job J
		if err := json.Unmarshal(payload, &job); err != nil {
			return runnable{}, fmt.Errorf("decoding the arguments of %s: %w", e.kind, err)
		}
		work := func(ctx context.Context) error { return job.Work(ctx, deps) }
		return runnable{work: work, options: optionsOf(&job)}, nil
	}
	return e
}

// safeDecode is decode that answers a panic of the job's own UnmarshalJSON or Options as an error.
func (e entry) safeDecode(payload []byte) (job runnable, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{value: fmt.Sprint(p), stack: string(debug.Stack())}
		}
	}()
	return e.decode(payload)
}

func structOf(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

type declaring interface{ Options() Options }

// optionsOf asks the job that job points at for its options.
func optionsOf[J any](job *J) Options {
	if d, ok := any(*job).(declaring); ok {
		return d.Options().withDefaults()
	}
	if d, ok := any(job).(declaring); ok {
		return d.Options().withDefaults()
	}
	return Options{}.withDefaults()
}

// queueOf returns the queue that the zero value of the struct type t declares.
func queueOf(t reflect.Type) string {
	if d, ok := reflect.New(t).Interface().(declaring); ok {
		return d.Options().withDefaults().Queue
	}
	return DefaultQueue
}

// kindOf returns the name under which jobs of the struct type t are stored.
func kindOf(t reflect.Type) string {
	if k, ok := reflect.New(t).Interface().(interface{ Kind() string }); ok {
		return k.Kind()
	}
	return snakeCase(t.Name())
}

// registry holds what [Register] was given.
type registry struct {
	mu     sync.RWMutex
	byKind map[string]entry
	byType map[reflect.Type]entry
}

func newRegistry() *registry {
	return &registry{byKind: map[string]entry{}, byType: map[reflect.Type]entry{}}
}

var validKind = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,190}$`)

func (r *registry) add(e entry) error {
	if err := checkEncodable(e.typ); err != nil {
		return err
	}
	if !validKind.MatchString(e.kind) {
		return fmt.Errorf("%q is no usable kind; add a method Kind() string", e.kind)
	}
	if err := validateQueue(e.queue); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other, taken := r.byKind[e.kind]; taken {
		if other.typ == e.typ {
			return errors.New("it is registered twice")
		}
		return fmt.Errorf("its kind %q is taken by %v; give one of them a method Kind() string", e.kind, other.typ)
	}
	r.byKind[e.kind], r.byType[e.typ] = e, e
	return nil
}

func (r *registry) kind(name string) (entry, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e, ok := r.byKind[name]
	return e, ok
}

// of returns the entry of a job value.
func (r *registry) of(job any) (entry, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if job != nil {
		if e, ok := r.byType[structOf(reflect.TypeOf(job))]; ok {
			return e, nil
		}
	}
	return entry{}, fmt.Errorf("%T: %w", job, ErrNotRegistered)
}

// queues returns the queues of all registered jobs and the default one, sorted.
func (r *registry) queues() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	names := []string{DefaultQueue}
	for _, e := range r.byKind {
		names = append(names, e.queue)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// kinds returns the kinds of all registered jobs, sorted.
func (r *registry) kinds() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.byKind))
}
