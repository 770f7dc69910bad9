package models

import "time"

// OutboxState is where a job stands. A row begins as pending, or as held, and ends as done, dead or cancelled.
type OutboxState string

// The states of a job. Pending and dispatched rows have not started; a running row that loses its worker, and a row
// that failed and will be tried again, are pending again.
const (
	// OutboxHeld rows wait for other jobs: for the one before them in a chain, or for all of a batch.
	OutboxHeld OutboxState = "held"
	// OutboxPending rows wait for their time (RunAt) and for the relay.
	OutboxPending OutboxState = "pending"
	// OutboxDispatched rows have been handed to Redis under the epoch in Epoch and wait for a worker.
	OutboxDispatched OutboxState = "dispatched"
	// OutboxRunning rows belong to the worker in Holder until LeaseUntil, which the worker keeps extending.
	OutboxRunning OutboxState = "running"
	// OutboxDone rows have succeeded.
	OutboxDone OutboxState = "done"
	// OutboxDead rows have failed for good; LastError says why.
	OutboxDead OutboxState = "dead"
	// OutboxCancelled rows were called off, before they started or while they ran.
	OutboxCancelled OutboxState = "cancelled"
)

// OutboxRow is one background job. The row is the truth about the job; what Redis holds is a copy
// that carries it to a worker. Package
// jobs writes it; read it freely, and change it through package jobs. Times are UTC.
type OutboxRow struct {
	// ID is a UUID version 7, so that ids sort by creation.
	ID string `gorm:"primaryKey;size:36"`
	// Kind names the type of the job, and so what Payload holds.
	Kind string `gorm:"size:191;not null"`
	// Queue is the queue the job is dispatched to.
	Queue string `gorm:"size:64;not null;index:idx_covet_outbox_queue_state_run_at,priority:1"`
	// Payload is the JSON of the job's arguments, or their ciphertext if SealedWith is set.
	Payload string `gorm:"not null"`
	// Version is the version of the arguments in Payload; see the package jobs.
	Version int `gorm:"not null"`
	// SealedWith names the key that Payload is encrypted with; empty for arguments in the clear.
	SealedWith string `gorm:"size:16;not null"`
	// Meta is a JSON object of what was carried along from where the job was enqueued, such as the id of the request;
	// empty if there was nothing.
	Meta string `gorm:"not null"`
	// Priority is 1 for jobs that go first in their queue, -1 for those that go last, and 0 for the others.
	Priority int `gorm:"not null"`
	// State is where the job stands.
	State OutboxState `gorm:"size:16;not null;index:idx_covet_outbox_state_run_at,priority:1;index:idx_covet_outbox_queue_state_run_at,priority:2;index:idx_covet_outbox_limit_key,priority:2"`
	// RunAt is the time before which the job does not start.
	RunAt time.Time `gorm:"precision:6;not null;index:idx_covet_outbox_state_run_at,priority:2;index:idx_covet_outbox_queue_state_run_at,priority:3"`
	// UniqueKey, if set, belongs to one row only; a schedule has one key for each tick.
	UniqueKey *string `gorm:"size:191;uniqueIndex:idx_covet_outbox_unique_key"`
	// UniqueAs is the UniqueKey of a unique job also after it has been given up, so that a retry can take it again.
	UniqueAs string `gorm:"size:191;not null"`
	// UniqueUntil is the time until which UniqueKey is kept although the job has ended; nil gives it up with the end.
	UniqueUntil *time.Time `gorm:"precision:6"`
	// Schedule is the name of the schedule that fired the job, if one did.
	Schedule string `gorm:"size:150;not null"`
	// ChainID is the chain that the job belongs to, if any, and ChainIndex its place in there, from 0 on.
	ChainID    *string `gorm:"size:36;index:idx_covet_outbox_chain_id,priority:1"`
	ChainIndex int     `gorm:"not null;index:idx_covet_outbox_chain_id,priority:2"`
	// BatchID is the batch that the job belongs to, if any.
	BatchID *string `gorm:"size:36;index:idx_covet_outbox_batch_id"`
	// CallbackOf is the batch after whose end the job runs, if it is such a callback.
	CallbackOf *string `gorm:"size:36"`
	// Delivery is raised whenever the row returns to pending, so that what Redis held of it before is stale.
	Delivery int `gorm:"not null"`
	// Attempts counts the runs that failed. Runs that were cut short by the end of their process do not count.
	Attempts int `gorm:"not null"`
	// Epoch is the epoch of the Redis contents under which the row was dispatched.
	Epoch string `gorm:"size:36;not null"`
	// Holder is the relay or worker that has the row until LeaseUntil; empty if none has.
	Holder string `gorm:"size:36;not null"`
	// LeaseUntil ends the claim of Holder.
	LeaseUntil *time.Time `gorm:"precision:6"`
	// Losses counts the runs in a row whose worker disappeared.
	Losses int `gorm:"not null"`
	// LastError is the error of the latest failed attempt, or why the job waits or has not run.
	LastError string `gorm:"not null"`
	// LastStack is where the latest failed attempt panicked, if it did.
	LastStack string `gorm:"not null"`
	// LimitKey is the limit that the job last waited for, if it waited for one.
	LimitKey *string `gorm:"size:191;index:idx_covet_outbox_limit_key,priority:1"`
	// CancelAskedAt is the time when somebody asked to cancel the job while it ran.
	CancelAskedAt *time.Time `gorm:"precision:6"`
	// ProgressDone of ProgressTotal is how far the job says it has come; both are 0 if it says nothing.
	ProgressDone  int64 `gorm:"not null"`
	ProgressTotal int64 `gorm:"not null"`
	// Result is the JSON of what the job left behind; empty if nothing.
	Result string `gorm:"not null"`
	// CreatedAt is the time of the enqueueing.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// StartedAt is the time when the latest run began.
	StartedAt *time.Time `gorm:"precision:6"`
	// FinishedAt is the time when the state became done, dead or cancelled.
	FinishedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_outbox.
func (OutboxRow) TableName() string { return "covet_outbox" }
