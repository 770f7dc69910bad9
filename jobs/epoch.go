package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	goredis "github.com/redis/go-redis/v9"
)

// epochKey holds a random value that is lost when, and only when, the contents of Redis are: rows that were dispatched
// under another value are no longer in there.
const epochKey = "covet:jobs:epoch"

const (
	epochInterval = time.Second
	// strayInterval is how often rows of other epochs are looked for although this one has not changed: a relay that
	// has not noticed the change yet marks rows with the epoch before.
	strayInterval = 30 * time.Second
)

// epoch is what a relay knows of the contents of Redis.
type epoch struct {
	value     string
	checkedAt time.Time
	straysAt  time.Time
}

// checkEpoch learns the current epoch, about once a second, and puts back what an earlier one lost.
func (r *relay) checkEpoch(ctx context.Context) error {
	at := time.Now()
	if r.epoch.value != "" && at.Sub(r.epoch.checkedAt) < epochInterval {
		return nil
	}
	value, err := currentEpoch(ctx, r.redis.Client())
	if err != nil {
		return err
	}
	r.epoch.checkedAt = at
	if value == r.epoch.value && at.Sub(r.epoch.straysAt) < strayInterval {
		return nil
	}
	count, err := r.store.putBackStrays(ctx, value)
	if err != nil {
		return fmt.Errorf("putting back jobs of an earlier epoch: %w", err)
	}
	if count > 0 {
		r.log.InfoContext(ctx, "jobs were not in Redis any more and are sent again", "count", count)
	}
	if value != r.epoch.value {
		r.renewQueue()
	}
	r.epoch.value, r.epoch.straysAt = value, at
	return nil
}

// currentEpoch reads the epoch, beginning one if there is none.
func currentEpoch(ctx context.Context, client goredis.UniversalClient) (string, error) {
	value, err := client.Get(ctx, epochKey).Result()
	if errors.Is(err, goredis.Nil) {
		if err := client.SetNX(ctx, epochKey, uuid.NewString(), 0).Err(); err != nil {
			return "", fmt.Errorf("beginning an epoch in Redis: %w", err)
		}
		value, err = client.Get(ctx, epochKey).Result()
	}
	if err != nil {
		return "", fmt.Errorf("reading the epoch from Redis: %w", err)
	}
	return value, nil
}
