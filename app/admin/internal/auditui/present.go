package auditui

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/models"
)

// Actions says what entries of the log are about: "Changed the post".
func (a *Audit) Actions(ctx context.Context, entries []*models.AuditEntry) ([]string, error) {
	return a.present(ctx, entries, func(e views.Event) string { return capital(e.What) })
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
			text := c.Text
			if text == "" {
				text = "from “" + c.Before + "” to “" + c.After + "”"
			}
			lines = append(lines, c.Field+": "+text)
		}
		for _, d := range e.Details {
			lines = append(lines, d.Name+": "+d.Value)
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

// capital writes the first letter as a capital.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
