package jobs

import "github.com/covetgo/covet/jobs/internal/job"

// State is where a job stands.
type State = job.State

// The states of a job; the package comment draws how they follow each other.
const (
	Held       = job.Held
	Pending    = job.Pending
	Dispatched = job.Dispatched
	Running    = job.Running
	Done       = job.Done
	Dead       = job.Dead
	Cancelled  = job.Cancelled
)
