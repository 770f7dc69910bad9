package models

import "time"

// AuditEntry records who did what to which record and from where. Package audit writes entries; they are never changed.
type AuditEntry struct {
	// ID is a UUID version 7, so that ids sort by creation.
	ID string `gorm:"primaryKey;size:36"`
	// Action is the resource and the verb: "auth.login", "posts.update".
	Action string `gorm:"size:128;not null;index:idx_covet_audit_action"`
	// ActorID is the id of the identity.Actor who did it; empty if unknown.
	ActorID string `gorm:"size:64;not null;index:idx_covet_audit_actor_id"`
	// ActorName is the name of the actor at that time.
	ActorName string `gorm:"size:254;not null"`
	// Subject is the kind and the key of the changed record: "users:42". It may be empty.
	Subject string `gorm:"size:191;not null;index:idx_covet_audit_subject"`
	// Detail is JSON with further information, or empty. It contains no secrets.
	Detail string `gorm:"not null"`
	// Address is the IP address of the client; empty outside of requests.
	Address string `gorm:"size:45;not null"`
	// RequestID is the id of the request, as in the log; empty outside of requests.
	RequestID string `gorm:"size:128;not null"`
	// CreatedAt is when it happened.
	CreatedAt time.Time `gorm:"precision:6;not null;index:idx_covet_audit_created_at"`
}

// TableName is the table, covet_audit.
func (AuditEntry) TableName() string { return "covet_audit" }
