package models

import "time"

// AuditEntry is something that somebody did: who, what, on what, from where. Entries are written by package audit, and
// never changed.
type AuditEntry struct {
	// ID is a UUID version 7, so that ids sort by creation.
	ID string `gorm:"primaryKey;size:36"`
	// Action is what was done: "auth.login", "posts.update".
	Action string `gorm:"size:128;not null;index:idx_covet_audit_action"`
	// ActorID is who did it, as identity.Actor has it; empty when nobody known did.
	ActorID string `gorm:"size:64;not null;index:idx_covet_audit_actor_id"`
	// ActorName is what the actor was called at that time.
	ActorName string `gorm:"size:254;not null"`
	// Subject is what it was done to, as kind and key: "users:42". It may be empty.
	Subject string `gorm:"size:191;not null;index:idx_covet_audit_subject"`
	// Detail is JSON with what else there is to know, or empty. It holds no secrets.
	Detail string `gorm:"not null"`
	// Address is the IP address of the client, or empty outside a request.
	Address string `gorm:"size:45;not null"`
	// RequestID is the id of the request, by which the log knows it, too; empty outside a request.
	RequestID string `gorm:"size:128;not null"`
	// CreatedAt is when it happened.
	CreatedAt time.Time `gorm:"precision:6;not null;index:idx_covet_audit_created_at"`
}

// TableName is the table, covet_audit.
func (AuditEntry) TableName() string { return "covet_audit" }
