package auditui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
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
	shown.Field = f.LabelIn(ctx)
	if !f.Visible() || !a.registry.Reads(ctx, f) {
		shown.Before, shown.After = words.T(ctx, "audit.hidden"), words.T(ctx, "audit.changed")
		return shown
	}
	name := func(key string) string { return key }
	if f.Related != nil {
		name = func(key string) string {
			if title, ok := known[f.Related][key]; ok {
				return title
			}
			return words.T(ctx, "audit.record", "record", f.Related.LabelIn(ctx), "key", key)
		}
	}
	switch f.Kind {
	case meta.Many, meta.Lines:
		shown.Text = addedAndRemoved(ctx, keysIn(c.Before), keysIn(c.After), name)
	case meta.File:
		shown.Text = fileChange(ctx, value(c.Before), value(c.After))
	case meta.Belongs:
		shown.Before, shown.After = named(shown.Before, name), named(shown.After, name)
	default:
		shown.Before, shown.After = f.ShownText(ctx, shown.Before), f.ShownText(ctx, shown.After)
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

// addedAndRemoved says how a list changed: "added Wool; removed Silk".
func addedAndRemoved(ctx context.Context, before, after []string, name func(string) string) string {
	names := func(from, without []string) []string {
		var list []string
		for _, key := range from {
			if !slices.Contains(without, key) {
				list = append(list, name(key))
			}
		}
		return list
	}
	added, removed := names(after, before), names(before, after)
	addedText, removedText := words.T(ctx, "audit.added_list", "items", added), words.T(ctx, "audit.removed_list", "items", removed)
	switch {
	case len(removed) == 0 && len(added) == 0:
		return ""
	case len(removed) == 0:
		return format.Cut(addedText)
	case len(added) == 0:
		return format.Cut(removedText)
	}
	return format.Cut(words.T(ctx, "audit.lists", "added", addedText, "removed", removedText))
}

// fileChange says what happened to a file, whose storage key means nothing to users.
func fileChange(ctx context.Context, before, after string) string {
	switch {
	case before == "":
		return words.T(ctx, "audit.file_added")
	case after == "":
		return words.T(ctx, "audit.file_removed")
	}
	return words.T(ctx, "audit.file_replaced")
}

// value writes a value of an entry, shortened; nil is "".
func value(v any) string {
	if v == nil {
		return ""
	}
	return format.Cut(fmt.Sprint(v))
}
