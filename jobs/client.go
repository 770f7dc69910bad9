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

// Client enqueues jobs. Once started, it also relays, schedules and runs them. [New] creates it. It is safe for
// concurrent use.
//
// Client is the only type that knows all parts: the store writes the rows, the transport carries deliveries, and the
// relay, the worker and the scheduler each run one loop.
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

// Transport lists everything that jobs require of a transport of deliveries. A second transport implements it.
type Transport interface {
	relay.Transport
	worker.Transport
	inspect.Transport
}

var _ Transport = (*transport.Asynq)(nil)

// New returns a client and opens no connection. [Client.Start] reports faults of cfg. A nil log discards all records.
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
	id := uuid.NewString() // identifies this client as the holder of leases
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

// Inspector returns the API that lists and changes jobs, for commands and the admin. It does not need a started client.
func (c *Client) Inspector() *inspect.Inspector { return c.inspector }

// Shared reports whether other processes can use this queue, which means that Redis is a separate server. On the
// embedded Redis it returns false: a process that only runs jobs, apart from the one that serves, has no queue to
// share.
func (c *Client) Shared() bool { return !c.redis.Embedded() }

// Cancel cancels a job that has not ended. A waiting job is cancelled immediately and never starts. The context of a
// running job ends with the cause [ErrCancelled] within about a second, in whichever process it runs; the job is then
// cancelled, unless it succeeds nevertheless. Cancel writes in the transaction that ctx carries, if any. It returns
// [ErrNotWaiting] for a job that has ended or does not exist.
func (c *Client) Cancel(ctx context.Context, id string) error { return c.inspector.Cancel(ctx, id) }

// Prune deletes the rows of jobs that ended more than Config.Retention ago (Config.DeadRetention for dead jobs), and
// statistics, batches and lost workers of the same age. A started client prunes about once a minute.
func (c *Client) Prune(ctx context.Context) error { return c.pruner.Prune(ctx) }

// Health returns nil while this process relays jobs, and before the start. It asks the database and Redis at the time
// of the call, and after an outage has the loops try again at once, so that it reports the end of an outage without
// delay. Errors are those of the database and of Redis, of a row that cannot be written (a full disk, a database that
// is read-only), and of a loop that has not turned for a minute (see [Client.Live]). Bound it by ctx.
func (c *Client) Health(ctx context.Context) error {
	if !c.waker.Relaying() {
		return nil
	}
	if stuck, _ := c.stuck(time.Now()); len(stuck) > 0 {
		return fmt.Errorf("job loops are stuck: %s", strings.Join(stuck, ", "))
	}
	if err := c.relay.Health(ctx); err != nil {
		return err
	}
	return c.heartbeat.Health(ctx)
}

// Live returns nil while the loops that [Client.Start] started make progress and deliveries are fetched. It returns
// [ErrNotLive] before the start, after the stop, and, with the names of the loops, when one has made no progress for
// more than a minute. A failed iteration counts as progress: a process stays live while the database or Redis is
// unavailable, because a restart would not bring them back. [Client.Health] reports such outages.
func (c *Client) Live() error {
	stuck, running := c.stuck(time.Now())
	switch {
	case running == 0:
		return fmt.Errorf("%w: not started", ErrNotLive)
	case len(stuck) > 0:
		return fmt.Errorf("%w: stuck: %s", ErrNotLive, strings.Join(stuck, ", "))
	}
	return nil
}

// stuck returns the names of the stuck loops of this process, including the transport's, and the number of its loops.
func (c *Client) stuck(at time.Time) (names []string, running int) {
	names, running = c.watchdog.Stuck(at)
	if running > 0 && c.worker.Stuck(at) {
		names = append(names, "fetching")
	}
	return names, running
}

// fault records a programmer error, which Start returns.
func (c *Client) fault(err error) {
	if err == nil {
		return
	}
	c.faultsMu.Lock()
	defer c.faultsMu.Unlock()
	c.faults = append(c.faults, err)
}

// Check returns all faults of the configuration, the registered jobs and the schedules at once, such as an invalid cron
// expression. [Client.Start] refuses to start with any of them.
func (c *Client) Check() error {
	c.faultsMu.Lock()
	faults := errors.Join(c.faults...)
	c.faultsMu.Unlock()
	return errors.Join(faults, c.scheduler.Check())
}
