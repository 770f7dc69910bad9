package auditui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/internal/format"
)

// titles are what records are called, by their key.
type titles map[*meta.Resource]map[string]string

// titles returns what the records are called that entries are about, or that their changes refer to, as far as the user
// may read them.
func (a *Audit) titles(ctx context.Context, entries []store.Entry) (titles, error) {
	wanted := map[*meta.Resource]map[string]any{}
	want := func(r *meta.Resource, text string) {
		if key, ok := r.ParseKey(text); ok {
			if wanted[r] == nil {
				wanted[r] = map[string]any{}
			}
			wanted[r][text] = key
		}
	}
	for _, entry := range entries {
		r, key := a.subject(entry.Subject)
		if r == nil {
			continue
		}
		want(r, key)
		for _, c := range entry.Changes {
			if f := r.Field(c.Field); f != nil && f.Related != nil && f.Visible() {
				for _, text := range append(keysIn(c.Before), keysIn(c.After)...) {
					want(f.Related, text)
				}
			}
		}
	}
	known := titles{}
	for r, keys := range wanted {
		if !a.registry.Allows(ctx, r, meta.Read, nil) {
			continue
		}
		var list []any
		for _, key := range keys {
			list = append(list, key)
		}
		records, err := a.entries.Several(ctx, r, list, false, false)
		if err != nil {
			return nil, err
		}
		known[r] = map[string]string{}
		for _, record := range records {
			if a.registry.Allows(ctx, r, meta.Read, record) {
				known[r][r.KeyOf(ctx, record)] = format.Cut(r.TitleOf(ctx, record))
			}
		}
	}
	return known, nil
}

// change returns a change as a page shows it, with the names of records instead of their keys.
func (a *Audit) change(ctx context.Context, r *meta.Resource, c audit.Change, known titles) views.Change {
	shown := views.Change{Field: format.Label(c.Field), Before: value(c.Before), After: value(c.After)}
	if r == nil {
		return shown
	}
	f := r.Field(c.Field)
	if f == nil {
		return shown
	}
	shown.Field = f.Label
	if !f.Visible() || !a.registry.Reads(ctx, f) {
		shown.Before, shown.After = "(hidden)", "(changed)"
		return shown
	}
	name := func(key string) string { return key }
	if f.Related != nil {
		name = func(key string) string {
			if title, ok := known[f.Related][key]; ok {
				return title
			}
			return f.Related.Label + " " + key
		}
	}
	switch f.Kind {
	case meta.Many, meta.Lines:
		shown.Text = addedAndRemoved(keysIn(c.Before), keysIn(c.After), name)
	case meta.File:
		shown.Text = fileChange(value(c.Before), value(c.After))
	case meta.Belongs:
		shown.Before, shown.After = named(shown.Before, name), named(shown.After, name)
	default:
		shown.Before, shown.After = f.ShownText(shown.Before), f.ShownText(shown.After)
	}
	return shown
}

func named(key string, name func(string) string) string {
	if key == "" {
		return ""
	}
	return name(key)
}

// keysIn returns the keys or lines in a value of the log.
func keysIn(v any) []string {
	text := fmt.Sprint(v)
	if v == nil || text == "" {
		return nil
	}
	return strings.Split(text, ", ")
}

// addedAndRemoved says how a list changed: "added Wool, removed Silk".
func addedAndRemoved(before, after []string, name func(string) string) string {
	var parts []string
	add := func(verb string, from, without []string) {
		var names []string
		for _, key := range from {
			if !slices.Contains(without, key) {
				names = append(names, name(key))
			}
		}
		if len(names) > 0 {
			parts = append(parts, verb+" "+strings.Join(names, ", "))
		}
	}
	add("added", after, before)
	add("removed", before, after)
	return format.Cut(strings.Join(parts, "; "))
}

// fileChange says what happened to a file, whose storage key means nothing to users.
func fileChange(before, after string) string {
	switch {
	case before == "":
		return "added"
	case after == "":
		return "removed"
	}
	return "replaced"
}

// value writes a value of an entry, shortened; nil is "".
func value(v any) string {
	if v == nil {
		return ""
	}
	return format.Cut(fmt.Sprint(v))
}
