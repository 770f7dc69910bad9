// Package devserver is the engine of "covet serve": it builds the application when its files change, and replaces the
// running process by the new one so that no request is refused.
//
//	server := devserver.New(devserver.Config{Root: root, Proxy: proxy, Builder: builder, Start: start, …})
//	err := server.Run(ctx)
//
// A change goes through these steps, each in a package or a file of its own:
//
//	watch       which files have another content              package watch
//	classify    what they ask for                             work.go
//	refresh     templates become code, or texts               refresh.go, package views
//	build       code becomes a binary, or problems            build.go, package build
//	swap        a process starts, the proxy switches to it,   swap.go, packages process and proxy
//	            the former one ends
//	notify      pages in browsers load again                  package proxy
//
// One goroutine owns all state: [Server.Run]. Everything else sends it functions to call.
package devserver

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
	"github.com/covetgo/covet/internal/devlink"
)

// Proxy is what the dev server needs of the proxy on the public port.
type Proxy interface {
	Hold()
	Serve(address string)
	Fail(fault proxy.Fault)
	Idle(address string) <-chan struct{}
	Notify(event proxy.Event)
}

// Builder compiles the application. A binary that is used must not be overwritten.
type Builder interface {
	Build(ctx context.Context, used func(binary string) bool) (build.Result, error)
}

// Process is a program that was started.
type Process interface {
	Done() <-chan struct{}
	Exit() process.Exit
	Tail() string
	Stop(grace time.Duration)
	Kill()
}

// Watcher tells which files have changed.
type Watcher interface {
	Batches() <-chan watch.Batch
	// Quietly runs a function; the files that it returns have not changed.
	Quietly(write func() ([]string, error)) error
}

// Refreshed is what became of templates.
type Refreshed struct {
	// Code is whether the application has to be compiled.
	Code bool
	// Text is whether pages show something else already.
	Text bool
	// Written are the files that were written.
	Written []string
}

// Screen shows a person what happens.
type Screen interface {
	Changed(paths []string)
	// Building and Starting say that a build, or the start of the application, still goes on.
	Building(first bool, elapsed time.Duration)
	Starting(elapsed time.Duration)
	Built(took time.Duration)
	Ready(took time.Duration)
	Fault(fault proxy.Fault)
	Notice(text string)
	Clear()
	Help()
}

// Config is what a dev server works with. The zero value of a duration means its default; everything else is required
// unless its comment says otherwise.
type Config struct {
	// Root is the folder of the application, absolute.
	Root string
	// Watcher tells of changes.
	Watcher Watcher
	// Refresh generates the code of templates, by their paths, or of all when there are none. It returns an error that
	// [Faulty] understands.
	Refresh func(paths ...string) (Refreshed, error)
	// Builder compiles, when no other command does: see [build.Lock].
	Builder Builder
	// Start starts a binary so that its messages bear run.
	Start func(ctx context.Context, binary, run string) (Process, error)
	// Migrate starts a binary so that it applies pending migrations.
	Migrate func(binary string) (Process, error)
	// Messages are those of the processes.
	Messages <-chan devlink.Message
	// Proxy is the proxy.
	Proxy Proxy
	// Screen is the terminal.
	Screen Screen
	// Keys are keys that a person presses. Defaults to none.
	Keys <-chan rune
	// Browse opens a page in the browser, at the first start and at a key. FirstOpen is whether it does at the first
	// start. Browse defaults to nothing.
	Browse    func()
	FirstOpen bool
	// Kill ends everything at once when it is closed. Defaults to never.
	Kill <-chan struct{}
	// Grace is how long a process may take to end before it is killed. Defaults to 5 seconds.
	Grace time.Duration
	// Drain is how long requests of a process that was replaced may take before it is asked to end. Defaults to 60
	// seconds.
	Drain time.Duration
	// StartTimeout is how long a process may start before the page reports that it takes long. Defaults to 60 seconds.
	StartTimeout time.Duration
	// ProgressInterval is how often the screen reports a running build or start. Defaults to 1 second.
	ProgressInterval time.Duration
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&c.Grace, 5 * time.Second},
		{&c.Drain, time.Minute},
		{&c.StartTimeout, time.Minute},
		{&c.ProgressInterval, time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.standard
		}
	}
	if c.Browse == nil {
		c.Browse = func() {}
	}
	return c
}

// Server is one run of the dev server. [Server.Run] owns every field below the first group.
type Server struct {
	config Config
	posted chan func(ctx context.Context)
	ended  chan struct{} // closed when nobody takes what is posted any longer
	tasks  sync.WaitGroup

	work       work
	refreshing bool
	stale      bool // a template has a mistake: all have to be generated again
	building   *buildTask
	broken     bool   // the last build failed
	binary     string // of the last build that succeeded
	runs       int

	current  *instance          // requests go to it
	starting *instance          // it has not said that it is ready
	stopping map[*instance]bool // they end, or will once they are idle
	retry    bool               // start once more when the others are gone
	shown    *proxy.Fault
	served   bool // a process has been ready once

	migrating bool
	ending    bool
	failure   error
}

// New returns a dev server that has not begun.
func New(config Config) *Server {
	return &Server{
		config: config.withDefaults(), posted: make(chan func(ctx context.Context)), ended: make(chan struct{}),
		stopping: map[*instance]bool{},
	}
}

// Run builds and starts the application, and does so again at every change, until ctx ends, a person quits, or the
// folder of the application is gone. It returns when every process has ended.
func (s *Server) Run(ctx context.Context) error {
	defer s.tasks.Wait()
	defer close(s.ended)
	s.config.Proxy.Hold()
	s.work = s.fullRebuild()
	s.step(ctx)
	progress := time.NewTicker(s.config.ProgressInterval)
	defer progress.Stop()
	done, kill, batches := ctx.Done(), s.config.Kill, s.config.Watcher.Batches()
	for !s.ending || s.hasProcess() {
		select {
		case <-done:
			done = nil
			s.end()
		case <-kill:
			kill = nil
			s.killAll()
		case batch, open := <-batches:
			if !open {
				batches = nil
			}
			s.changed(ctx, batch)
		case message := <-s.config.Messages:
			s.received(message)
		case key := <-s.config.Keys:
			s.keyPressed(ctx, key)
		case call := <-s.posted:
			call(ctx)
		case <-progress.C:
			s.reportProgress()
		}
	}
	return s.failure
}

// reportProgress shows what the dev server waits for.
func (s *Server) reportProgress() {
	switch {
	case s.ending:
	case s.building != nil:
		s.config.Screen.Building(s.binary == "", time.Since(s.building.began))
	case s.starting != nil && s.starting.pending == nil:
		s.config.Screen.Starting(time.Since(s.starting.began))
	}
}

// fullRebuild returns the work of a first build.
func (s *Server) fullRebuild() work { return work{all: true, code: true} }

// post has the dev server call a function with the context of its run. It reports false when the dev server has ended.
func (s *Server) post(call func(ctx context.Context)) bool {
	select {
	case s.posted <- call:
		return true
	case <-s.ended:
		return false
	}
}

// spawn runs a task that the dev server waits for in the end.
func (s *Server) spawn(task func()) { s.tasks.Go(task) }

// errEnded is the answer to a button when the dev server ends.
var errEnded = errors.New("covet serve is ending")

// ask has the dev server call a function and waits for the answer.
func (s *Server) ask(ctx context.Context, call func(ctx context.Context, answer chan<- error)) error {
	answer := make(chan error, 1)
	if !s.post(func(ctx context.Context) { call(ctx, answer) }) {
		return errEnded
	}
	select {
	case err := <-answer:
		return err
	case <-s.ended:
		return errEnded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hasProcess reports whether a process runs.
func (s *Server) hasProcess() bool {
	return s.current != nil || s.starting != nil || len(s.stopping) > 0
}

// instances returns all processes.
func (s *Server) instances() []*instance {
	var all []*instance
	for _, i := range []*instance{s.current, s.starting} {
		if i != nil {
			all = append(all, i)
		}
	}
	for i := range s.stopping {
		all = append(all, i)
	}
	return all
}

// end asks every process to end, and begins nothing more.
func (s *Server) end() {
	if s.ending {
		return
	}
	s.ending = true
	if s.building != nil {
		s.building.cancel()
	}
	for _, i := range s.instances() {
		i.process.Stop(s.config.Grace)
	}
}

func (s *Server) killAll() {
	s.end()
	for _, i := range s.instances() {
		i.process.Kill()
	}
}
