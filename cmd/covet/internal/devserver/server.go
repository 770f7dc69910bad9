// Package devserver is the engine of "covet serve": it builds the application when its files change, and replaces the
// running process without refusing a request.
//
//	server := devserver.New(devserver.Config{Root: root, Proxy: proxy, Builder: builder, Start: start, …})
//	err := server.Run(ctx)
//
// A change goes through these steps, each in its own package or file:
//
//	watch       which files have another content              package watch
//	classify    what they ask for                             work.go
//	refresh     templates become code, or texts               refresh.go, package views
//	build       code becomes a binary, or problems            build.go, package build
//	swap        a process starts, the proxy switches to it,   swap.go, packages process and proxy
//	            the former one ends
//	notify      pages in browsers load again                  package proxy
//
// One goroutine, [Server.Run], owns all state. Others send it functions to call.
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

// Proxy is the part of the proxy that the dev server uses.
type Proxy interface {
	Hold()
	Serve(address string)
	Fail(fault proxy.Fault)
	Idle(address string) <-chan struct{}
	Notify(event proxy.Event)
}

// Builder compiles the application. It must not overwrite a binary that is in use.
type Builder interface {
	Build(ctx context.Context, used func(binary string) bool) (build.Result, error)
}

// Process is a started program.
type Process interface {
	Done() <-chan struct{}
	Exit() process.Exit
	Tail() string
	Stop(grace time.Duration)
	Kill()
}

// Watcher reports changed files.
type Watcher interface {
	Batches() <-chan watch.Batch
	// Quietly runs a function; changes of the files that it returns are not reported.
	Quietly(write func() ([]string, error)) error
}

// Refreshed is the result of generating templates' code.
type Refreshed struct {
	// Code reports whether the application must be compiled.
	Code bool
	// Text reports whether the texts of pages have changed.
	Text bool
	// Written are the files that were written.
	Written []string
}

// Screen displays progress.
type Screen interface {
	Changed(paths []string)
	// Building and Starting report that a build, or the start of the application, is still running.
	Building(first bool, elapsed time.Duration)
	Starting(elapsed time.Duration)
	Built(took time.Duration)
	Ready(took time.Duration)
	Fault(fault proxy.Fault)
	Notice(text string)
	Clear()
	Help()
}

// Config configures a dev server. The zero value of a duration means its default; everything else is required unless
// its comment says otherwise.
type Config struct {
	// Root is the folder of the application, absolute.
	Root string
	// Watcher reports changes.
	Watcher Watcher
	// Refresh generates the code of the given templates, or of all if there are none. Its errors work with [Faulty].
	Refresh func(paths ...string) (Refreshed, error)
	// Builder compiles while no other command does: see [build.Lock].
	Builder Builder
	// Start starts a binary. Its messages carry run.
	Start func(ctx context.Context, binary, run string) (Process, error)
	// Migrate starts a binary to apply pending migrations.
	Migrate func(binary string) (Process, error)
	// Messages are the messages of the processes.
	Messages <-chan devlink.Message
	// Proxy is the proxy.
	Proxy Proxy
	// Screen is the terminal.
	Screen Screen
	// Keys are the pressed keys. Defaults to none.
	Keys <-chan rune
	// Browse opens a page in the browser: at a key, and at the first start if FirstOpen is true. Defaults to nothing.
	Browse    func()
	FirstOpen bool
	// Kill stops everything at once when it is closed. Defaults to never.
	Kill <-chan struct{}
	// Grace is how long a process may take to stop before it is killed. Defaults to 5 seconds.
	Grace time.Duration
	// Drain is how long requests of a replaced process may take before it is asked to stop. Defaults to 60 seconds.
	Drain time.Duration
	// StartTimeout is how long a process may start before the page reports that it is slow. Defaults to 60 seconds.
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
	ended  chan struct{} // closed when posted functions are no longer called
	tasks  sync.WaitGroup

	work       work
	refreshing bool
	stale      bool // a template has an error: all must be generated again
	building   *buildTask
	broken     bool   // the last build failed
	binary     string // of the last successful build
	runs       int

	current  *instance          // receives requests
	starting *instance          // is not ready yet
	stopping map[*instance]bool // stopping, or will stop once they are idle
	retry    bool               // start once more when the others have exited
	shown    *proxy.Fault
	served   bool // a process has been ready once

	migrating bool
	ending    bool
	failure   error
}

// New returns a dev server, which Run starts.
func New(config Config) *Server {
	return &Server{
		config: config.withDefaults(), posted: make(chan func(ctx context.Context)), ended: make(chan struct{}),
		stopping: map[*instance]bool{},
	}
}

// Run builds and starts the application, and does so again at every change, until ctx ends, the user quits, or the
// folder of the application is removed. It returns when every process has exited.
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

// reportProgress reports what the dev server waits for.
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

// post makes the dev server call a function with the context of its run. It reports false if the dev server has
// stopped.
func (s *Server) post(call func(ctx context.Context)) bool {
	select {
	case s.posted <- call:
		return true
	case <-s.ended:
		return false
	}
}

// spawn runs a task that the dev server waits for before it stops.
func (s *Server) spawn(task func()) { s.tasks.Go(task) }

// errEnded is returned to a button while the dev server stops.
var errEnded = errors.New("covet serve is stopping")

// ask makes the dev server call a function and waits for the result.
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

// end stops every process, and starts nothing more.
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
