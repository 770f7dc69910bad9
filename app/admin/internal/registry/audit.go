package registry

import (
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/internal/format"
)

// maxRecorded bounds the text of a value in the audit log, in characters.
const maxRecorded = 1000

// Subject returns the name of a record in the audit log.
func Subject(r *meta.Resource, key string) string { return audit.Subject(r.Table, key) }

// Change returns the change of a field for the audit log.
func Change(f *meta.Field, before, after []string) audit.Change {
	text := func(list []string) string { return format.CutTo(strings.Join(list, ", "), maxRecorded) }
	return audit.Change{Field: f.Name, Before: text(before), After: text(after)}
}
