package panel

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
)

// texts are what a form holds of each field, by its column: one text, or the keys of a relation.
type texts map[string][]string

// texts reads what a form would hold of a record.
func (s *Server) texts(ctx context.Context, r *meta.Resource, record any) (texts, error) {
	t := texts{}
	for _, section := range r.Sections {
		for _, f := range section.Fields {
			if f.Stored() {
				t[f.Column] = []string{f.Text(f.Value(ctx, record))}
				continue
			}
			if f.Kind == meta.Many && f.Related == nil {
				continue
			}
			links, err := s.store.Links(ctx, r, f, record)
			if err != nil {
				return nil, err
			}
			t[f.Column] = links
		}
	}
	return t, nil
}

// version is what a form remembers of the fields that it showed, to find out what was changed meanwhile: a
// fingerprint for each.
func version(fields []*meta.Field, t texts) string {
	prints := map[string]string{}
	for _, f := range fields {
		prints[f.Column] = store.Fingerprint(t[f.Column])
	}
	encoded, err := json.Marshal(prints)
	if err != nil {
		return ""
	}
	return string(encoded)
}

// moved returns the fields that are not what the form showed.
func moved(fields []*meta.Field, t texts, version string) []*meta.Field {
	prints := map[string]string{}
	_ = json.Unmarshal([]byte(version), &prints) // without it, every field counts as changed
	return slices.DeleteFunc(slices.Clone(fields), func(f *meta.Field) bool {
		return prints[f.Column] == store.Fingerprint(t[f.Column])
	})
}

// remembered are the fields of a form that somebody may change, and that whoever acts may see.
//
// Threat: a fingerprint tells which records that the actor may not read a relation holds: there are not many to try.
func (s *Server) remembered(ctx context.Context, r *meta.Resource) []*meta.Field {
	return slices.DeleteFunc(formFields(r), func(f *meta.Field) bool {
		return f.ReadOnly || !f.Visible() || !s.registry.Reads(ctx, f)
	})
}

func formFields(r *meta.Resource) []*meta.Field {
	var fields []*meta.Field
	for _, section := range r.Sections {
		fields = append(fields, section.Fields...)
	}
	return fields
}

// editable reports whether the actor may change a field on the form.
//
// Threat: mass assignment. Whatever else a form sends is not looked at.
func (s *Server) editable(ctx context.Context, f *meta.Field, record any) bool {
	switch {
	case f.ReadOnly, !f.Visible():
		return false
	case f.Locked != nil && f.Locked(ctx, record) != "":
		return false
	case f.Guard != "" && !s.registry.Can(ctx, f.Guard, record):
		return false
	case f.Kind == meta.Many && f.Related == nil:
		return false
	}
	return s.registry.Reads(ctx, f)
}

// sent returns what a form holds of a field, in the shape of texts. It reports false when the form has no such field.
func sent(f *meta.Field, form url.Values) ([]string, bool) {
	values, there := form[f.Column]
	present := slices.Contains(form["_present"], f.Column)
	switch {
	case f.Kind == meta.Many:
		return sorted(values), present
	case f.Kind == meta.Lines:
		var lines []string
		for _, value := range values {
			lines = append(lines, strings.Fields(value)...)
		}
		return sorted(lines), present
	case f.Kind == meta.Bool && !f.Optional:
		if slices.Contains(values, "true") {
			return []string{"true"}, true
		}
		return []string{"false"}, present
	case !there:
		return nil, false
	}
	typed := meta.Clean(values[0])
	if f.Kind != meta.LongText && f.Kind != meta.JSON {
		typed = strings.TrimSpace(typed)
	}
	return []string{typed}, true
}

func sorted(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// same reports whether a form says of a field what the record says, space at the ends aside.
func same(a, b []string) bool {
	return slices.EqualFunc(a, b, func(x, y string) bool { return strings.TrimSpace(x) == strings.TrimSpace(y) })
}
