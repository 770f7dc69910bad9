// Package job defines the vocabulary of background jobs: states, rows, deliveries, errors, and what all loops of a
// process share. It writes no table, does not use Redis and starts no goroutine.
package job

import (
	covetmodels "github.com/covetgo/covet/models"
)

// State is the state of a job.
type State = covetmodels.OutboxState

// The states of a job in the order of its lifecycle, which the documentation of package jobs shows.
const (
	Held       = covetmodels.OutboxHeld
	Pending    = covetmodels.OutboxPending
	Dispatched = covetmodels.OutboxDispatched
	Running    = covetmodels.OutboxRunning
	Done       = covetmodels.OutboxDone
	Dead       = covetmodels.OutboxDead
	Cancelled  = covetmodels.OutboxCancelled
)

// States returns all states in the order of the lifecycle.
func States() []State { return []State{Held, Pending, Dispatched, Running, Done, Dead, Cancelled} }

// Waiting returns the states of jobs that have not started.
func Waiting() []State { return []State{Held, Pending, Dispatched} }

// Ended returns the final states, which only a retry by an administrator leaves.
func Ended() []State { return []State{Done, Dead, Cancelled} }

// Row is the row of a job.
type Row = covetmodels.OutboxRow
