package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/models"
)

// Entry is one entry of the audit log, with its changes taken out of the detail.
type Entry struct {
	models.AuditEntry
	Changes []audit.Change
}

// escapeLike lets the name of a permission stand for itself in a pattern.
var escapeLike = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// History returns the newest entries about a subject, or about everything when it is empty. With a permission only
// those are returned that tell of changes, by actions with that first part.
func (s *Store) History(ctx context.Context, subject, permission string, limit int) ([]Entry, error) {
	tx := s.db.With(ctx).Order("id DESC").Limit(limit)
	if subject != "" {
		tx = tx.Where("subject = ?", subject)
	}
	if permission != "" {
		tx = tx.Where("action LIKE ? ESCAPE '!' AND detail LIKE ?", escapeLike.Replace(permission)+".%", `%"changes":%`)
	}
	var rows []models.AuditEntry
	if err := tx.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading the history: %w", err)
	}
	entries := make([]Entry, len(rows))
	for i, row := range rows {
		entries[i] = EntryOf(row)
	}
	return entries, nil
}

// EntryOf returns a row of the log as an entry.
func EntryOf(row models.AuditEntry) Entry {
	return Entry{AuditEntry: row, Changes: changesOf(row.Detail)}
}

// changesOf reads the changes of a detail; one that is of another shape has none.
func changesOf(detail string) []audit.Change {
	var shape struct {
		Changes []audit.Change `json:"changes"`
	}
	if json.Unmarshal([]byte(detail), &shape) != nil {
		return nil
	}
	return shape.Changes
}
