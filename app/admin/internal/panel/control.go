package panel

import (
	"context"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/views"
)

// control returns the control of a field. It reports true for one that the page does without.
func (s *Server) control(ctx context.Context, e *edit, f *meta.Field, writable bool) (views.Control, bool, error) {
	c := views.Control{
		ID: "field-" + f.Column, Name: f.Column, Label: f.Heading(), Hint: f.Hint, Error: e.errs[f.Column],
		Required: f.Required && !f.Optional,
	}
	value := e.value(f)
	// Threat: the keys of records that the actor may not read.
	if !f.Visible() || (f.Kind == meta.Many && f.Related == nil) || !s.registry.Reads(ctx, f) {
		return c, true, nil
	}
	if !writable || !s.editable(ctx, f, e.record) {
		if e.creating {
			return c, true, nil
		}
		if writable && f.Locked != nil {
			c.Hint = strings.TrimSpace(c.Hint + " " + f.Locked(ctx, e.record))
		}
		return c, false, s.showOnly(ctx, e, f, &c)
	}
	switch f.Kind {
	case meta.Belongs, meta.Many:
		return c, false, s.relation(ctx, e, f, value, &c)
	case meta.Lines:
		c.Type, c.Value = "lines", strings.Join(value, "\n")
		if f.Suggestions != nil {
			for _, suggestion := range f.Suggestions() {
				c.Suggestions = append(c.Suggestions, views.Suggestion(suggestion))
			}
		}
		return c, false, nil
	}
	if len(value) > 0 {
		c.Value = value[0]
	}
	shape(f, &c)
	return c, false, nil
}

// shape chooses the type of a control by the kind and the tags of its field.
func shape(f *meta.Field, c *views.Control) {
	c.Type, c.Min, c.Max, c.MaxLength = "text", f.Minimum, f.Maximum, f.MaxLength
	switch f.Kind {
	case meta.Bool:
		if c.Type = "checkbox"; f.Optional {
			c.Type = "select"
			c.Options = choose([]views.Option{{Label: "–"}, {Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}, c.Value)
		}
	case meta.Enum:
		c.Type = "select"
		c.Options = enum(f, c.Value)
	case meta.Email:
		c.Type = "email"
	case meta.URL:
		c.Type = "url"
	case meta.Int, meta.Uint:
		c.Type = "number"
	case meta.Float, meta.Decimal:
		c.Type, c.Step = "number", "any"
	case meta.Time:
		c.Type, c.Step = "datetime-local", "1"
	case meta.Date:
		c.Type = "date"
	case meta.LongText, meta.JSON:
		c.Type = "textarea"
	}
}

func enum(f *meta.Field, value string) []views.Option {
	var options []views.Option
	if f.Optional || value == "" {
		options = append(options, views.Option{Label: "–"})
	}
	for _, choice := range f.Choices {
		options = append(options, views.Option{Value: choice, Label: choice})
	}
	if value != "" && !slices.Contains(f.Choices, value) {
		options = append(options, views.Option{Value: value, Label: value}) // what is stored is never lost by looking at it
	}
	return choose(options, value)
}

// showOnly fills in a control that shows a field.
func (s *Server) showOnly(ctx context.Context, e *edit, f *meta.Field, c *views.Control) error {
	c.Type = "shown"
	if !f.Stored() {
		labels, err := s.linked(ctx, f, e.before[f.Column])
		c.Value = strings.Join(labels, ", ")
		return err
	}
	value := f.Value(ctx, e.record)
	c.Value = f.Shown(value)
	if f.Kind == meta.URL && (strings.HasPrefix(c.Value, "https://") || strings.HasPrefix(c.Value, "http://")) {
		c.Link = c.Value // Threat: javascript: and other schemes
	}
	if f.Kind != meta.Belongs || value == nil {
		return nil
	}
	titles, err := s.related(ctx, []*meta.Field{f}, []any{e.record})
	if title, ok := titles[f][f.Text(value)]; ok {
		c.Value, c.Link = title, s.registry.RecordPath(f.Related, f.Text(value))
	}
	return err
}

// linked returns what the records of a relation are called.
func (s *Server) linked(ctx context.Context, f *meta.Field, keys []string) ([]string, error) {
	if f.Kind != meta.Many || f.Related == nil {
		return keys, nil
	}
	options, err := s.chosen(ctx, f, keys)
	var labels []string
	for _, option := range options {
		labels = append(labels, option.Label)
	}
	return labels, err
}

// chosen returns the readable records with these keys as options.
func (s *Server) chosen(ctx context.Context, f *meta.Field, keys []string) ([]views.Option, error) {
	var parsed []any
	for _, text := range keys {
		if key, ok := f.Related.ParseKey(text); ok {
			parsed = append(parsed, key)
		}
	}
	records, err := s.store.Several(ctx, f.Related, parsed, false, false)
	if err != nil {
		return nil, err
	}
	var options []views.Option
	for _, record := range records {
		option := views.Option{Value: f.Related.KeyOf(ctx, record), Label: "#" + f.Related.KeyOf(ctx, record), Chosen: true}
		if s.registry.Allows(ctx, f.Related, meta.Read, record) {
			option.Label = f.Related.TitleOf(ctx, record)
		}
		options = append(options, option)
	}
	return options, nil
}

// relation fills in a control that refers to other records: all of them when they are few, else those that are chosen
// and those that were searched for.
func (s *Server) relation(ctx context.Context, e *edit, f *meta.Field, value []string, c *views.Control) error {
	if f.Related == nil { // only its key is known
		c.Type, c.Value = "text", strings.Join(value, "")
		c.Hint = strings.TrimSpace(c.Hint + " The key of the record.")
		return nil
	}
	options, complete, err := s.options(ctx, f, "")
	if err != nil {
		return err
	}
	chosen, err := s.chosen(ctx, f, value)
	if err != nil {
		return err
	}
	if c.Type = "select"; f.Kind == meta.Many {
		c.Type = "checks"
	}
	if !complete {
		if f.Kind == meta.Belongs {
			c.Type = "choose"
		}
		c.ChoicesURL, c.Query = s.registry.Path(f.Related, "choices"), strings.TrimSpace(e.form.Get("_find."+f.Column))
		options = nil
		if e.form.Get("_lookup") == f.Column && c.Query != "" && len(c.Query) <= 4*maxSearch {
			if options, _, err = s.search(ctx, f.Related, c.Query, found); err != nil {
				return err
			}
		}
	}
	options = merge(options, chosen)
	if f.Kind == meta.Belongs && (f.Optional || len(chosen) == 0) {
		options = append([]views.Option{{Label: "–"}}, options...)
	}
	c.Options = choose(options, value...)
	if f.Kind == meta.Belongs && len(chosen) == 0 && f.Optional {
		c.Options[0].Chosen = true
	}
	if f.Kind == meta.Belongs && len(chosen) == 1 && c.Type == "select" {
		c.Link = s.registry.RecordPath(f.Related, chosen[0].Value)
	}
	return nil
}

// merge puts what is chosen first, unless it is among the options.
func merge(options, chosen []views.Option) []views.Option {
	var first []views.Option
	for _, option := range chosen {
		if !slices.ContainsFunc(options, func(other views.Option) bool { return other.Value == option.Value }) {
			first = append(first, option)
		}
	}
	return append(first, options...)
}
