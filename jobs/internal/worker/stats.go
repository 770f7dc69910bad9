package worker

import (
	"sync"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Stats counts what this process does. Each process has rows of its own: one a minute and queue in which it did
// something, written every few seconds. Counting rows of jobs instead would read as many rows as there were jobs, would
// forget those that have been pruned, and knows nothing of direct jobs. A row holds the whole count of the process, so
// writing it again does no harm; a process that is killed loses what it has not written, a few seconds of the chart.
type Stats struct {
	mu     sync.Mutex
	counts map[statKey]*statCount
}

type statKey struct {
	minute time.Time
	queue  string
}

type statCount struct {
	done, failed, dead int64
	run, wait          job.Latency
	unwritten          bool
}

// NewStats returns empty statistics.
func NewStats() *Stats { return &Stats{counts: map[statKey]*statCount{}} }

// Count counts a run that ended in a state; pending counts as failed. A negative wait is unknown.
func (s *Stats) Count(at time.Time, queue string, end job.State, took, wait time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := statKey{at.Truncate(time.Minute), queue}
	n := s.counts[key]
	if n == nil {
		n = &statCount{}
		s.counts[key] = n
	}
	switch end {
	case job.Done:
		n.done++
	case job.Dead:
		n.dead++
	default:
		n.failed++
	}
	n.run.Add(took)
	if wait >= 0 {
		n.wait.Add(wait)
	}
	n.unwritten = true
}

// take returns the rows to write; counts of minutes that are over are forgotten once they have been written.
func (s *Stats) take(worker string, at time.Time) []covetmodels.JobStat {
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
			RunBuckets: n.run.Encode(), WaitBuckets: n.wait.Encode(),
		})
	}
	return rows
}

// putBack makes rows that could not be written due again.
func (s *Stats) putBack(rows []covetmodels.JobStat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range rows {
		if n := s.counts[statKey{row.Minute, row.Queue}]; n != nil {
			n.unwritten = true
		}
	}
}
