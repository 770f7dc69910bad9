package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/limit"
	"github.com/covetgo/covet/jobs/internal/relay"
	"github.com/covetgo/covet/jobs/internal/schedule"
	"github.com/covetgo/covet/jobs/internal/seal"
	"github.com/covetgo/covet/jobs/internal/store"
	"github.com/covetgo/covet/jobs/internal/transport"
	"github.com/covetgo/covet/jobs/internal/worker"
)

// Client enqueues jobs and, once started, relays, schedules and works them. It is made by [New] and safe for
// concurrent use.
//
// It is the only place that knows all parts: the store writes the rows, the transport carries deliveries, and the
// relay, the worker and the scheduler are one loop each.
type Client struct {
	cfg      Config
	db       *database.DB
	redis    *redis.Server
	log      *slog.Logger
	registry *registry
	rows     *rowBuilder

	store     *store.Store
	transport Transport
	waker     *relay.Waker
	relay     *relay.Relay
	pruner    *relay.Pruner
	worker    *worker.Worker
	heartbeat *worker.Heartbeat
	scheduler *schedule.Scheduler
	inspector *inspect.Inspector
	watchdog  *job.Watchdog

	faultsMu sync.Mutex
	faults   []error

	lifecycle sync.Mutex
	running   *running // nil while stopped
}

// Transport is what jobs need of a transport of deliveries: all that a second one has to implement.
type Transport interface {
	relay.Transport
	worker.Transport
	inspect.Transport
}

var _ Transport = (*transport.Asynq)(nil)

// New prepares a client; it dials nothing. Faults of cfg are reported by [Client.Start]. A nil log discards.
func New(cfg Config, db *database.DB, rdb *redis.Server, log *slog.Logger) *Client {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cfg = cfg.WithDefaults()
	sealer, err := seal.New(cfg.Keys)
	c := &Client{
		cfg: cfg, db: db, redis: rdb, log: log, registry: newRegistry(sealer, log), watchdog: &job.Watchdog{},
		store: store.New(db, cfg.Clock), transport: transport.New(rdb, log),
	}
	c.fault(errors.Join(err, cfg.Validate()))
	c.rows = &rowBuilder{registry: c.registry, sealer: sealer, now: c.store.Now}
	c.waker = relay.NewWaker(c.store, log)
	stats := worker.NewStats()
	c.relay = relay.New(relay.Config{PollInterval: cfg.PollInterval, Lease: cfg.Lease}, relay.Deps{
		Outbox: c.store, Transport: c.transport, Rescuer: relay.NewRescuer(c.store, stats, cfg.MaxLosses, log),
		Waker: c.waker, Watchdog: c.watchdog, Log: log,
	})
	c.pruner = relay.NewPruner(c.store, cfg.Retention, cfg.DeadRetention, log)
	id := uuid.NewString() // names this client as the holder of leases
	c.worker = worker.New(worker.Config{ID: id, Lease: cfg.Lease, ShutdownTimeout: cfg.ShutdownTimeout}, worker.Deps{
		Store: c.store, Transport: c.transport, Registry: c.registry, Limiter: limit.New(rdb.Client(), cfg.Lease),
		Waker: c.waker, Stats: stats, Watchdog: c.watchdog, Log: log,
	})
	c.heartbeat = &worker.Heartbeat{
		Store: c.store, Stats: stats, Watchdog: c.watchdog, Log: log, ID: id, Running: c.worker.Running,
	}
	c.scheduler = schedule.New(schedule.Deps{
		Store: c.store, Rows: c.rows, Waker: c.waker, Watchdog: c.watchdog, Log: log,
	})
	c.inspector = inspect.New(inspect.Deps{
		Store: c.store, Transport: c.transport, Registry: c.registry, Schedules: c.scheduler, Runs: c.worker,
		Waker: c.waker, Log: log,
	})
	return c
}

// Inspector returns what shows and changes jobs for people. It needs no started client.
func (c *Client) Inspector() *inspect.Inspector { return c.inspector }

// Shared reports whether other processes can work this queue too: whether Redis is a server, not the embedded one.
// Without it, a process that is meant to work alone, apart from the one that serves, has no queue to share.
func (c *Client) Shared() bool { return !c.redis.Embedded() }

// Cancel calls off a job that has not ended. One that waits ends as cancelled at once, and never starts. One that runs
// is asked to stop: its context ends with the cause [ErrCancelled], within about a second wherever it runs, and it
// ends as cancelled unless it succeeds all the same. Cancel writes in the transaction that ctx carries, if any.
// [ErrNotWaiting] is returned for jobs that have ended or do not exist.
func (c *Client) Cancel(ctx context.Context, id string) error { return c.inspector.Cancel(ctx, id) }

// Prune deletes the rows of jobs that ended longer ago than Config.Retention, or Config.DeadRetention for dead ones,
// and statistics, batches and lost workers of those times. A started client does it about once a minute.
func (c *Client) Prune(ctx context.Context) error { return c.pruner.Prune(ctx) }

// Health returns an error while the relay cannot reach Redis or the database, or when a loop has not turned for a
// minute (see [Client.Live]); and nil otherwise, also before the start.
func (c *Client) Health(context.Context) error {
	if err := c.relay.Err(); err != nil {
		return err
	}
	if !c.waker.Relaying() {
		return nil
	}
	if stuck, _ := c.stuck(time.Now()); len(stuck) > 0 {
		return fmt.Errorf("loops of the jobs are stuck: %s", strings.Join(stuck, ", "))
	}
	return nil
}

// Live returns nil while the loops that [Client.Start] began turn and deliveries are fetched; and [ErrNotLive] with
// the names of the loops when one has not for more than a minute, before the start and after the stop. A turn that
// fails is a turn: while the database or Redis is unavailable a process is live, as starting it again would bring
// neither back. [Client.Health] reports that.
func (c *Client) Live() error {
	stuck, running := c.stuck(time.Now())
	switch {
	case running == 0:
		return fmt.Errorf("%w: it has not been started", ErrNotLive)
	case len(stuck) > 0:
		return fmt.Errorf("%w: stuck are %s", ErrNotLive, strings.Join(stuck, ", "))
	}
	return nil
}

// stuck returns the loops of this process that do not turn, that of the transport included, and how many there are.
func (c *Client) stuck(at time.Time) (names []string, running int) {
	names, running = c.watchdog.Stuck(at)
	if running > 0 && c.worker.Stuck(at) {
		names = append(names, "fetching")
	}
	return names, running
}

// fault keeps an error of the programmer for Start.
func (c *Client) fault(err error) {
	if err == nil {
		return
	}
	c.faultsMu.Lock()
	defer c.faultsMu.Unlock()
	c.faults = append(c.faults, err)
}

// Check returns every fault of the configuration, and of what was registered and scheduled, at once, such as an invalid
// cron expression. [Client.Start] refuses to start with any of them.
func (c *Client) Check() error {
	c.faultsMu.Lock()
	faults := errors.Join(c.faults...)
	c.faultsMu.Unlock()
	return errors.Join(faults, c.scheduler.Check())
}
