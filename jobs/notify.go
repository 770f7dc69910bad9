package jobs

import (
	"context"
	"time"
)

// A relay sleeps until there is something to do. Rows that its own process commits wake it; for those of processes that
// do not relay, such as a command, PostgreSQL carries word (LISTEN and NOTIFY), and on other databases the poll finds them.

// notifyChannel is where processes that do not relay say that they have committed rows.
const notifyChannel = "covet_jobs"

// announce tells those who relay that rows have been committed: this process, or else the others.
func (c *Client) announce(ctx context.Context) {
	c.rouse()
	if c.relays.Load() || c.db.Dialect() != "postgres" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	if err := c.store.notify(ctx); err != nil {
		c.log.DebugContext(ctx, "the other processes could not be told of new jobs; they find them by themselves", "error", err)
	}
}

// listen wakes the relay when another process says that there are new rows, until ctx ends. While it cannot, the poll is
// what finds them.
func (c *Client) listen(ctx context.Context) {
	var trouble outage
	wait := time.Second
	for {
		err := c.db.Listen(ctx, notifyChannel, func() {
			trouble.end()
			wait = time.Second
			c.rouse()
		})
		if ctx.Err() != nil {
			return
		}
		if trouble.begin(err) {
			c.log.WarnContext(ctx, "word of new jobs does not arrive from the database; they are found by looking, until it does",
				"error", err, "poll_interval", c.cfg.PollInterval)
		}
		timer := time.NewTimer(jitter(wait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = min(2*wait, time.Minute)
	}
}

func (s store) notify(ctx context.Context) error {
	return s.db.With(ctx).Exec("SELECT pg_notify(?, '')", notifyChannel).Error
}
