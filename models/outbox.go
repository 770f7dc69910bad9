package models

import "time"

// OutboxState is the state of a job. A row starts as pending or held, and ends as done, dead or cancelled.
type OutboxState string

// The states of a job. Pending and dispatched rows have not started. A running row that loses its worker, and a failed
// row that will be retried, return to pending.
const (
	// OutboxHeld rows wait for other jobs: the one before them in a chain, or all of a batch.
	OutboxHeld OutboxState = "held"
	// OutboxPending rows wait for their time (RunAt) and for the relay.
	OutboxPending OutboxState = "pending"
	// OutboxDispatched rows have been sent to Redis under the epoch in Epoch and wait for a worker.
	OutboxDispatched OutboxState = "dispatched"
	// OutboxRunning rows belong to the worker in Holder until LeaseUntil, which the worker extends.
	OutboxRunning OutboxState = "running"
	// OutboxDone rows have succeeded.
	OutboxDone OutboxState = "done"
	// OutboxDead rows have failed permanently, for the reason in LastError.
	OutboxDead OutboxState = "dead"
	// OutboxCancelled rows were cancelled, before they started or while they ran.
	OutboxCancelled OutboxState = "cancelled"
)

// OutboxRow is one background job. The row is the source of truth; Redis only carries a copy of it to a worker. Package
// jobs writes rows: read them freely, and change them through package jobs. Times are UTC.
type OutboxRow struct {
	// ID is a UUID version 7, so that ids sort by creation.
	ID string `gorm:"primaryKey;size:36"`
	// Kind is the name of the job's type.
	Kind string `gorm:"size:191;not null"`
	// Queue is the queue the job is dispatched to.
	Queue string `gorm:"size:64;not null;index:idx_covet_outbox_queue_state_run_at,priority:1"`
	// Payload is the JSON of the job's arguments, or their ciphertext if SealedWith is set.
	Payload string `gorm:"not null"`
	// Version is the version of the arguments in Payload; see the package jobs.
	Version int `gorm:"not null"`
	// SealedWith is the name of the key that encrypts Payload; empty if it is not encrypted.
	SealedWith string `gorm:"size:16;not null"`
	// Meta is a JSON object of the values carried from the context of Enqueue, such as the request id; empty for none.
	Meta string `gorm:"not null"`
	// Priority is 1 for high, 0 for normal and -1 for low.
	Priority int `gorm:"not null"`
	// State is the state of the job.
	State OutboxState `gorm:"size:16;not null;index:idx_covet_outbox_state_run_at,priority:1;index:idx_covet_outbox_queue_state_run_at,priority:2;index:idx_covet_outbox_limit_key,priority:2"`
	// RunAt is the time before which the job does not start.
	RunAt time.Time `gorm:"precision:6;not null;index:idx_covet_outbox_state_run_at,priority:2;index:idx_covet_outbox_queue_state_run_at,priority:3"`
	// UniqueKey, if set, belongs to one row only. Each tick of a schedule has one.
	UniqueKey *string `gorm:"size:191;uniqueIndex:idx_covet_outbox_unique_key"`
	// UniqueAs is the UniqueKey of a unique job, also after its release, so that a retry can take it again.
	UniqueAs string `gorm:"size:191;not null"`
	// UniqueUntil is until when UniqueKey is kept although the job has ended; nil releases it with the end.
	UniqueUntil *time.Time `gorm:"precision:6"`
	// Schedule is the name of the schedule that fired the job; empty for none.
	Schedule string `gorm:"size:150;not null"`
	// ChainID is the chain of the job, if any, and ChainIndex its position in it, from 0.
	ChainID    *string `gorm:"size:36;index:idx_covet_outbox_chain_id,priority:1"`
	ChainIndex int     `gorm:"not null;index:idx_covet_outbox_chain_id,priority:2"`
	// BatchID is the batch of the job, if any.
	BatchID *string `gorm:"size:36;index:idx_covet_outbox_batch_id"`
	// CallbackOf is the batch whose callback the job is, if any.
	CallbackOf *string `gorm:"size:36"`
	// Delivery is incremented whenever the row returns to pending, which makes the earlier task in Redis stale.
	Delivery int `gorm:"not null"`
	// Attempts is the number of failed runs, without those that the end of their process interrupted.
	Attempts int `gorm:"not null"`
	// Epoch is the epoch of the contents of Redis under which the row was dispatched.
	Epoch string `gorm:"size:36;not null"`
	// Holder is the relay or worker that holds the row until LeaseUntil; empty for none.
	Holder string `gorm:"size:36;not null"`
	// LeaseUntil ends the claim of Holder.
	LeaseUntil *time.Time `gorm:"precision:6"`
	// Losses is the number of consecutive runs whose worker was lost.
	Losses int `gorm:"not null"`
	// LastError is the error of the latest failed attempt, or why the job waits or has not run.
	LastError string `gorm:"not null"`
	// LastStack is the stack of the latest panic, if any.
	LastStack string `gorm:"not null"`
	// LimitKey is the limit that the job last waited for, if any.
	LimitKey *string `gorm:"size:191;index:idx_covet_outbox_limit_key,priority:1"`
	// CancelAskedAt is when the running job was asked to stop; nil if it was not.
	CancelAskedAt *time.Time `gorm:"precision:6"`
	// ProgressDone of ProgressTotal units of the work are done, as the job reports; both are 0 without a report.
	ProgressDone  int64 `gorm:"not null"`
	ProgressTotal int64 `gorm:"not null"`
	// Result is the job's result as JSON; empty for none.
	Result string `gorm:"not null"`
	// CreatedAt is when the job was enqueued.
	CreatedAt time.Time `gorm:"precision:6;not null"`
	// StartedAt is when the latest run started.
	StartedAt *time.Time `gorm:"precision:6"`
	// FinishedAt is when the job ended as done, dead or cancelled.
	FinishedAt *time.Time `gorm:"precision:6"`
}

// TableName is the table, covet_outbox.
func (OutboxRow) TableName() string { return "covet_outbox" }
