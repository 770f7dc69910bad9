package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// Stat is what the workers did in one span of time, in one queue.
type Stat struct {
	// Begin is the beginning of the span.
	Begin time.Time
	// Queue is empty if the numbers are those of all queues.
	Queue string
	// Done counts the runs that succeeded, Failed those that are tried again, Dead those that are not.
	Done, Failed, Dead int64
	// Run is how long the runs took, Wait how long they began after they were due. Direct jobs do not count in Wait.
	Run, Wait Latency
}

// StatsQuery says which statistics are wanted.
type StatsQuery struct {
	// Since and Until bound the time; Until is not included. Defaults to the last hour.
	Since, Until time.Time
	// Step is the length of a span, in whole minutes. Defaults to a minute.
	Step time.Duration
	// Queue is the queue. Defaults to all queues together.
	Queue string
}

// Latency is a distribution of times.
type Latency struct {
	// Sum is all times together.
	Sum time.Duration
	// Buckets count the times below 1, 2, 4, 8, … milliseconds that are not in an earlier bucket; the last bucket has
	// no end.
	Buckets [job.LatencyBuckets]int64
}

// Count returns how many times there were.
func (l Latency) Count() (n int64) {
	for _, b := range l.Buckets {
		n += b
	}
	return n
}

// Mean returns the mean; 0 if there were no times.
func (l Latency) Mean() time.Duration {
	if n := l.Count(); n > 0 {
		return l.Sum / time.Duration(n)
	}
	return 0
}

// Quantile estimates the time that the part q of all times is below, with 0.95 the 95th percentile. It is as exact as
// the buckets are: within a factor of two.
func (l Latency) Quantile(q float64) time.Duration {
	rank := q * float64(l.Count())
	var below float64
	for i, n := range l.Buckets {
		if n > 0 && below+float64(n) >= rank {
			low, high := bucketStart(i), bucketStart(i+1)
			return low + time.Duration(float64(high-low)*max(0, rank-below)/float64(n))
		}
		below += float64(n)
	}
	return 0
}

func bucketStart(i int) time.Duration {
	if i == 0 {
		return 0
	}
	return time.Millisecond << (i - 1)
}

// Stats returns what the workers did, a value for each span of the query in which they did something, in the order of
// time. Numbers reach back as far as Config.Retention of package jobs, at least a day, and come a few seconds late.
func (i *Inspector) Stats(ctx context.Context, q StatsQuery) ([]Stat, error) {
	if q.Until.IsZero() {
		q.Until = i.store.Now().Add(time.Minute)
	}
	if q.Since.IsZero() {
		q.Since = q.Until.Add(-time.Hour)
	}
	q.Step = max(q.Step.Truncate(time.Minute), time.Minute)
	rows, err := i.store.Stats(ctx, store.StatsParams{Since: q.Since, Until: q.Until, Queue: q.Queue})
	if err != nil {
		return nil, fmt.Errorf("reading the statistics of jobs: %w", err)
	}
	var stats []Stat
	for _, row := range rows {
		begin := row.Minute.Truncate(q.Step)
		if len(stats) == 0 || !stats[len(stats)-1].Begin.Equal(begin) {
			stats = append(stats, Stat{Begin: begin, Queue: q.Queue})
		}
		s := &stats[len(stats)-1]
		s.Done, s.Failed, s.Dead = s.Done+row.Done, s.Failed+row.Failed, s.Dead+row.Dead
		(*job.Latency)(&s.Run).Merge(row.RunUS, row.RunBuckets)
		(*job.Latency)(&s.Wait).Merge(row.WaitUS, row.WaitBuckets)
	}
	return stats, nil
}
