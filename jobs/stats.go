package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm/clause"

	covetmodels "github.com/covetgo/covet/models"
)

// What queues did is counted by the workers, each in rows of its own: one a minute and queue in which it did something,
// written every few seconds. Counting rows of jobs instead would read as many rows as there were jobs, would forget those
// that have been pruned, and knows nothing of direct jobs. A row holds the worker's whole count, so writing it again
// does no harm; a worker that is killed loses what it has not written, a few seconds of the chart.

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

// latencyBuckets is the number of buckets of a latency: below 1 ms, 2 ms, 4 ms and so on; the last one has no end.
const latencyBuckets = 24

// Latency is a distribution of times.
type Latency struct {
	// Sum is all times together.
	Sum time.Duration
	// Buckets count the times below 1, 2, 4, 8, … milliseconds that are not in an earlier bucket; the last bucket has
	// no end.
	Buckets [latencyBuckets]int64
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

func (l *Latency) add(d time.Duration) {
	d = max(d, 0)
	l.Sum += d
	l.Buckets[min(bits.Len64(uint64(d/time.Millisecond)), latencyBuckets-1)]++ //nolint:gosec // not negative
}

func (l *Latency) merge(sum int64, buckets string) {
	var counts []int64
	_ = json.Unmarshal([]byte(buckets), &counts) // of our own making; a row that is not is counted as nothing
	for i, n := range counts {
		l.Buckets[min(i, latencyBuckets-1)] += n
	}
	l.Sum += time.Duration(sum) * time.Microsecond
}

func (l Latency) encode() string {
	text := fmt.Sprint(l.Buckets)
	return strings.ReplaceAll(text, " ", ",")
}

// Stats returns what the workers did, a value for each span of the query in which they did something, in the order of
// time. Numbers reach back as far as Config.Retention, at least a day, and come a few seconds late.
func (c *Client) Stats(ctx context.Context, q StatsQuery) ([]Stat, error) {
	if q.Until.IsZero() {
		q.Until = c.now().Add(time.Minute)
	}
	if q.Since.IsZero() {
		q.Since = q.Until.Add(-time.Hour)
	}
	q.Step = max(q.Step.Truncate(time.Minute), time.Minute)
	rows, err := c.store.statRows(ctx, q)
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
		s.Run.merge(row.RunUS, row.RunBuckets)
		s.Wait.merge(row.WaitUS, row.WaitBuckets)
	}
	return stats, nil
}

// stats counts what this process does.
type stats struct {
	mu     sync.Mutex
	counts map[statKey]*statCount
}

type statKey struct {
	minute time.Time
	queue  string
}

type statCount struct {
	done, failed, dead int64
	run, wait          Latency
	unwritten          bool
}

func newStats() *stats { return &stats{counts: map[statKey]*statCount{}} }

// count notes a run. A negative wait is none.
func (s *stats) count(at time.Time, queue string, end State, took, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := statKey{at.Truncate(time.Minute), queue}
	n := s.counts[key]
	if n == nil {
		n = &statCount{}
		s.counts[key] = n
	}
	switch end {
	case Done:
		n.done++
	case Dead:
		n.dead++
	default:
		n.failed++
	}
	n.run.add(took)
	if wait >= 0 {
		n.wait.add(wait)
	}
	n.unwritten = true
}

// take returns the rows to write; counts of minutes that are over are forgotten once they have been written.
func (s *stats) take(worker string, at time.Time) []covetmodels.JobStat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rows []covetmodels.JobStat
	for key, n := range s.counts {
		if !n.unwritten {
			if at.Sub(key.minute) > 2*time.Minute {
				delete(s.counts, key)
			}
			continue
		}
		n.unwritten = false
		rows = append(rows, covetmodels.JobStat{
			Minute: key.minute, Queue: key.queue, Worker: worker, Done: n.done, Failed: n.failed, Dead: n.dead,
			RunUS: n.run.Sum.Microseconds(), WaitUS: n.wait.Sum.Microseconds(),
			RunBuckets: n.run.encode(), WaitBuckets: n.wait.encode(),
		})
	}
	return rows
}

// putBack makes rows that could not be written due again.
func (s *stats) putBack(rows []covetmodels.JobStat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range rows {
		if n := s.counts[statKey{row.Minute, row.Queue}]; n != nil {
			n.unwritten = true
		}
	}
}

// writeStats stores what has been counted since the last time.
func (c *Client) writeStats(ctx context.Context) error {
	rows := c.stats.take(c.id, c.now())
	if len(rows) == 0 {
		return nil
	}
	err := c.store.upsert(ctx, &rows, "minute", "queue", "worker")
	if err != nil {
		c.stats.putBack(rows)
	}
	return err
}

// upsert writes rows over those with the same key.
func (s store) upsert(ctx context.Context, rows any, key ...string) error {
	conflict := clause.OnConflict{UpdateAll: true}
	for _, name := range key {
		conflict.Columns = append(conflict.Columns, clause.Column{Name: name})
	}
	return s.transaction(ctx, func(ctx context.Context) error {
		return s.db.With(ctx).Clauses(conflict).Create(rows).Error
	})
}

func (s store) statRows(ctx context.Context, q StatsQuery) (rows []covetmodels.JobStat, err error) {
	if !storableText(q.Queue) {
		return nil, nil
	}
	query := s.db.With(ctx).Where("minute >= ? AND minute < ?", q.Since.UTC(), q.Until.UTC())
	if q.Queue != "" {
		query = query.Where("queue = ?", q.Queue)
	}
	err = query.Find(&rows).Error
	slices.SortFunc(rows, func(a, b covetmodels.JobStat) int { return a.Minute.Compare(b.Minute) })
	return rows, err
}
