package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"syscall"
	"time"

	"github.com/hibiken/asynq"
	goredis "github.com/redis/go-redis/v9"

	covetjobs "github.com/covetgo/covet/jobs"
)

// pair is a measure of asynq alone and of ours, in jobs a second.
type pair struct{ raw, ours float64 }

// direct compares EnqueueDirect and the work on what it enqueued with asynq alone, on one Redis.
func direct(ctx context.Context, out io.Writer, s size) error {
	var enqueued, worked []float64
	var lastEnqueued, lastWorked pair
	for round := range s.rounds {
		var err error
		if lastEnqueued, lastWorked, err = directRound(ctx, s, round%2 == 0); err != nil {
			return err
		}
		enqueued = append(enqueued, lastEnqueued.ours/lastEnqueued.raw)
		worked = append(worked, lastWorked.ours/lastWorked.raw)
	}
	line := func(ratios []float64, last pair) string {
		return fmt.Sprintf("%.2f (%.0f against %.0f jobs/s)", median(ratios), last.ours, last.raw)
	}
	report(out, "EnqueueDirect, of asynq", line(enqueued, lastEnqueued), "0.95")
	report(out, "direct jobs worked, of asynq", line(worked, lastWorked), "0.95")
	return nil
}

// directRound enqueues with both, a hundred jobs in turn, and then lets each work its queue, asynq first if rawFirst.
func directRound(ctx context.Context, s size, rawFirst bool) (enqueued, worked pair, err error) {
	k, err := newKit(ctx, true, covetjobs.Config{Concurrency: s.concurrency})
	if err != nil {
		return enqueued, worked, err
	}
	defer func() { err = errors.Join(err, k.close(ctx)) }()
	redis, err := ownRedis()
	if err != nil {
		return enqueued, worked, err
	}
	defer func() { err = errors.Join(err, redis.Close()) }()
	if enqueued, err = enqueueBoth(ctx, k, asynq.NewClientFromRedisClient(redis), s.jobs); err != nil {
		return enqueued, worked, err
	}
	works := []func() error{
		func() (err error) { worked.raw, err = workRaw(ctx, redis, s); return err },
		func() (err error) { worked.ours, err = workOurs(ctx, k, s); return err },
	}
	if !rawFirst {
		slices.Reverse(works)
	}
	for _, work := range works {
		if err := work(); err != nil {
			return enqueued, worked, err
		}
	}
	return enqueued, worked, nil
}

const rawQueue = "raw"

// enqueueBoth enqueues n jobs with each: asynq as its manual uses it, with JSON arguments and no retention.
func enqueueBoth(ctx context.Context, k *kit, client *asynq.Client, n int) (pair, error) {
	const turn = 100
	var raw, ours time.Duration
	for done := 0; done < n; done += turn {
		begun := time.Now()
		for i := range turn {
			payload, err := json.Marshal(Noop{Number: done + i})
			if err != nil {
				return pair{}, err
			}
			task := asynq.NewTask("noop", payload)
			if _, err := client.EnqueueContext(ctx, task, asynq.Queue(rawQueue), asynq.MaxRetry(0), asynq.Timeout(time.Hour)); err != nil {
				return pair{}, err
			}
		}
		raw += time.Since(begun)
		begun = time.Now()
		for i := range turn {
			if _, err := k.client.EnqueueDirect(ctx, Noop{Number: done + i}); err != nil {
				return pair{}, err
			}
		}
		ours += time.Since(begun)
	}
	return pair{raw: float64(n) / raw.Seconds(), ours: float64(n) / ours.Seconds()}, nil
}

// workRaw works the queue with asynq alone, at the interval that ours has.
func workRaw(ctx context.Context, redis *goredis.Client, s size) (float64, error) {
	var count counter
	server := asynq.NewServerFromRedisClient(redis, asynq.Config{
		Concurrency: s.concurrency, Queues: map[string]int{rawQueue: 1}, TaskCheckInterval: 50 * time.Millisecond, LogLevel: asynq.FatalLevel,
	})
	begun := time.Now()
	err := server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		var job Noop
		if err := json.Unmarshal(task.Payload(), &job); err != nil {
			return err
		}
		return job.Work(ctx, &count)
	}))
	if err != nil {
		return 0, err
	}
	err = count.await(ctx, s.jobs)
	rate := float64(s.jobs) / time.Since(begun).Seconds()
	server.Shutdown()
	return rate, err
}

func workOurs(ctx context.Context, k *kit, s size) (float64, error) {
	begun := time.Now()
	if err := k.client.Start(ctx, covetjobs.Roles{Work: true}); err != nil {
		return 0, err
	}
	err := k.count.await(ctx, s.jobs)
	rate := float64(s.jobs) / time.Since(begun).Seconds()
	return rate, errors.Join(err, k.client.Stop(ctx))
}

// bulk enqueues through the database, in batches of 100.
func bulk(ctx context.Context, out io.Writer, s size) (err error) {
	k, err := newKit(ctx, true, covetjobs.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close(ctx)) }()
	const batch = 100
	var many, single []float64
	for range s.rounds {
		begun := time.Now()
		for done := 0; done < s.jobs; done += batch {
			jobs := make([]any, batch)
			for i := range jobs {
				jobs[i] = Noop{Number: done + i}
			}
			if _, err := k.client.EnqueueMany(ctx, jobs); err != nil {
				return err
			}
		}
		many = append(many, float64(s.jobs)/time.Since(begun).Seconds())
		begun = time.Now()
		for done := 0; done < s.jobs; done += batch {
			err := k.db.Transaction(ctx, func(ctx context.Context) error {
				for i := range batch {
					if _, err := k.client.Enqueue(ctx, Noop{Number: done + i}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		single = append(single, float64(s.jobs)/time.Since(begun).Seconds())
	}
	report(out, "EnqueueMany, 100 at a time, PostgreSQL", fmt.Sprintf("%.0f jobs/s", median(many)), "5,000")
	report(out, "Enqueue, 100 in a transaction, PostgreSQL", fmt.Sprintf("%.0f jobs/s", median(single)), "nothing")
	return nil
}

// latency is the time from commit to start at 200 jobs a second.
func latency(ctx context.Context, out io.Writer, s size) error {
	for _, where := range []struct {
		name    string
		servers bool
		want    string
	}{{"PostgreSQL and Redis", true, "100 ms"}, {"SQLite and embedded Redis", false, "250 ms"}} {
		p50, p95, err := commitToStart(ctx, where.servers, s)
		if err != nil {
			return err
		}
		report(out, "commit to start, "+where.name, fmt.Sprintf("p95 %.0f ms, median %.0f ms", p95, p50), where.want)
	}
	return nil
}

func commitToStart(ctx context.Context, servers bool, s size) (p50, p95 float64, err error) {
	k, err := newKit(ctx, servers, covetjobs.Config{Concurrency: s.concurrency})
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, k.close(ctx)) }()
	if err := k.client.Start(ctx, covetjobs.Roles{Work: true}); err != nil {
		return 0, 0, err
	}
	const n = 2000
	committed := make([]int64, n)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := range n {
		if _, err := k.client.Enqueue(ctx, Noop{Number: i}); err != nil {
			return 0, 0, err
		}
		committed[i] = time.Now().UnixMicro()
		<-tick.C
	}
	if err := k.count.await(ctx, n); err != nil {
		return 0, 0, err
	}
	var waits []float64
	for i := range n {
		waits = append(waits, float64(k.count.starts[i].Load()-committed[i])/1000)
	}
	slices.Sort(waits)
	return waits[n/2], waits[n*95/100], nil
}

// embedded works jobs on the embedded Redis: direct ones, and rows of SQLite.
func embedded(ctx context.Context, out io.Writer, s size) (err error) {
	k, err := newKit(ctx, false, covetjobs.Config{Concurrency: s.concurrency})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close(ctx)) }()
	for n := range s.jobs {
		if _, err := k.client.EnqueueDirect(ctx, Noop{Number: n}); err != nil {
			return err
		}
	}
	begun := time.Now()
	if err := k.client.Start(ctx, covetjobs.Roles{Work: true}); err != nil {
		return err
	}
	if err := k.count.await(ctx, s.jobs); err != nil {
		return err
	}
	directly := float64(s.jobs) / time.Since(begun).Seconds()
	report(out, "embedded Redis, direct jobs worked", fmt.Sprintf("%.0f jobs/s", directly), "1,500")
	jobs := make([]any, s.jobs)
	for i := range jobs {
		jobs[i] = Noop{Number: i}
	}
	begun = time.Now()
	if _, err := k.client.EnqueueMany(ctx, jobs); err != nil {
		return err
	}
	if err := k.count.await(ctx, 2*s.jobs); err != nil {
		return err
	}
	report(out, "embedded Redis and SQLite, enqueued and worked", fmt.Sprintf("%.0f jobs/s", float64(s.jobs)/time.Since(begun).Seconds()), "nothing")
	return nil
}

// idle is the processor time of a process that relays and has nothing to do.
func idle(ctx context.Context, out io.Writer, _ size) (err error) {
	for _, roles := range []struct {
		name string
		work bool
		want string
	}{{"a relay", false, "1 %"}, {"a relay and a worker", true, "nothing"}} {
		k, err := newKit(ctx, true, covetjobs.Config{})
		if err != nil {
			return err
		}
		if err := k.client.Start(ctx, covetjobs.Roles{Work: roles.work}); err != nil {
			return err
		}
		<-time.After(2 * time.Second) // the start
		before := processorTime()
		const span = 20 * time.Second
		<-time.After(span)
		share := float64(processorTime()-before) / float64(span) * 100
		if err := k.close(ctx); err != nil {
			return err
		}
		report(out, "processor time of "+roles.name+" at rest", fmt.Sprintf("%.2f %% of a core", share), roles.want)
	}
	return nil
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		slog.Error("asking for the processor time", "error", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
