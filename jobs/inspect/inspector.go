// Package inspect shows and changes background jobs for people: rows, queues, workers, statistics, schedules; retry,
// cancel, delete, pause and resume. The console commands and the admin use it.
//
// Client.Inspector of package jobs returns an [Inspector]:
//
//	inspector := client.Inspector()
//	dead := inspect.Filter{States: []covetjobs.State{covetjobs.Dead}, Queue: "mail"}
//	page, err := inspector.Rows(ctx, dead, "", 50)
//	n, err := inspector.RetryAll(ctx, dead)
//
// Rows may hold personal data, and their arguments secrets: show those with [Inspector.Arguments].
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

// Inspector shows and changes jobs. It needs no started client, and is safe for concurrent use.
type Inspector struct {
	store     *store.Store
	transport Transport
	registry  Registry
	schedules Schedules
	runs      Runs
	waker     Waker
	log       *slog.Logger
}

// Transport is what an Inspector needs of the transport of deliveries.
type Transport interface {
	// Withdraw removes a delivery that no worker has taken.
	Withdraw(ctx context.Context, d job.Delivery) error
	// SetPaused tells the workers which queues are paused, and which are not (nil).
	SetPaused(ctx context.Context, queues map[string]*time.Time) error
}

// Registry is what an Inspector needs to know of the jobs that its process registers.
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

// Runs are the jobs that the process runs.
type Runs interface {
	// Cancel ends the context of a run, if the process runs the job.
	Cancel(id string)
}

// Waker wakes the relay after the commit of the transaction that ctx carries, or at once.
type Waker interface {
	WakeAfterCommit(ctx context.Context)
}

// Deps are what an Inspector is made of.
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

// transportTimeout bounds what an Inspector tells the transport after a commit. Without success nothing is lost: the
// relays do the same within a second, and workers ask the rows.
const transportTimeout = time.Second

// afterCommit calls fn with a short deadline after the commit of the transaction that ctx carries, or at once.
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
