// Package audit keeps who did what, on what, and from where, in the database and in the same transaction as what was
// done:
//
//	err := db.Transaction(ctx, func(ctx context.Context) error {
//		if err := db.With(ctx).Delete(&post).Error; err != nil {
//			return err
//		}
//		return log.Record(ctx, audit.Event{Action: "posts.delete", Subject: audit.Subject("posts", post.ID)})
//	})
//
// The actor, the address of the client and the id of the request are taken from the context.
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

// Event is something that was done.
type Event struct {
	// Action is what was done, resource and verb: "posts.update". At most 128 characters.
	Action string
	// Subject is what it was done to, as [Subject] writes it. Defaults to nothing in particular.
	Subject string
	// Detail is what else there is to know. It is kept as JSON, and must hold no secrets. Defaults to nothing.
	Detail map[string]any
	// Actor is who did it. Defaults to who acts in the context.
	Actor identity.Actor
}

// Change is one field of a record before and after, for the detail of an event:
// audit.Event{…, Detail: map[string]any{"changes": changes}}.
type Change struct {
	Field  string `json:"field"`
	Before any    `json:"before"`
	After  any    `json:"after"`
}

// Subject names a record by its kind, usually the table, and its key: "posts:42".
func Subject(kind string, key any) string { return fmt.Sprintf("%s:%v", kind, key) }

// Log writes events. It is safe for concurrent use.
type Log struct{ db *database.DB }

// New returns the log that is kept in db, in the table of models.AuditEntry.
func New(db *database.DB) *Log { return &Log{db: db} }

// Record writes an event, as part of the transaction that ctx carries, if any. Text that does not fit its column is
// shortened.
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
			return fmt.Errorf("recording %s: writing its detail: %w", e.Action, err)
		}
		entry.Detail = string(detail)
	}
	if err := l.db.With(ctx).Create(&entry).Error; err != nil {
		return fmt.Errorf("recording %s: %w", e.Action, err)
	}
	return nil
}

// name is what the entry calls the actor: the address, which is unique, before the name, which people choose.
func name(actor identity.Actor) string {
	if actor.Email != "" {
		return actor.Email
	}
	return actor.Name
}

// shorten cuts text to n bytes at most, between characters, and makes it text that every database stores.
func shorten(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
