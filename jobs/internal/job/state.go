// Package job is the vocabulary of background jobs: their states, rows and deliveries, the errors that end them, and
// what all loops of a process share. It writes no table, knows no Redis and starts no goroutine.
package job

import (
	covetmodels "github.com/covetgo/covet/models"
)

// State is where a job stands.
type State = covetmodels.OutboxState

// The states of a job, in the order of its life; the documentation of package jobs draws how they follow each other.
const (
	Held       = covetmodels.OutboxHeld
	Pending    = covetmodels.OutboxPending
	Dispatched = covetmodels.OutboxDispatched
	Running    = covetmodels.OutboxRunning
	Done       = covetmodels.OutboxDone
	Dead       = covetmodels.OutboxDead
	Cancelled  = covetmodels.OutboxCancelled
)

// States returns all states, in the order of a job's life.
func States() []State { return []State{Held, Pending, Dispatched, Running, Done, Dead, Cancelled} }

// Waiting returns the states of jobs that have not started.
func Waiting() []State { return []State{Held, Pending, Dispatched} }

// Ended returns the states of jobs that do not run again by themselves.
func Ended() []State { return []State{Done, Dead, Cancelled} }

// Row is the row of a job.
type Row = covetmodels.OutboxRow
