package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// field is one member of an object.
type field struct {
	name           string
	schema         *huma.Schema
	required, file bool
}

func fields(doc *huma.OpenAPI, s *huma.Schema) []field {
	s = resolve(doc, s)
	if s == nil {
		return nil
	}
	var list []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		file := p.Format == "binary" || (p.Items != nil && p.Items.Format == "binary")
		list = append(list, field{name, p, slices.Contains(s.Required, name), file})
	}
	return list
}

// resolve follows a reference.
func resolve(doc *huma.OpenAPI, s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func schemaName(s *huma.Schema) string { return s.Ref[strings.LastIndex(s.Ref, "/")+1:] }

// named returns the name of the schema that a type, or its items, refers to, or "".
func named(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return schemaName(s)
	case s.Type == huma.TypeArray:
		return named(s.Items)
	}
	return ""
}

// kind returns a readable name of the type of a schema.
func kind(s *huma.Schema) string {
	switch {
	case s == nil:
		return "anything"
	case s.Ref != "":
		return schemaName(s)
	case s.Type == huma.TypeArray:
		return "list of " + kind(s.Items)
	case s.Format == "binary":
		return "file"
	case s.Type == "":
		return "anything"
	}
	text := s.Type
	if s.Format != "" && s.Format != "int64" && s.Format != "int32" && s.Format != "double" && s.Format != "float" {
		text += " (" + s.Format + ")"
	}
	if s.Nullable {
		text += " or null"
	}
	return text
}

// rules describes the constraints of values in words.
func rules(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if len(s.Enum) > 0 {
		values := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			if values[i] = fmt.Sprint(v); v == nil {
				values[i] = "null"
			}
		}
		add("one of %s", strings.Join(values, ", "))
	}
	span(add, s.Minimum, s.Maximum, "")
	if s.ExclusiveMinimum != nil {
		add("more than %s", number(*s.ExclusiveMinimum))
	}
	if s.ExclusiveMaximum != nil {
		add("less than %s", number(*s.ExclusiveMaximum))
	}
	if s.MultipleOf != nil {
		add("a multiple of %s", number(*s.MultipleOf))
	}
	span(add, float(s.MinLength), float(s.MaxLength), " character")
	span(add, float(s.MinItems), float(s.MaxItems), " item")
	if s.UniqueItems {
		add("no two the same")
	}
	switch description := s.Extensions["x-patternDescription"]; {
	case description != nil:
		add("%v", description)
	case s.Pattern != "":
		add("matching %s", s.Pattern)
	}
	if s.Default != nil {
		add("%v if left out", s.Default)
	}
	if s.Type == huma.TypeArray && s.Items != nil && s.Items.Ref == "" {
		if text := rules(s.Items); text != "" {
			add("each %s", text)
		}
	}
	return strings.Join(list, "; ")
}

// span describes the bounds of a number, or of a length in some unit.
func span(add func(string, ...any), low, high *float64, unit string) {
	last := high
	if last == nil {
		last = low
	}
	if unit != "" && last != nil && *last != 1 {
		unit += "s"
	}
	switch {
	case low != nil && high != nil:
		add("%s to %s%s", number(*low), number(*high), unit)
	case low != nil:
		add("at least %s%s", number(*low), unit)
	case high != nil:
		add("at most %s%s", number(*high), unit)
	}
}

func float(n *int) *float64 {
	if n == nil {
		return nil
	}
	f := float64(*n)
	return &f
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// example returns an example value of a schema as JSON.
func example(doc *huma.OpenAPI, s *huma.Schema) string {
	text, err := json.MarshalIndent(sample(doc, s, 0), "", "  ")
	if err != nil {
		return "{}"
	}
	return string(text)
}

func sample(doc *huma.OpenAPI, s *huma.Schema, depth int) any {
	s = resolve(doc, s)
	switch {
	case s == nil || depth > 4:
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case s.Default != nil:
		return s.Default
	case len(s.Enum) > 0:
		return s.Enum[0]
	}
	switch s.Type {
	case huma.TypeString:
		return sampleText(s)
	case huma.TypeInteger, huma.TypeNumber:
		if s.Minimum != nil {
			return *s.Minimum
		}
		return 1
	case huma.TypeBoolean:
		return true
	case huma.TypeArray:
		return []any{sample(doc, s.Items, depth+1)}
	case huma.TypeObject:
		object := map[string]any{}
		for name, p := range s.Properties {
			if p.Ref == "" || depth < 4 {
				object[name] = sample(doc, p, depth+1)
			}
		}
		return object
	}
	return nil
}

var samples = []struct{ format, text string }{
	{"email", "ada@example.com"},
	{"uri", "https://example.com"},
	{"slug", "summer-sale"},
	{"color", "#1f6f5c"},
	{"markdown", "Some **bold** text"},
	{"uuid", "123e4567-e89b-42d3-a456-426614174000"},
	{"date", "2026-01-31"},
	{"time", "12:30:00Z"},
	{"date-time", "2026-01-31T12:30:00Z"},
	{"hostname", "example.com"},
	{"ipv4", "192.0.2.1"},
	{"ipv6", "2001:db8::1"},
	{"ip", "192.0.2.1"},
}

func sampleText(s *huma.Schema) string {
	for _, sample := range samples {
		if sample.format == s.Format {
			return sample.text
		}
	}
	text := "text"
	for s.MinLength != nil && len(text) < *s.MinLength && len(text) < 200 {
		text += " text"
	}
	if s.MaxLength != nil && len(text) > *s.MaxLength {
		text = text[:*s.MaxLength]
	}
	return text
}
