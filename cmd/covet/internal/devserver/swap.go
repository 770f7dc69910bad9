package devserver

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
	"github.com/covetgo/covet/internal/devlink"
)

// instance is a process of the application.
type instance struct {
	process   Process
	binary    string
	run       string
	began     time.Time
	address   string           // once it is ready
	pending   *devlink.Pending // what it waits for instead
	exclusive bool             // no other one ran when it started
}

// start starts the last binary. Requests wait, and are sent to the new process once it is ready.
func (s *Server) start(ctx context.Context) {
	s.abortStart()
	s.retry = false
	s.runs++
	i := &instance{binary: s.binary, run: strconv.Itoa(s.runs), began: time.Now(), exclusive: !s.hasProcess()}
	p, err := s.config.Start(ctx, i.binary, i.run)
	if err != nil {
		fault := proxy.Fault{Kind: proxy.Start}
		fault.Detail, fault.Hint = withHint(err)
		s.broken = true // the binary may be gone
		s.fail(fault)
		s.retire()
		return
	}
	i.process, s.starting = p, i
	s.spawn(func() {
		slow := time.NewTimer(s.config.StartTimeout)
		defer slow.Stop()
		select {
		case <-p.Done():
		case <-slow.C:
			s.post(func(context.Context) { s.slow(i) })
			<-p.Done()
		}
		s.post(func(ctx context.Context) { s.exited(ctx, i) })
	})
}

// received handles a message of the starting process. Messages of other processes are ignored.
func (s *Server) received(message devlink.Message) {
	i := s.starting
	if i == nil || i.run != message.Run || s.ending {
		return
	}
	if message.Pending != nil {
		i.pending = message.Pending // it exits by itself
		return
	}
	former := s.current
	i.address = message.Ready.Address
	s.current, s.starting, s.shown = i, nil, nil
	s.config.Proxy.Serve(i.address)
	s.config.Proxy.Notify(proxy.Event{})
	s.config.Screen.Ready(time.Since(i.began))
	if former != nil {
		s.drain(former)
	}
	if !s.served && s.config.FirstOpen {
		s.config.Browse()
	}
	s.served = true
}

// retire stops the process that serves once its requests have ended. The proxy sends no more requests to it.
func (s *Server) retire() {
	if former := s.current; former != nil {
		s.current = nil
		s.drain(former)
	}
}

// drain asks a process to stop once it has no more requests.
func (s *Server) drain(i *instance) {
	s.stopping[i] = true
	idle := s.config.Proxy.Idle(i.address)
	s.spawn(func() {
		bound := time.NewTimer(s.config.Drain)
		defer bound.Stop()
		select {
		case <-idle:
		case <-bound.C:
		case <-i.process.Done():
		}
		i.process.Stop(s.config.Grace)
	})
}

// abortStart stops the starting process.
func (s *Server) abortStart() {
	if i := s.starting; i != nil {
		s.starting = nil
		s.stopping[i] = true
		i.process.Stop(s.config.Grace)
	}
}

// exited handles the exit of a process.
func (s *Server) exited(ctx context.Context, i *instance) {
	switch {
	case s.stopping[i]:
		delete(s.stopping, i)
		if s.retry && !s.hasProcess() && !s.ending {
			s.start(ctx)
		}
	case s.starting == i:
		s.starting = nil
		s.startFailed(ctx, i)
	case s.current == i:
		s.current = nil
		if s.ending || s.building != nil || s.work.code || s.starting != nil || s.retry {
			return // another one is starting
		}
		s.fail(exitFault(i, proxy.Exit))
	}
}

// startFailed handles a process that exited before it was ready.
func (s *Server) startFailed(ctx context.Context, i *instance) {
	switch {
	case s.ending:
	case i.pending != nil:
		s.fail(pendingFault(i.pending))
		s.retire()
	case !i.exclusive && i.process.Exit().Code != exit.Config:
		// It may need something exclusive, such as a port of its own.
		s.config.Screen.Notice("it ended, " + i.process.Exit().String() +
			", while the former process was running; trying again without it")
		s.retry = true
		s.stopAll()
		if !s.hasProcess() {
			s.start(ctx)
		}
	default:
		s.fail(exitFault(i, proxy.Start))
		s.retire()
	}
}

// stopAll stops the current process and those that drain.
func (s *Server) stopAll() {
	if s.current != nil {
		s.stopping[s.current] = true
		s.current = nil
	}
	for i := range s.stopping {
		i.process.Stop(s.config.Grace)
	}
}

// slow reports that a process is slow to start. It may still become ready.
func (s *Server) slow(i *instance) {
	if s.starting != i || s.ending {
		return
	}
	s.fail(proxy.Fault{
		Kind:   proxy.Start,
		Title:  fmt.Sprintf("The application was not ready within %v", s.config.StartTimeout),
		Detail: "It is still starting. This page reloads when it is ready.",
		Hint:   "Check its output for what it waits for, such as a database that does not respond.",
		Output: i.process.Tail(),
	})
	s.retire()
}

// exitFault is the fault of a process that exited by itself.
func exitFault(i *instance, kind proxy.Kind) proxy.Fault {
	ended := i.process.Exit()
	fault := proxy.Fault{
		Kind: kind, Output: i.process.Tail(), Took: time.Since(i.began),
		Detail: "It exited with " + ended.String() + ".",
		Hint:   "Fix the error in its output. It restarts at the next change.",
	}
	switch {
	case ended.Code == exit.Config && kind == proxy.Start:
		fault.Kind, fault.Hint = proxy.Configuration, "Fix .env or the files in config. It restarts when they change."
	case ended.Code == exit.OK:
		fault.Detail = "It exited without an error."
		fault.Hint = "Look for a call that ends the program, such as os.Exit."
	}
	return fault
}

func pendingFault(pending *devlink.Pending) proxy.Fault {
	fault := proxy.Fault{
		Kind: proxy.Pending,
		Hint: "Apply them with the button, the key m in the terminal, or: covet migrate up",
	}
	for _, m := range pending.Migrations {
		fault.Migrations = append(fault.Migrations, proxy.Migration{Source: m.Source, Version: m.Version, Name: m.Name})
	}
	return fault
}
