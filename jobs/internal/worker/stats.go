package worker

import (
	"sync"
	"time"

	"github.com/covetgo/covet/jobs/internal/job"
	covetmodels "github.com/covetgo/covet/models"
)

// Stats counts the runs of this process. Each process has its own rows, one per minute and queue with activity, written
// every few seconds. Counting rows of jobs instead would read as many rows as there were jobs, miss pruned ones and
// know nothing of direct jobs. A row contains the total of the process, so that writing it again is harmless. A killed
// process loses the counts that it has not written, a few seconds of the chart.
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

// take returns the rows to write, and forgets written counts of past minutes.
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

// putBack marks rows that could not be written as unwritten.
func (s *Stats) putBack(rows []covetmodels.JobStat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, row := range rows {
		if n := s.counts[statKey{row.Minute, row.Queue}]; n != nil {
			n.unwritten = true
		}
	}
}
