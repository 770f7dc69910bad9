// Package audit records who did what to which record and from where, in the database and in the same transaction as the
// change:
//
//	err := db.Transaction(ctx, func(ctx context.Context) error {
//		if err := db.With(ctx).Delete(&post).Error; err != nil {
//			return err
//		}
//		return log.Record(ctx, audit.Event{Action: "posts.delete", Subject: audit.Subject("posts", post.ID)})
//	})
//
// The actor, the client's address and the request id come from the context.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/models"
)

// Event is an action to record.
type Event struct {
	// Action is the resource and the verb: "posts.update". At most 128 characters.
	Action string
	// Subject is the record that was changed, in the form that [Subject] returns. Defaults to no record.
	Subject string
	// Detail contains further information. It is stored as JSON and must not contain secrets. Defaults to none.
	Detail map[string]any
	// Actor is who performed the action. Defaults to the actor of the context.
	Actor identity.Actor
}

// Change is a changed field of a record, for the detail of an event: audit.Event{…, Detail: map[string]any{"changes":
// changes}}.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Subject identifies a record by its kind, usually the table, and its key: "posts:42".
func Subject(kind string, key any) string { return fmt.Sprintf("%s:%v", kind, key) }

// Log records events. It is safe for concurrent use.
type Log struct{ db *database.DB }

// New returns the log of a database, in the table of models.AuditEntry.
func New(db *database.DB) *Log { return &Log{db: db} }

// Record records an event, in the transaction that ctx carries, if any. Text that exceeds its column is truncated.
func (l *Log) Record(ctx context.Context, e Event) error {
	actor := e.Actor
	if actor.ID == "" {
		actor, _ = identity.From(ctx)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("recording %s: %w", e.Action, err)
	}
	entry := models.AuditEntry{
		ID: id.String(), Action: shorten(e.Action, 128), Subject: shorten(e.Subject, 191),
		ActorID: shorten(actor.ID, 64), ActorName: shorten(name(actor), 254),
		Address: shorten(middleware.ClientIP(ctx), 45), RequestID: shorten(middleware.RequestID(ctx), 128),
	}
	if len(e.Detail) > 0 {
		detail, err := json.Marshal(e.Detail)
		if err != nil {
			return fmt.Errorf("recording %s: encoding its detail: %w", e.Action, err)
		}
		entry.Detail = string(detail)
	}
	if err := l.db.With(ctx).Create(&entry).Error; err != nil {
		return fmt.Errorf("recording %s: %w", e.Action, err)
	}
	return nil
}

// name returns the display name of the actor: the address, which is unique, and not the name, which users choose.
func name(actor identity.Actor) string {
	if actor.Email != "" {
		return actor.Email
	}
	return actor.Name
}

// shorten truncates text to at most n bytes, between characters, and makes it storable in every database.
func shorten(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
