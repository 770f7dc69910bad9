package inspect

import (
	"context"
	"fmt"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	"github.com/covetgo/covet/jobs/internal/store"
)

// Stat describes what the workers did in one interval and queue.
type Stat struct {
	// Begin is the begin of the interval.
	Begin time.Time
	// Queue is the queue; empty for all queues together.
	Queue string
	// Done is the number of runs that succeeded, Failed of those that are retried, and Dead of those that are not.
	Done, Failed, Dead int64
	// Run is the duration of the runs. Wait is the time between due and start, without direct jobs.
	Run, Wait Latency
}

// StatsQuery selects statistics.
type StatsQuery struct {
	// Since (inclusive) and Until (exclusive) limit the time. Defaults to the last hour.
	Since, Until time.Time
	// Step is the length of an interval in whole minutes. Defaults to one minute.
	Step time.Duration
	// Queue is the queue. Defaults to all queues together.
	Queue string
}

// Latency is a histogram of durations.
type Latency struct {
	// Sum is the sum of all durations.
	Sum time.Duration
	// Buckets count the durations below 1, 2, 4, 8, … milliseconds, each without those of earlier buckets. The last
	// bucket has no upper bound.
	Buckets [job.LatencyBuckets]int64
}

// Count returns the number of durations.
func (l Latency) Count() (n int64) {
	for _, b := range l.Buckets {
		n += b
	}
	return n
}

// Mean returns the mean; 0 without durations.
func (l Latency) Mean() time.Duration {
	if n := l.Count(); n > 0 {
		return l.Sum / time.Duration(n)
	}
	return 0
}

// Quantile estimates the q-quantile; 0.95 is the 95th percentile. It is exact to a factor of two, like the buckets.
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

// Stats returns what the workers did, with a value for each interval of the query with activity, sorted by time.
// Statistics are kept for Config.Retention of package jobs, at least a day, and are a few seconds late.
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
