package devserver

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/front"
	"github.com/covetgo/covet/internal/devlink"
)

// instance is a process of the application.
type instance struct {
	process Process
	binary  string
	run     string
	began   time.Time
	address string           // once it is ready
	pending *devlink.Pending // what it waits for instead
	alone   bool             // no other one ran when it started
}

// start starts the last binary. Requests wait, and go to the new process once it is ready.
func (l *Server) start(ctx context.Context) {
	l.abandon()
	l.again = false
	l.runs++
	i := &instance{binary: l.binary, run: strconv.Itoa(l.runs), began: time.Now(), alone: !l.alive()}
	p, err := l.config.Start(ctx, i.binary, i.run)
	if err != nil {
		fault := front.Fault{Kind: front.Start}
		fault.Detail, fault.Hint = withHint(err)
		l.broken = true // the binary may be gone
		l.fail(fault)
		l.retire()
		return
	}
	i.process, l.starting = p, i
	l.spawn(func() {
		slow := time.NewTimer(l.config.Patience)
		defer slow.Stop()
		select {
		case <-p.Done():
		case <-slow.C:
			l.post(func(context.Context) { l.slow(i) })
			<-p.Done()
		}
		l.post(func(ctx context.Context) { l.exited(ctx, i) })
	})
}

// heard takes a message of a process in. Those of processes that are not waited for any longer are passed over.
func (l *Server) heard(message devlink.Message) {
	i := l.starting
	if i == nil || i.run != message.Run || l.ending {
		return
	}
	if message.Pending != nil {
		i.pending = message.Pending // it ends by itself
		return
	}
	former := l.current
	i.address = message.Ready.Address
	l.current, l.starting, l.shown = i, nil, nil
	l.config.Front.Serve(i.address)
	l.config.Front.Notify(front.Event{})
	l.config.Screen.Ready(time.Since(i.began))
	if former != nil {
		l.drain(former)
	}
	if !l.served && l.config.FirstOpen {
		l.config.Browse()
	}
	l.served = true
}

// retire ends the process that serves once its requests have ended. The front does not lead to it any longer.
func (l *Server) retire() {
	if former := l.current; former != nil {
		l.current = nil
		l.drain(former)
	}
}

// drain asks a process to end once no request runs there any longer.
func (l *Server) drain(i *instance) {
	l.leaving[i] = true
	idle := l.config.Front.Idle(i.address)
	l.spawn(func() {
		bound := time.NewTimer(l.config.Drain)
		defer bound.Stop()
		select {
		case <-idle:
		case <-bound.C:
		case <-i.process.Done():
		}
		i.process.Stop(l.config.Grace)
	})
}

// abandon ends the process that starts: it is not wanted any longer.
func (l *Server) abandon() {
	if i := l.starting; i != nil {
		l.starting = nil
		l.leaving[i] = true
		i.process.Stop(l.config.Grace)
	}
}

// exited takes in that a process has ended.
func (l *Server) exited(ctx context.Context, i *instance) {
	switch {
	case l.leaving[i]:
		delete(l.leaving, i)
		if l.again && !l.alive() && !l.ending {
			l.start(ctx)
		}
	case l.starting == i:
		l.starting = nil
		l.startFailed(ctx, i)
	case l.current == i:
		l.current = nil
		if l.ending || l.building != nil || l.work.code || l.starting != nil || l.again {
			return // another one is on its way
		}
		l.fail(exitFault(i, front.Exit))
	}
}

// startFailed decides what to do about a process that has ended before it was ready.
func (l *Server) startFailed(ctx context.Context, i *instance) {
	switch {
	case l.ending:
	case i.pending != nil:
		l.fail(pendingFault(i.pending))
		l.retire()
	case !i.alone && i.process.Exit().Code != exit.Config:
		// It may want something that only one process can have, such as a port of its own.
		l.config.Screen.Note("it ended, " + i.process.Exit().String() +
			", beside the former process; trying once more without that")
		l.again = true
		l.evict()
		if !l.alive() {
			l.start(ctx)
		}
	default:
		l.fail(exitFault(i, front.Start))
		l.retire()
	}
}

// evict ends every process now.
func (l *Server) evict() {
	if l.current != nil {
		l.leaving[l.current] = true
		l.current = nil
	}
	for i := range l.leaving {
		i.process.Stop(l.config.Grace)
	}
}

// slow says that a process takes long. It may become ready yet.
func (l *Server) slow(i *instance) {
	if l.starting != i || l.ending {
		return
	}
	l.fail(front.Fault{
		Kind:   front.Start,
		Title:  fmt.Sprintf("The application has not said in %v that it is ready", l.config.Patience),
		Detail: "It still runs, and this page goes away when it is ready.",
		Hint:   "See in its output what it waits for; a database that does not answer is a common reason.",
		Output: i.process.Tail(),
	})
	l.retire()
}

// exitFault is the fault of a process that ended by itself.
func exitFault(i *instance, kind front.Kind) front.Fault {
	ended := i.process.Exit()
	fault := front.Fault{
		Kind: kind, Output: i.process.Tail(), Took: time.Since(i.began),
		Detail: "It ended with " + ended.String() + ".",
		Hint:   "Correct what its output names; it starts again at the next change.",
	}
	switch {
	case ended.Code == exit.Config && kind == front.Start:
		fault.Kind, fault.Hint = front.Configuration, "Correct .env or the files in config; it starts again when they change."
	case ended.Code == exit.OK:
		fault.Detail = "It ended by itself, without an error."
		fault.Hint = "Look for a call that ends the program, such as os.Exit."
	}
	return fault
}

func pendingFault(pending *devlink.Pending) front.Fault {
	fault := front.Fault{
		Kind: front.Pending,
		Hint: "Apply them with the button, with the key m in the terminal, or with: covet migrate up",
	}
	for _, m := range pending.Migrations {
		fault.Migrations = append(fault.Migrations, front.Migration{Source: m.Source, Version: m.Version, Name: m.Name})
	}
	return fault
}
