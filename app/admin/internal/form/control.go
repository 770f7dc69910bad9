package form

import (
	"context"
	"slices"
	"strings"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/views"
)

// control returns the control of a field. It reports false for a field that the page leaves out.
func (f *Forms) control(
	ctx context.Context, e *edit, field *meta.Field, writable bool,
) (c views.Control, ok bool, err error) {
	// Threat: the keys of records that the user may not read.
	if !field.Visible() || (field.Kind == meta.Many && field.Related == nil) || !f.Registry.Reads(ctx, field) {
		return c, false, nil
	}
	c = views.Control{
		ID: "field-" + field.Column, Name: field.Column, Label: field.Heading(), Hint: field.Hint,
		Error: e.errs[field.Column], Required: field.Required && !field.Optional,
	}
	if !writable || !f.editable(ctx, field, e.record) {
		if e.creating {
			return c, false, nil
		}
		if writable && field.Locked != nil {
			c.Hint = strings.TrimSpace(c.Hint + " " + field.Locked(ctx, e.record))
		}
		return c, true, f.fillShown(ctx, e, field, &c)
	}
	value := e.value(field)
	switch field.Kind {
	case meta.Belongs, meta.Many:
		return c, true, f.fillRelation(ctx, e, field, value, &c)
	case meta.Lines:
		c.Type, c.Value = "lines", strings.Join(value, "\n")
		if field.Suggestions != nil {
			for _, suggestion := range field.Suggestions() {
				c.Suggestions = append(c.Suggestions, views.Suggestion(suggestion))
			}
		}
		return c, true, nil
	}
	if len(value) > 0 {
		c.Value = value[0]
	}
	fillInput(field, &c)
	return c, true, nil
}

// fillInput chooses the type of a control by the kind and the tags of its field.
func fillInput(field *meta.Field, c *views.Control) {
	c.Type, c.Min, c.Max, c.MaxLength = "text", field.Minimum, field.Maximum, field.MaxLength
	switch field.Kind {
	case meta.Bool:
		if c.Type = "checkbox"; field.Optional {
			c.Type = "select"
			c.Options = []views.Option{{Label: "–"}, {Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
			views.Choose(c.Options, c.Value)
		}
	case meta.Enum:
		c.Type = "select"
		c.Options = enumOptions(field, c.Value)
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

// enumOptions are the choices of an enum. A stored value that is not among them is added: saving a form does not lose
// it.
func enumOptions(field *meta.Field, value string) []views.Option {
	var options []views.Option
	if field.Optional || value == "" {
		options = append(options, views.Option{Label: "–"})
	}
	for _, choice := range field.Choices {
		options = append(options, views.Option{Value: choice, Label: choice})
	}
	if value != "" && !slices.Contains(field.Choices, value) {
		options = append(options, views.Option{Value: value, Label: value})
	}
	return views.Choose(options, value)
}

// fillShown fills in a control that only shows a field.
func (f *Forms) fillShown(ctx context.Context, e *edit, field *meta.Field, c *views.Control) error {
	c.Type = "shown"
	if !field.Stored() {
		labels := e.before[field.Column]
		if field.Kind == meta.Many {
			options, err := f.Relations.Chosen(ctx, field, labels)
			if err != nil {
				return err
			}
			labels = nil
			for _, option := range options {
				labels = append(labels, option.Label)
			}
		}
		c.Value = strings.Join(labels, ", ")
		return nil
	}
	value := field.Value(ctx, e.record)
	c.Value = field.Shown(value)
	if field.Kind == meta.URL && (strings.HasPrefix(c.Value, "https://") || strings.HasPrefix(c.Value, "http://")) {
		c.Link = c.Value // Threat: javascript: and other schemes
	}
	if field.Kind != meta.Belongs || value == nil {
		return nil
	}
	titles, err := f.Relations.Titles(ctx, []*meta.Field{field}, []any{e.record})
	if title, ok := titles[field][field.Text(value)]; ok {
		c.Value, c.Link = title, f.Registry.RecordPath(field.Related, field.Text(value))
	}
	return err
}

// fillRelation fills in a control that refers to other records: all of them if they are few, otherwise those that are
// chosen and those that were searched for.
func (f *Forms) fillRelation(ctx context.Context, e *edit, field *meta.Field, value []string, c *views.Control) error {
	if field.Related == nil { // only the key is known
		c.Type, c.Value = "text", strings.Join(value, "")
		c.Hint = strings.TrimSpace(c.Hint + " The key of the record.")
		return nil
	}
	options, complete, err := f.Relations.Options(ctx, field)
	if err != nil {
		return err
	}
	chosen, err := f.Relations.Chosen(ctx, field, value)
	if err != nil {
		return err
	}
	if c.Type = "select"; field.Kind == meta.Many {
		c.Type = "checks"
	}
	if !complete {
		if field.Kind == meta.Belongs {
			c.Type = "choose"
		}
		c.ChoicesURL = f.Registry.Path(field.Related, "choices")
		c.Query = strings.TrimSpace(e.form.Get("_find." + field.Column))
		options = nil
		if e.form.Get("_lookup") == field.Column && c.Query != "" && len(c.Query) <= 4*query.MaxSearch {
			if options, _, err = f.Relations.Search(ctx, field.Related, c.Query, relation.MaxFound); err != nil {
				return err
			}
		}
	}
	options = merge(options, chosen)
	if field.Kind == meta.Belongs && (field.Optional || len(chosen) == 0) {
		options = append([]views.Option{{Label: "–"}}, options...)
	}
	c.Options = views.Choose(options, value...)
	if field.Kind == meta.Belongs && len(chosen) == 0 && field.Optional {
		c.Options[0].Chosen = true
	}
	if field.Kind == meta.Belongs && len(chosen) == 1 && c.Type == "select" {
		c.Link = f.Registry.RecordPath(field.Related, chosen[0].Value)
	}
	return nil
}

// merge returns the options after those that are chosen and not among them.
func merge(options, chosen []views.Option) []views.Option {
	var first []views.Option
	for _, option := range chosen {
		if !slices.ContainsFunc(options, func(other views.Option) bool { return other.Value == option.Value }) {
			first = append(first, option)
		}
	}
	return append(first, options...)
}
