package job

import (
	"log/slog"
	"strings"
	"time"
)

// Delivery is one row on its way to a worker, or a direct job, which has no row.
type Delivery struct {
	ID       string
	Kind     string
	Queue    string
	Priority Priority
	Payload  []byte
	// Number distinguishes the delivery from earlier ones of the same row.
	Number int
	// Attempts is the number of failed runs so far.
	Attempts int
	// Due is when the job was due; zero for direct jobs.
	Due time.Time
	// Direct is true for a job that has no row.
	Direct bool
	Extras
}

// Extras are the parts of a delivery that most jobs do not have. They travel with the delivery as JSON.
type Extras struct {
	// Version is the version of the arguments.
	Version int `json:"v,omitempty"`
	// Sealed is the name of the key that encrypts the arguments; empty if they are not encrypted.
	Sealed string `json:"s,omitempty"`
	// Meta is a JSON object of the values carried from the context of Enqueue.
	Meta string `json:"m,omitempty"`
	// Linked is true for members of chains and batches, whose end changes other rows.
	Linked bool `json:"l,omitempty"`
	// Batch is the batch of which the job is a member or the callback.
	Batch string `json:"b,omitempty"`
	// Fetch is true if the delivery does not contain the arguments, so that the worker reads them from the row.
	Fetch bool `json:"f,omitempty"`
}

// Ref identifies one delivery of a row.
type Ref struct {
	ID     string
	Number int
}

// Ref returns the identity of the delivery.
func (d Delivery) Ref() Ref { return Ref{d.ID, d.Number} }

// DeliveryOf returns the current delivery of a row.
func DeliveryOf(row *Row) Delivery {
	d := Delivery{
		ID: row.ID, Kind: row.Kind, Queue: row.Queue, Priority: Priority(row.Priority), Payload: []byte(row.Payload),
		Number: row.Delivery, Attempts: row.Attempts, Due: row.RunAt,
		Extras: Extras{
			Version: row.Version, Sealed: row.SealedWith, Meta: row.Meta,
			Linked: row.ChainID != nil || row.BatchID != nil,
		},
	}
	switch {
	case row.BatchID != nil:
		d.Batch = *row.BatchID
	case row.CallbackOf != nil:
		d.Batch = *row.CallbackOf
	}
	return d
}

const uuidLength = 36

// IsID reports whether id has the form of the id of a row.
func IsID(id string) bool {
	return len(id) == uuidLength && strings.Trim(id, "0123456789abcdef-") == ""
}

// IsStorableTime reports whether every database can store t and JSON can represent it.
func IsStorableTime(t time.Time) bool {
	earliest, latest := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	return !t.Before(earliest) && !t.After(latest)
}

// Log returns a logger that adds the job of a delivery to each record.
func Log(log *slog.Logger, d Delivery) *slog.Logger {
	return log.With("job_id", d.ID, "job_kind", d.Kind, "job_queue", d.Queue, "job_attempt", d.Attempts+1)
}
