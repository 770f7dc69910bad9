package auditui

import (
	"context"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/models"
)

// Actions says what entries of the log are about: "Changed".
func (a *Audit) Actions(ctx context.Context, entries []*models.AuditEntry) ([]string, error) {
	return a.present(ctx, entries, func(e views.Event) string { return e.Action })
}

// Subjects names what entries of the log are about.
func (a *Audit) Subjects(ctx context.Context, entries []*models.AuditEntry) ([]string, error) {
	return a.present(ctx, entries, func(e views.Event) string { return e.Subject })
}

// Details writes what else entries say: a line for each change and fact.
func (a *Audit) Details(ctx context.Context, entries []*models.AuditEntry) ([]string, error) {
	return a.present(ctx, entries, func(e views.Event) string {
		var lines []string
		for _, c := range e.Changes {
			if c.Text != "" {
				lines = append(lines, words.T(ctx, "value", "name", c.Field, "value", c.Text))
			} else {
				lines = append(lines, words.T(ctx, "audit.change", "field", c.Field, "before", c.Before, "after", c.After))
			}
		}
		for _, d := range e.Details {
			lines = append(lines, words.T(ctx, "value", "name", d.Name, "value", d.Value))
		}
		return strings.Join(lines, "\n")
	})
}

func (a *Audit) present(
	ctx context.Context, rows []*models.AuditEntry, text func(views.Event) string,
) ([]string, error) {
	entries := make([]store.Entry, len(rows))
	for i, row := range rows {
		entries[i] = store.EntryOf(*row)
	}
	events, err := a.describe(ctx, entries, true)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(events))
	for i, e := range events {
		texts[i] = text(e)
	}
	return texts, nil
}
