// Package transport carries deliveries from the relay to the workers. It is the only package that imports asynq.
//
// The rows decide, and a transport may lose everything at any time: it reports what it still holds (Missing, Taken) and
// whether its contents were lost (Epoch), and the relay sends what is missing again. Another transport implements the
// interfaces that the packages relay, worker, inspect and jobs declare; jobs lists them.
package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/jobs/internal/job"
)

// noTimeout disables asynq's timeout, because asynq starts another job when it has passed although the first one is
// still running. The worker has its own timeouts.
var noTimeout = asynq.Timeout(10 * 365 * 24 * time.Hour)

// taskRetries limits how often a task without a row is delivered; nothing else counts as a failure.
const taskRetries = 25

// errNoQueue is returned for a direct job of a process that cannot reach the embedded Redis of another one.
var errNoQueue = errors.New("the embedded queue belongs to the process that runs jobs; " +
	"set REDIS_URL to share a queue, or use Enqueue, which does not need it")

// Asynq carries deliveries as tasks of asynq, on Redis. It is safe for concurrent use.
type Asynq struct {
	redis *redis.Server
	log   *slog.Logger
	queue atomic.Pointer[asynq.Client]
}

// New returns a transport on a Redis server. It opens no connection.
func New(rdb *redis.Server, log *slog.Logger) *Asynq {
	a := &Asynq{redis: rdb, log: log}
	a.Reset()
	return a
}

// Reset forgets what is cached about the contents of Redis, which have been lost.
func (a *Asynq) Reset() { a.queue.Store(asynq.NewClientFromRedisClient(a.redis.Client())) }

// Send sends a delivery to Redis. Sending it again does nothing.
func (a *Asynq) Send(ctx context.Context, d job.Delivery) error {
	_, err := a.queue.Load().EnqueueContext(ctx, taskOf(d), asynq.TaskID(taskID(d.Ref())), asynq.Queue(laneOf(d)),
		asynq.MaxRetry(taskRetries), noTimeout)
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil
	}
	return err
}

// SendDirect sends a direct job to Redis, which runs immediately or, with a time, at that time at the earliest.
func (a *Asynq) SendDirect(ctx context.Context, d job.Delivery, at time.Time) error {
	options := []asynq.Option{asynq.TaskID(directID(d)), asynq.Queue(laneOf(d)), asynq.MaxRetry(0), noTimeout}
	if !at.IsZero() {
		options = append(options, asynq.ProcessAt(at))
	}
	_, err := a.queue.Load().EnqueueContext(ctx, taskOf(d), options...)
	if err != nil && a.redis.Embedded() && a.redis.Ping(ctx) != nil {
		return errNoQueue
	}
	return err
}

// epochKey contains a random value that is lost exactly when the contents of Redis are lost.
const epochKey = "covet:jobs:epoch"

// Epoch identifies the contents of Redis and changes when they are lost.
func (a *Asynq) Epoch(ctx context.Context) (string, error) {
	client := a.redis.Client()
	value, err := client.Get(ctx, epochKey).Result()
	if errors.Is(err, goredis.Nil) {
		if err := client.SetNX(ctx, epochKey, uuid.NewString(), 0).Err(); err != nil {
			return "", fmt.Errorf("starting an epoch in Redis: %w", err)
		}
		value, err = client.Get(ctx, epochKey).Result()
	}
	if err != nil {
		return "", fmt.Errorf("reading the epoch from Redis: %w", err)
	}
	return value, nil
}

// Keys of asynq that this package reads. TestTakenTaskIsSentAgain fails when a new version changes them.
const asynqQueuesKey = "asynq:queues"

func asynqActiveKey(lane string) string  { return "asynq:{" + lane + "}:active" }
func asynqPendingKey(lane string) string { return "asynq:{" + lane + "}:pending" }
func asynqPausedKey(lane string) string  { return "asynq:{" + lane + "}:paused" }
func asynqTaskKey(lane, task string) string {
	return "asynq:{" + lane + "}:t:" + task
}

// Missing returns those of the deliveries that are not in Redis. Redis may lose a part of its contents and keep the
// rest, including the epoch: the last second before a crash, what was not replicated before a failover, evicted keys.
func (a *Asynq) Missing(ctx context.Context, sent []job.Delivery) ([]job.Delivery, error) {
	if len(sent) == 0 {
		return nil, nil
	}
	found := make([]*goredis.IntCmd, len(sent))
	_, err := a.redis.Client().Pipelined(ctx, func(pipe goredis.Pipeliner) error {
		for i, d := range sent {
			found[i] = pipe.Exists(ctx, asynqTaskKey(laneOf(d), taskID(d.Ref())))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("finding the tasks of dispatched jobs: %w", err)
	}
	var missing []job.Delivery
	for i, d := range sent {
		if found[i].Val() == 0 {
			missing = append(missing, d)
		}
	}
	return missing, nil
}

// Taken returns the deliveries that workers have taken and not acknowledged.
func (a *Asynq) Taken(ctx context.Context) ([]job.Ref, error) {
	client := a.redis.Client()
	lanes, err := client.SMembers(ctx, asynqQueuesKey).Result()
	if err != nil {
		return nil, err
	}
	var taken []job.Ref
	for _, lane := range lanes {
		tasks, err := client.LRange(ctx, asynqActiveKey(lane), 0, -1).Result()
		if err != nil {
			return nil, err
		}
		for _, task := range tasks {
			if ref, ok := refOf(task); ok {
				taken = append(taken, ref)
			}
		}
	}
	return taken, nil
}

// withdrawal removes a task of asynq that no worker has taken.
var withdrawal = goredis.NewScript(`
if redis.call('LREM', KEYS[1], -1, ARGV[1]) > 0 then
	return redis.call('DEL', KEYS[2])
end
return 0`)

// Withdraw removes a delivery that no worker has taken. If that fails, the worker finds that the row has changed.
func (a *Asynq) Withdraw(ctx context.Context, d job.Delivery) error {
	task := taskID(d.Ref())
	keys := []string{asynqPendingKey(laneOf(d)), asynqTaskKey(laneOf(d), task)}
	return withdrawal.Run(ctx, a.redis.Client(), keys, task).Err()
}

// SetPaused publishes to the workers when each queue was paused; nil for a queue that is not paused. They check it in
// the same step in which they take a task.
func (a *Asynq) SetPaused(ctx context.Context, queues map[string]*time.Time) error {
	if len(queues) == 0 {
		return nil
	}
	pipe := a.redis.Client().Pipeline()
	for queue, at := range queues {
		for _, lane := range lanesOf(queue) {
			if at != nil {
				pipe.SetNX(ctx, asynqPausedKey(lane), at.Unix(), 0)
			} else {
				pipe.Del(ctx, asynqPausedKey(lane))
			}
		}
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("publishing the paused queues: %w", err)
	}
	return nil
}

// taskID identifies one delivery of a row in Redis.
func taskID(d job.Ref) string { return d.ID + "." + strconv.Itoa(d.Number) }

// refOf returns the delivery of a task. It returns false for a direct job.
func refOf(task string) (job.Ref, bool) {
	id, text, ok := strings.Cut(task, ".")
	number, err := strconv.Atoi(text)
	return job.Ref{ID: id, Number: number}, ok && err == nil
}

// directAgain separates the id of a direct job from the number of times that it was sent again.
const directAgain = "~"

// directID identifies a direct job in Redis. It differs each time that the job is sent, because asynq counts attempts.
func directID(d job.Delivery) string {
	if d.Number == 0 {
		return d.ID
	}
	return d.ID + directAgain + strconv.Itoa(d.Number)
}
