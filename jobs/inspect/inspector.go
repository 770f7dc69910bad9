// Package inspect lists and changes background jobs for administrators: rows, queues, workers, statistics and
// schedules; retry, cancel, delete, pause and resume. The commands and the admin use it.
//
// Client.Inspector of package jobs returns an [Inspector]:
//
//	inspector := client.Inspector()
//	dead := inspect.Filter{States: []covetjobs.State{covetjobs.Dead}, Queue: "mail"}
//	page, err := inspector.Rows(ctx, dead, "", 50)
//	n, err := inspector.RetryAll(ctx, dead)
//
// Rows may contain personal data and their arguments may contain secrets: display them with [Inspector.Arguments].
package inspect

import (
	"context"
	"log/slog"
	"reflect"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// Inspector lists and changes jobs. It does not need a started client and is safe for concurrent use.
type Inspector struct {
	store     *store.Store
	transport Transport
	registry  Registry
	schedules Schedules
	runs      Runs
	waker     Waker
	log       *slog.Logger
}

// Transport is the part of the transport that an Inspector uses.
type Transport interface {
	// Withdraw removes a delivery that no worker has taken.
	Withdraw(ctx context.Context, d job.Delivery) error
	// SetPaused publishes to the workers when each queue was paused; nil for a queue that is not paused.
	SetPaused(ctx context.Context, queues map[string]*time.Time) error
}

// Registry provides the jobs that this process registers.
type Registry interface {
	// Kinds and Queues return the kinds and the declared queues, sorted.
	Kinds() []string
	Queues() []string
	// Type returns the struct of a kind; nil if it is unknown.
	Type(kind string) reflect.Type
	// Check returns why this process cannot run a delivery; nil if it can.
	Check(d job.Delivery) error
}

// Schedules returns the schedules that the process declares.
type Schedules interface {
	Schedules() []job.Schedule
}

// Runs are the jobs that this process runs.
type Runs interface {
	// Cancel cancels the context of a job if this process runs it.
	Cancel(id string)
}

// Waker wakes the relay after the commit of the transaction that ctx carries, or immediately without one.
type Waker interface {
	WakeAfterCommit(ctx context.Context)
}

// Deps are the dependencies of an Inspector.
type Deps struct {
	Store     *store.Store
	Transport Transport
	Registry  Registry
	Schedules Schedules
	Runs      Runs
	Waker     Waker
	Log       *slog.Logger
}

// New returns an Inspector. Applications get theirs from Client.Inspector.
func New(d Deps) *Inspector {
	return &Inspector{
		store: d.Store, transport: d.Transport, registry: d.Registry, schedules: d.Schedules, runs: d.Runs,
		waker: d.Waker, log: d.Log,
	}
}

// transportTimeout limits calls of the transport after a commit. If they fail nothing is lost: the relays repeat them
// within a second, and workers check the rows.
const transportTimeout = time.Second

// afterCommit calls fn with a short deadline after the commit of the transaction that ctx carries, or immediately
// without one.
func afterCommit(ctx context.Context, fn func(ctx context.Context)) {
	bounded := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), transportTimeout)
		defer cancel()
		fn(ctx)
	}
	if !database.AfterCommit(ctx, bounded) {
		bounded(ctx)
	}
}
