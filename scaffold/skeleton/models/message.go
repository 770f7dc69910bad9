// Package models contains the data models of Covet App.
package models

import "time"

// Message is a message from the contact form.
type Message struct {
	ID    int64
	Name  string
	Email string
	Body  string
	// NotifiedAt is when the team was notified, or nil.
	NotifiedAt *time.Time
	CreatedAt  time.Time
}
