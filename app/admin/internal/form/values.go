package form

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
)

// values are what a form holds of each field, by its column: one text, or the keys or lines of a relation.
type values map[string][]string

// valuesOf reads what the form of a stored record holds.
func (f *Forms) valuesOf(ctx context.Context, r *meta.Resource, record any) (values, error) {
	v := emptyValues(ctx, r, record)
	for _, field := range fieldsOf(r) {
		if field.Stored() || (field.Kind == meta.Many && field.Related == nil) {
			continue
		}
		links, err := f.Store.Links(ctx, r, field, record)
		if err != nil {
			return nil, err
		}
		v[field.Column] = links
	}
	return v, nil
}

// emptyValues returns what the form of a new record holds: its columns, and no relations.
func emptyValues(ctx context.Context, r *meta.Resource, record any) values {
	v := values{}
	for _, field := range fieldsOf(r) {
		if field.Stored() {
			v[field.Column] = []string{field.Text(field.Value(ctx, record))}
		}
	}
	return v
}

// fieldsOf returns the fields of the form.
func fieldsOf(r *meta.Resource) []*meta.Field {
	var fields []*meta.Field
	for _, section := range r.Sections {
		fields = append(fields, section.Fields...)
	}
	return fields
}

// version is what a form remembers of the fields that it showed, to find out later what was changed meanwhile: a
// fingerprint of each.
func version(fields []*meta.Field, v values) string {
	prints := map[string]string{}
	for _, field := range fields {
		prints[field.Column] = store.Fingerprint(v[field.Column])
	}
	encoded, err := json.Marshal(prints)
	if err != nil {
		return ""
	}
	return string(encoded)
}

// changedSince returns the fields that differ from what the form showed. Without a valid version these are all.
func changedSince(fields []*meta.Field, v values, version string) []*meta.Field {
	prints := map[string]string{}
	_ = json.Unmarshal([]byte(version), &prints)
	return slices.DeleteFunc(slices.Clone(fields), func(field *meta.Field) bool {
		return prints[field.Column] == store.Fingerprint(v[field.Column])
	})
}

// sent returns what a form holds of a field, in the shape of [values]. It reports false if the form has no such field.
func sent(field *meta.Field, form url.Values, zone *time.Location) ([]string, bool) {
	list, there := form[field.Column]
	present := slices.Contains(form["_present"], field.Column)
	switch {
	case field.Kind == meta.Many:
		return sorted(list), present
	case field.Kind == meta.Lines:
		var lines []string
		for _, text := range list {
			lines = append(lines, strings.Fields(text)...)
		}
		return sorted(lines), present
	case field.Kind == meta.Bool && !field.Optional:
		if slices.Contains(list, "true") {
			return []string{"true"}, true
		}
		return []string{"false"}, present
	case !there:
		return nil, false
	}
	typed := meta.Clean(list[0])
	if field.Kind != meta.LongText && field.Kind != meta.JSON {
		typed = strings.TrimSpace(typed)
	}
	if field.Kind == meta.Decimal { // 5 and 5.00 are one value
		typed = field.Text(typed)
	}
	if field.Kind == meta.Time {
		typed = meta.FromZone(typed, zone)
	}
	return []string{typed}, true
}

// sorted returns the texts in order, each once and without empty ones.
func sorted(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// same reports whether a form holds what the record holds, apart from space at the ends.
func same(a, b []string) bool {
	return slices.EqualFunc(a, b, func(x, y string) bool { return strings.TrimSpace(x) == strings.TrimSpace(y) })
}

// without returns the texts of after that are not in before.
func without(after, before []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(text string) bool { return slices.Contains(before, text) })
}
