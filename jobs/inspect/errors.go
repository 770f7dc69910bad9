package inspect

import "github.com/covetgo/covet/jobs/internal/job"

// Errors of an [Inspector]. They are identical to the errors of package jobs with the same names.
var (
	// ErrNoJob is returned for an id without a row.
	ErrNoJob = job.ErrNoJob
	// ErrNotEnded is returned by [Inspector.Retry] for a job that is neither dead nor cancelled.
	ErrNotEnded = job.ErrNotEnded
	// ErrNotWaiting is returned by [Inspector.Cancel] for a job that has ended or does not exist.
	ErrNotWaiting = job.ErrNotWaiting
	// ErrRunning is returned by [Inspector.Delete] for a running job.
	ErrRunning = job.ErrRunning
	// ErrDuplicate is returned by [Inspector.Retry] for a unique job whose key another job has taken.
	ErrDuplicate = job.ErrDuplicate
	// ErrNotDone is returned by [Inspector.Result] for a job that has not succeeded (yet).
	ErrNotDone = job.ErrNotDone
	// ErrCursor is returned by [Inspector.Rows] for an invalid cursor.
	ErrCursor = job.ErrCursor
)
