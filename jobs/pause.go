package jobs

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/database"
	covetmodels "github.com/covetgo/covet/models"
)

// Which queues are paused is a fact of the database, so that it outlives restarts and an emptied Redis. Workers heed a
// key in Redis, which asynq reads in the same step in which it takes a task; the relay keeps that key true.

// pauseInterval is how often a relay looks whether the keys in Redis are still right.
const pauseInterval = time.Second

func asynqPausedKey(queue string) string { return "asynq:{" + queue + "}:paused" }

// Pause stops the start of jobs of a queue, in all processes and until [Client.Resume]; jobs that run go on, and jobs
// can still be enqueued. It writes in the transaction that ctx carries, if any. Pausing twice is no error.
func (c *Client) Pause(ctx context.Context, queue string) error {
	at := c.now()
	return c.setPaused(ctx, queue, &at)
}

// Resume undoes [Client.Pause]. Resuming a queue that is not paused is no error.
func (c *Client) Resume(ctx context.Context, queue string) error { return c.setPaused(ctx, queue, nil) }

func (c *Client) setPaused(ctx context.Context, queue string, at *time.Time) error {
	err := ValidateQueue(queue)
	if err == nil {
		err = c.store.setPaused(ctx, queue, at)
	}
	if err != nil {
		return fmt.Errorf("pausing or resuming queue %q: %w", queue, err)
	}
	tell := func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
		defer cancel()
		if err := c.applyPause(ctx); err != nil { // the relays do it within a second
			c.log.DebugContext(ctx, "Redis could not be told that a queue is paused or resumed", "error", err)
		}
	}
	if !database.AfterCommit(ctx, tell) {
		tell(ctx)
	}
	return nil
}

// Paused returns the queues that are paused, in order, with the time when they were.
func (c *Client) Paused(ctx context.Context) (map[string]time.Time, error) {
	paused, err := c.store.paused(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for paused queues: %w", err)
	}
	return paused, nil
}

// applyPause makes Redis say of each queue that a person has ever paused what the database says.
func (c *Client) applyPause(ctx context.Context) error {
	rows, err := c.store.queueRows(ctx)
	if err != nil {
		return fmt.Errorf("looking for paused queues: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	pipe := c.redis.Client().Pipeline()
	for _, row := range rows {
		for _, name := range lanes(row.Name) {
			if row.PausedAt != nil {
				pipe.SetNX(ctx, asynqPausedKey(name), row.PausedAt.Unix(), 0)
			} else {
				pipe.Del(ctx, asynqPausedKey(name))
			}
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("telling Redis which queues are paused: %w", err)
	}
	return nil
}

func (s store) setPaused(ctx context.Context, queue string, at *time.Time) error {
	row := covetmodels.JobQueue{Name: queue, PausedAt: at}
	conflict := clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, UpdateAll: true}
	return s.db.With(ctx).Clauses(conflict).Create(&row).Error
}

func (s store) queueRows(ctx context.Context) (rows []covetmodels.JobQueue, err error) {
	err = s.db.With(ctx).Order("name").Find(&rows).Error
	return rows, err
}

func (s store) paused(ctx context.Context) (map[string]time.Time, error) {
	rows, err := s.queueRows(ctx)
	paused := map[string]time.Time{}
	for _, row := range rows {
		if row.PausedAt != nil {
			paused[row.Name] = *row.PausedAt
		}
	}
	return paused, err
}
