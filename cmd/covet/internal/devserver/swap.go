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

// start starts the last binary. Requests wait, and go to the new process once it is ready.
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

// received handles a message of the process that starts. Messages of other processes are ignored.
func (s *Server) received(message devlink.Message) {
	i := s.starting
	if i == nil || i.run != message.Run || s.ending {
		return
	}
	if message.Pending != nil {
		i.pending = message.Pending // it ends by itself
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

// retire ends the process that serves once its requests have ended. The proxy does not lead to it any longer.
func (s *Server) retire() {
	if former := s.current; former != nil {
		s.current = nil
		s.drain(former)
	}
}

// drain asks a process to end once no request runs there any longer.
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

// abortStart stops the process that starts.
func (s *Server) abortStart() {
	if i := s.starting; i != nil {
		s.starting = nil
		s.stopping[i] = true
		i.process.Stop(s.config.Grace)
	}
}

// exited takes in that a process has ended.
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
			return // another one is on its way
		}
		s.fail(exitFault(i, proxy.Exit))
	}
}

// startFailed decides what to do about a process that has ended before it was ready.
func (s *Server) startFailed(ctx context.Context, i *instance) {
	switch {
	case s.ending:
	case i.pending != nil:
		s.fail(pendingFault(i.pending))
		s.retire()
	case !i.exclusive && i.process.Exit().Code != exit.Config:
		// It may want something that only one process can have, such as a port of its own.
		s.config.Screen.Notice("it ended, " + i.process.Exit().String() +
			", beside the former process; trying once more without that")
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

// stopAll stops the current process and those that wait for their requests.
func (s *Server) stopAll() {
	if s.current != nil {
		s.stopping[s.current] = true
		s.current = nil
	}
	for i := range s.stopping {
		i.process.Stop(s.config.Grace)
	}
}

// slow says that a process takes long. It may become ready yet.
func (s *Server) slow(i *instance) {
	if s.starting != i || s.ending {
		return
	}
	s.fail(proxy.Fault{
		Kind:   proxy.Start,
		Title:  fmt.Sprintf("The application has not said in %v that it is ready", s.config.StartTimeout),
		Detail: "It still runs, and this page goes away when it is ready.",
		Hint:   "See in its output what it waits for; a database that does not answer is a common reason.",
		Output: i.process.Tail(),
	})
	s.retire()
}

// exitFault is the fault of a process that ended by itself.
func exitFault(i *instance, kind proxy.Kind) proxy.Fault {
	ended := i.process.Exit()
	fault := proxy.Fault{
		Kind: kind, Output: i.process.Tail(), Took: time.Since(i.began),
		Detail: "It ended with " + ended.String() + ".",
		Hint:   "Correct what its output names; it starts again at the next change.",
	}
	switch {
	case ended.Code == exit.Config && kind == proxy.Start:
		fault.Kind, fault.Hint = proxy.Configuration, "Correct .env or the files in config; it starts again when they change."
	case ended.Code == exit.OK:
		fault.Detail = "It ended by itself, without an error."
		fault.Hint = "Look for a call that ends the program, such as os.Exit."
	}
	return fault
}

func pendingFault(pending *devlink.Pending) proxy.Fault {
	fault := proxy.Fault{
		Kind: proxy.Pending,
		Hint: "Apply them with the button, with the key m in the terminal, or with: covet migrate up",
	}
	for _, m := range pending.Migrations {
		fault.Migrations = append(fault.Migrations, proxy.Migration{Source: m.Source, Version: m.Version, Name: m.Name})
	}
	return fault
}
