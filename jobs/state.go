package jobs

import covetmodels "github.com/covetgo/covet/models"

// State is where a job stands.
type State = covetmodels.OutboxState

// The states of a job; the package comment draws how they follow each other.
const (
	Held       = covetmodels.OutboxHeld
	Pending    = covetmodels.OutboxPending
	Dispatched = covetmodels.OutboxDispatched
	Running    = covetmodels.OutboxRunning
	Done       = covetmodels.OutboxDone
	Dead       = covetmodels.OutboxDead
	Cancelled  = covetmodels.OutboxCancelled
)
