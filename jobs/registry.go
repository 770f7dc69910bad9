package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"
)

// Job is a struct of arguments, encoded as JSON, that can do its work with the help of deps. Methods may have value or
// pointer receivers. Besides Work it may have
//
//   - Kind() string, the name under which jobs of the type are stored, by default the name of the type in snake_case;
//   - Options() [Options];
//   - Version() int and Upgrade(version int, raw json.RawMessage) (json.RawMessage, error), when the arguments have been
//     changed in a way that waiting jobs would not survive. Arguments of an earlier version, 0 before there was a method,
//     are handed to Upgrade, which returns those of the present one. Fields that were added or taken away need nothing
//     of this: JSON leaves the ones zero and ignores the others.
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
	e, err := newEntry[J](deps)
	if err == nil {
		err = c.registry.add(e)
	}
	if err != nil {
		c.fault(fmt.Errorf("registering job %v: %w", reflect.TypeFor[J](), err))
	}
}

// registry holds what [Register] was given.
type registry struct {
	mu     sync.RWMutex
	byKind map[string]entry
	byType map[reflect.Type]entry
	queued map[string]bool // the queues of all jobs, and the default one
}

func newRegistry() *registry {
	return &registry{
		byKind: map[string]entry{}, byType: map[reflect.Type]entry{}, queued: map[string]bool{DefaultQueue: true},
	}
}

var validKind = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,190}$`)

func (r *registry) add(e entry) error {
	if err := checkEncodable(e.typ); err != nil {
		return err
	}
	if !validKind.MatchString(e.kind) {
		return fmt.Errorf("%q is no usable kind; add a method Kind() string", e.kind)
	}
	if err := e.checkOptions(); err != nil {
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
	r.queued[e.options.Queue] = true
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
	if job == nil {
		return entry{}, fmt.Errorf("nil: %w", ErrNotRegistered)
	}
	e, ok := r.byType[structOf(reflect.TypeOf(job))]
	if !ok {
		return entry{}, fmt.Errorf("%T: %w", job, ErrNotRegistered)
	}
	return e, nil
}

// priorities returns those of registered jobs, besides Normal.
func (r *registry) priorities() []Priority {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var found []Priority
	for _, e := range r.byKind {
		if p := e.options.Priority; p != Normal && !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	slices.Sort(found)
	return found
}

// queues returns the queues of all registered jobs and the default one, sorted.
func (r *registry) queues() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.queued))
}

// hasQueue reports whether a registered job declares the queue, or it is the default one.
func (r *registry) hasQueue(name string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.queued[name]
}

// kinds returns the kinds of all registered jobs, sorted.
func (r *registry) kinds() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.byKind))
}
