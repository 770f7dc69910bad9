package store

import (
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/jobs/internal/job"
)

// set contains the columns that a transition writes to a row.
type set struct{ columns map[string]any }

// to begins the set of a transition that changes only the state.
func to(state job.State) set { return set{map[string]any{"state": state}} }

// keepState begins the set of a transition that does not change the state.
func keepState() set { return set{map[string]any{}} }

// toEnd begins the set of a transition that ends a job. The row has no holder anymore and releases its unique key,
// unless that is kept for a period or belongs to a tick.
func toEnd(state job.State, at time.Time) set {
	s := to(state).free()
	s.columns["finished_at"] = at
	releases := "unique_as <> '' AND unique_until IS NULL"
	if state == job.Cancelled {
		releases = "unique_as <> ''"
	}
	s.columns["unique_key"] = gorm.Expr("CASE WHEN " + releases + " THEN NULL ELSE unique_key END")
	return s
}

// toPending begins the set of a transition that returns a job to pending, which makes its task in Redis stale. A row
// that was due stays due, although the clock may have been set back since.
func (s *Store) toPending() set {
	at := s.Now()
	values := to(job.Pending).free()
	values.columns["delivery"] = gorm.Expr("delivery + 1")
	values.columns["run_at"] = gorm.Expr("CASE WHEN run_at > ? THEN ? ELSE run_at END", at, at)
	return values
}

func (s set) free() set {
	s.columns["holder"], s.columns["lease_until"] = "", nil
	return s
}

func (s set) held(holder string, until time.Time) set {
	s.columns["holder"], s.columns["lease_until"] = holder, until
	return s
}

func (s set) runAt(at time.Time) set {
	s.columns["run_at"] = at
	return s
}

func (s set) attempts(n int) set {
	s.columns["attempts"] = n
	return s
}

func (s set) losses(n int) set {
	s.columns["losses"] = n
	return s
}

// failure writes why a run failed, or why a job waits or has ended.
func (s set) failure(text, stack string) set {
	s.columns["last_error"], s.columns["last_stack"] = text, stack
	return s
}

func (s set) lastError(text string) set {
	s.columns["last_error"] = text
	return s
}

// progress writes the progress of a job, if it reports any.
func (s set) progress(p Progress) set {
	if p != (Progress{}) {
		s.columns["progress_done"], s.columns["progress_total"] = p.Done, p.Total
	}
	return s
}

func (s set) result(text string) set {
	if text != "" {
		s.columns["result"] = text
	}
	return s
}
