package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"regexp"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/seal"
)

// Job is a struct of arguments, encoded as JSON, with a method Work that receives deps. Methods may have value or
// pointer receivers. A job may also have these methods:
//
//   - Kind() string, the name under which jobs of the type are stored. Defaults to the name of the type in snake_case.
//   - Options() [Options].
//   - Version() int and Upgrade(version int, raw json.RawMessage) (json.RawMessage, error), for changes of the arguments
//     that waiting jobs would not survive. Upgrade converts arguments of an earlier version (0 before the method existed)
//     to the current one. Adding and removing fields needs neither: JSON leaves new fields zero and ignores old ones.
type Job[D any] interface {
	Work(ctx context.Context, deps D) error
}

// Register registers jobs of type J, whose Work receives deps. D is inferred:
//
//	covetjobs.Register[Welcome](client, deps)
//
// [Client.Start] reports two types of the same kind, and types that JSON cannot encode. Register panics if c is nil.
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

// registry holds the registered types and decodes deliveries, for the worker and the inspector.
type registry struct {
	mu     sync.RWMutex
	byKind map[string]entry
	byType map[reflect.Type]entry
	queued map[string]bool // the queues of all jobs and the default queue

	sealer     *seal.Sealer
	middleware []Middleware
	carried    []carried
	log        *slog.Logger
}

func newRegistry(sealer *seal.Sealer, log *slog.Logger) *registry {
	return &registry{
		byKind: map[string]entry{}, byType: map[reflect.Type]entry{}, queued: map[string]bool{DefaultQueue: true},
		sealer: sealer, log: log,
	}
}

var validKind = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/-]{0,190}$`)

func (r *registry) add(e entry) error {
	if err := checkEncodable(e.typ); err != nil {
		return err
	}
	if !validKind.MatchString(e.kind) {
		return fmt.Errorf("invalid kind %q: add a method Kind() string", e.kind)
	}
	if err := e.checkOptions(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other, taken := r.byKind[e.kind]; taken {
		if other.typ == e.typ {
			return errors.New("registered twice")
		}
		return fmt.Errorf("kind %q is already used by %v: give one of them a method Kind() string", e.kind, other.typ)
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

// priorities returns the priorities of registered jobs, except Normal.
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

// Queues returns the queues of all registered jobs and the default one, sorted.
func (r *registry) Queues() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.queued))
}

// hasQueue reports whether a registered job declares the queue, or it is the default queue.
func (r *registry) hasQueue(name string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.queued[name]
}

// Kinds returns the kinds of all registered jobs, sorted.
func (r *registry) Kinds() []string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.Sorted(maps.Keys(r.byKind))
}

// Type returns the struct type of a kind; nil if the kind is unknown.
func (r *registry) Type(kind string) reflect.Type {
	e, _ := r.kind(kind)
	return e.typ
}

// Known returns why this process cannot run a delivery although another process may; nil if it can.
func (r *registry) Known(d job.Delivery) error {
	e, known := r.kind(d.Kind)
	switch {
	case !known:
		return job.ErrUnknownKind
	case d.Version > e.version:
		return job.ErrNewer
	}
	return nil
}

// Check returns why this process cannot run a delivery; nil if it can.
func (r *registry) Check(d job.Delivery) error {
	if err := r.Known(d); err != nil {
		return err
	}
	_, err := r.Decode(d)
	return err
}

// Decode returns the job of a delivery, with its arguments decrypted, upgraded and decoded, and its work wrapped in all
// middleware with the carried values in its context. A panic in the job's own methods becomes an error.
func (r *registry) Decode(d job.Delivery) (decoded job.Runnable, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &job.PanicError{Value: fmt.Sprint(p), Stack: string(debug.Stack())}
		}
	}()
	e, known := r.kind(d.Kind)
	if !known {
		return decoded, job.ErrUnknownKind
	}
	payload, err := r.plain(d)
	if err != nil {
		return decoded, err
	}
	work, options, err := e.decode(payload, d.Version)
	if err != nil {
		return decoded, err
	}
	work = r.wrapped(work)
	return job.Runnable{
		Work:   func(ctx context.Context) error { return work(r.withMeta(ctx, d.Meta)) },
		Policy: options.policy(d.Kind),
	}, nil
}

// plain returns the arguments of a delivery, decrypted.
func (r *registry) plain(d job.Delivery) ([]byte, error) {
	if d.Sealed == "" {
		return d.Payload, nil
	}
	payload, err := r.sealer.Open(d.ID, d.Kind, d.Sealed, d.Payload)
	if err != nil {
		return nil, fmt.Errorf("decrypting the arguments of %s: %w", d.Kind, err)
	}
	return payload, nil
}
