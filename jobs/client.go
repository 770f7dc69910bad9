package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/redis"
)

// Client enqueues jobs and, once started, relays, schedules and works them. It is made by [New] and safe for
// concurrent use.
type Client struct {
	cfg   Config
	db    *database.DB
	redis *redis.Server
	log   *slog.Logger

	id        string // names this client as the holder of leases
	store     store
	registry  *registry
	schedules *schedules
	leases    *leases
	stats     *stats
	queue     atomic.Pointer[asynq.Client]
	wake      chan struct{} // tells the relay of this process that rows have been committed
	relaying  outage
	relays    atomic.Bool // whether the relay of this process runs
	turned    turns
	fetching  atomic.Pointer[fetches] // of the worker of this process, if there is one

	sealer     *sealer
	middleware []Middleware
	carried    []carried

	faultsMu sync.Mutex
	faults   []error

	lifecycle sync.Mutex
	running   *running // nil while stopped
}

// New prepares a client; it dials nothing. Faults of cfg are reported by [Client.Start]. A nil log discards.
func New(cfg Config, db *database.DB, rdb *redis.Server, log *slog.Logger) *Client {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	cfg = cfg.WithDefaults()
	c := &Client{
		cfg:       cfg,
		db:        db,
		redis:     rdb,
		log:       log,
		id:        uuid.NewString(),
		store:     store{db: db, clock: cfg.Clock},
		registry:  newRegistry(),
		schedules: &schedules{},
		leases:    newLeases(),
		stats:     newStats(),
		wake:      make(chan struct{}, 1),
	}
	c.renewQueue()
	var err error
	if c.sealer, err = newSealer(cfg.Keys); err != nil {
		c.fault(err)
	}
	if err := cfg.Validate(); err != nil {
		c.fault(err)
	}
	return c
}

// renewQueue forgets what the asynq client remembers of the contents of Redis.
func (c *Client) renewQueue() {
	c.queue.Store(asynq.NewClientFromRedisClient(c.redis.Client()))
}

// Shared reports whether other processes can work this queue too: whether Redis is a server, not the embedded one.
// Without it, a process that is meant to work alone, apart from the one that serves, has no queue to share.
func (c *Client) Shared() bool { return !c.redis.Embedded() }

// Health returns an error while the relay cannot reach Redis or the database, or when one of its loops has not
// turned for a minute (see [Client.Live]); and nil otherwise, also before the start.
func (c *Client) Health(context.Context) error {
	if err := c.relaying.current(); err != nil {
		return err
	}
	if !c.relays.Load() {
		return nil
	}
	if stuck, _ := c.stuck(time.Now()); len(stuck) > 0 {
		return fmt.Errorf("loops of the jobs stand still: %s", strings.Join(stuck, ", "))
	}
	return nil
}

// Count returns how many jobs there are in each state that has any.
func (c *Client) Count(ctx context.Context) (map[State]int, error) {
	return c.store.count(ctx)
}

// fault keeps an error of the programmer for Start.
func (c *Client) fault(err error) {
	c.faultsMu.Lock()
	defer c.faultsMu.Unlock()
	c.faults = append(c.faults, err)
}

// Check returns every fault of the configuration, and of what was registered and scheduled, at once, such as a cron expression
// that is none. [Client.Start] refuses to start with any of them.
func (c *Client) Check() error {
	c.faultsMu.Lock()
	faults := errors.Join(c.faults...)
	c.faultsMu.Unlock()
	return errors.Join(faults, c.schedules.check(c.registry))
}

// rouse wakes the relay of this process, if it is asleep.
func (c *Client) rouse() {
	select {
	case c.wake <- struct{}{}:
	default: // it has been told already
	}
}

// now is the time as every database can store it.
func (c *Client) now() time.Time { return c.store.now() }
