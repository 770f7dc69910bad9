package devserver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/cmd/covet/internal/devserver"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
	"github.com/covetgo/covet/internal/devlink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// harness fakes everything around a dev server: it decides when builds and processes end.
type harness struct {
	t        *testing.T
	server   *devserver.Server
	batches  chan watch.Batch
	messages chan devlink.Message
	keys     chan rune
	kill     chan struct{}
	cancel   context.CancelFunc
	done     chan error

	mu        sync.Mutex
	log       []string // what the dev server has told the proxy and the screen, and what it has begun
	seen      int      // what expect has passed
	builds    []*fakeBuild
	processes []*fakeProcess
	idle      map[string]chan struct{}
	refresh   func(paths []string) (devserver.Refreshed, error)
	startErr  error
}

type fakeBuild struct {
	ctx  context.Context
	used func(string) bool
	done chan error
}

type fakeProcess struct {
	h            *harness
	name         string
	unresponsive bool // it does not end when asked to
	once         sync.Once
	done         chan struct{}
	exit         process.Exit
}

func newHarness(t *testing.T, change ...func(*devserver.Config)) *harness {
	t.Helper()
	w := &harness{
		t: t, batches: make(chan watch.Batch), messages: make(chan devlink.Message), keys: make(chan rune),
		kill: make(chan struct{}), done: make(chan error, 1), idle: map[string]chan struct{}{},
	}
	config := devserver.Config{
		Root: t.TempDir(), Watcher: w, Refresh: w.refreshed, Builder: w, Start: w.start, Migrate: w.migrate,
		Messages: w.messages, Proxy: w, Screen: screen{w}, Keys: w.keys, Kill: w.kill,
		Browse: func() { w.record("browse") }, Grace: time.Hour, Drain: time.Hour, StartTimeout: time.Hour,
		ProgressInterval: time.Hour,
	}
	for _, c := range change {
		c(&config)
	}
	w.server = devserver.New(config)
	ctx, cancel := context.WithCancel(t.Context())
	w.cancel = cancel
	go func() { w.done <- w.server.Run(ctx) }()
	t.Cleanup(func() {
		w.finish()
		cancel()
		_ = w.ended() // tests that want one have asked
	})
	return w
}

// serving is a world in which the first process serves.
func serving(t *testing.T, change ...func(*devserver.Config)) *harness {
	t.Helper()
	w := newHarness(t, change...)
	w.expect("hold", "refresh []", "hold", "build 1")
	w.built(1, nil)
	w.expect("built", "start p1")
	w.ready(1)
	w.expect("serve p1", "reload", "ready")
	return w
}

// finish makes everything end that the dev server waits for.
func (w *harness) finish() {
	w.mu.Lock()
	for _, b := range w.builds {
		select {
		case b.done <- errors.New("over"):
		default:
		}
	}
	processes := w.processes
	w.mu.Unlock()
	for _, p := range processes {
		p.mu(func() { p.unresponsive = false })
		p.end(process.Exit{})
	}
	for !w.over() {
		w.mu.Lock()
		processes = w.processes
		w.mu.Unlock()
		for _, p := range processes {
			p.end(process.Exit{})
		}
		w.cancel()
	}
}

func (w *harness) over() bool {
	select {
	case err := <-w.done:
		w.done <- err
		return true
	default:
		return false
	}
}

// ended waits for the end of the dev server.
func (w *harness) ended() error {
	w.t.Helper()
	select {
	case err := <-w.done:
		w.done <- err
		return err
	case <-time.After(20 * time.Second):
		w.t.Fatalf("the dev server does not end; so far: %v", w.log)
		return nil
	}
}

func (w *harness) record(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

// recordOnce records what is repeated until something else happens.
func (w *harness) recordOnce(event string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.log) == 0 || w.log[len(w.log)-1] != event {
		w.log = append(w.log, event)
	}
}

// expect waits for these events, in this order, with none between.
func (w *harness) expect(events ...string) {
	w.t.Helper()
	for _, want := range events {
		deadline := time.Now().Add(20 * time.Second)
		for {
			w.mu.Lock()
			rest := w.log[w.seen:]
			w.mu.Unlock()
			if len(rest) > 0 {
				if !strings.HasPrefix(rest[0], want) {
					w.t.Fatalf("got %q, want %q; before: %q", rest, want, w.log[:w.seen])
				}
				w.seen++
				break
			}
			if time.Now().After(deadline) {
				w.t.Fatalf("%q does not come; before: %q", want, w.log)
			}
			time.Sleep(time.Millisecond) // between two looks
		}
	}
}

// quiet checks that nothing has happened that expect has not passed. The dev server has nothing to do: it takes a key.
func (w *harness) quiet() {
	w.t.Helper()
	w.keys <- 'x'
	w.keys <- 'x'
	w.mu.Lock()
	defer w.mu.Unlock()
	if rest := w.log[w.seen:]; len(rest) > 0 {
		w.t.Fatalf("got %q, want nothing", rest)
	}
}

func (w *harness) change(paths ...string) {
	w.t.Helper()
	var batch watch.Batch
	for _, path := range paths {
		batch.Changes = append(batch.Changes, watch.Change{Path: path})
	}
	w.batches <- batch
}

// built ends the build with this number.
func (w *harness) built(number int, err error) {
	w.t.Helper()
	w.mu.Lock()
	b := w.builds[number-1]
	w.mu.Unlock()
	b.done <- err
}

func (w *harness) p(number int) *fakeProcess {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.processes[number-1]
}

func (w *harness) ready(number int) {
	w.messages <- devlink.Message{Run: fmt.Sprint(number), Ready: &devlink.Ready{Address: fmt.Sprintf("p%d", number)}}
}

// Watcher

func (w *harness) Batches() <-chan watch.Batch { return w.batches }

func (w *harness) Quietly(write func() ([]string, error)) error {
	_, err := write()
	return err
}

func (w *harness) refreshed(paths ...string) (devserver.Refreshed, error) {
	w.record("refresh %v", paths)
	w.mu.Lock()
	refresh := w.refresh
	w.mu.Unlock()
	if refresh != nil {
		return refresh(paths)
	}
	return devserver.Refreshed{Code: true}, nil
}

func (w *harness) refreshing(refresh func(paths []string) (devserver.Refreshed, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refresh = refresh
}

// Builder

func (w *harness) Build(ctx context.Context, used func(string) bool) (build.Result, error) {
	b := &fakeBuild{ctx: ctx, used: used, done: make(chan error, 1)}
	w.mu.Lock()
	w.builds = append(w.builds, b)
	number := len(w.builds)
	w.log = append(w.log, fmt.Sprintf("build %d", number))
	w.mu.Unlock()
	select {
	case err := <-b.done:
		return build.Result{Binary: fmt.Sprintf("binary%d", number)}, err
	case <-ctx.Done():
		return build.Result{}, ctx.Err()
	}
}

// Processes

func (w *harness) start(_ context.Context, binary, run string) (devserver.Process, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.startErr != nil {
		return nil, w.startErr
	}
	p := &fakeProcess{h: w, name: "p" + run, done: make(chan struct{})}
	w.processes = append(w.processes, p)
	if !strings.HasPrefix(binary, "binary") {
		w.t.Errorf("%s is no binary", binary)
	}
	w.log = append(w.log, "start "+p.name)
	return p, nil
}

func (w *harness) migrate(binary string) (devserver.Process, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := &fakeProcess{h: w, name: "migrate", done: make(chan struct{})}
	w.processes = append(w.processes, p)
	w.log = append(w.log, "migrate "+binary)
	return p, nil
}

func (p *fakeProcess) mu(call func()) {
	p.h.mu.Lock()
	defer p.h.mu.Unlock()
	call()
}

func (p *fakeProcess) Done() <-chan struct{} { return p.done }
func (p *fakeProcess) Exit() process.Exit    { return p.exit }
func (p *fakeProcess) Tail() string          { return "output of " + p.name }

func (p *fakeProcess) end(exit process.Exit) {
	p.once.Do(func() {
		p.exit = exit
		close(p.done)
	})
}

func (p *fakeProcess) Stop(time.Duration) {
	select {
	case <-p.done:
		return
	default:
	}
	p.h.record("stop %s", p.name)
	unresponsive := false
	p.mu(func() { unresponsive = p.unresponsive })
	if !unresponsive {
		p.end(process.Exit{})
	}
}

func (p *fakeProcess) Kill() {
	p.h.record("kill %s", p.name)
	p.end(process.Exit{Code: -1, Text: "signal: killed"})
}

// Front

// Hold is noted once when it is called several times in a row.
func (w *harness) Hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.log) == 0 || w.log[len(w.log)-1] != "hold" {
		w.log = append(w.log, "hold")
	}
}

func (w *harness) Serve(address string) { w.record("serve %s", address) }
func (w *harness) Fail(fault proxy.Fault) {
	w.record("fail %s %s %s %d", fault.Kind, fault.Title, fault.Output, len(fault.Problems)+len(fault.Migrations))
}

func (w *harness) Idle(address string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, "drain "+address)
	w.idle[address] = make(chan struct{})
	return w.idle[address]
}

// idles says that a process has no request any more.
func (w *harness) idles(address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.idle[address])
}

func (w *harness) Notify(event proxy.Event) {
	if len(event.CSS) > 0 {
		w.record("styles %v", event.CSS)
		return
	}
	w.record("reload")
}

// screen is the terminal.
type screen struct{ w *harness }

func (s screen) Changed(paths []string)       { s.w.record("changed %v", paths) }
func (s screen) Building(bool, time.Duration) { s.w.recordOnce("building") }
func (s screen) Starting(time.Duration)       { s.w.recordOnce("starting") }
func (s screen) Built(time.Duration)          { s.w.record("built") }
func (s screen) Ready(time.Duration)          { s.w.record("ready") }
func (s screen) Fault(fault proxy.Fault)      { s.w.record("say %s", fault.Kind) }
func (s screen) Notice(text string)           { s.w.record("note %s", text) }
func (s screen) Clear()                       { s.w.record("clear") }
func (s screen) Help()                        { s.w.record("help") }
