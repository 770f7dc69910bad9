package form

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/text"
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
		ID: "field-" + field.Column, Name: field.Column, Label: field.LabelIn(ctx), Hint: field.HintIn(ctx),
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
	case meta.File:
		f.fillFile(ctx, e, field, &c)
		return c, true, nil
	case meta.Lines:
		c.Type, c.Value = "lines", strings.Join(value, "\n")
		if field.Suggestions != nil {
			fillGranted(ctx, field, value, &c)
		}
		return c, true, nil
	}
	if len(value) > 0 {
		c.Value = value[0]
	}
	fillInput(ctx, field, &c)
	return c, true, nil
}

// fillInput chooses the type of a control by the kind and the tags of its field.
func fillInput(ctx context.Context, field *meta.Field, c *views.Control) {
	c.Type, c.Min, c.Max, c.MaxLength = "text", field.Minimum, field.Maximum, field.MaxLength
	switch field.Kind {
	case meta.Bool:
		if c.Type = "checkbox"; field.Optional {
			c.Type = "select"
			c.Options = []views.Option{
				{Label: "–"}, {Value: "true", Label: words.YesNo(ctx, true)}, {Value: "false", Label: words.YesNo(ctx, false)},
			}
			views.Choose(c.Options, c.Value)
		}
	case meta.Enum:
		c.Type = "select"
		c.Options = enumOptions(ctx, field, c.Value)
	case meta.Email:
		c.Type = "email"
	case meta.URL:
		c.Type = "url"
	case meta.Color:
		if !field.Optional { // browsers have no control for a color or none
			c.Type = "color"
		}
	case meta.Int, meta.Uint:
		c.Type = "number"
	case meta.Float, meta.Decimal:
		c.Type, c.Step = "number", field.Step()
	case meta.Time:
		zone := text.LocaleOf(ctx).Zone()
		c.Type, c.Step, c.Value = "datetime-local", "1", meta.InZone(c.Value, zone)
		c.Label = words.T(ctx, "form.zoned", "field", c.Label, "zone", zone.String())
	case meta.Date:
		c.Type = "date"
	case meta.LongText, meta.JSON:
		c.Type = "textarea"
	}
}

// enumOptions are the choices of an enum. A stored value that is not among them is added: saving a form does not lose
// it.
func enumOptions(ctx context.Context, field *meta.Field, value string) []views.Option {
	var options []views.Option
	if field.Optional || value == "" {
		options = append(options, views.Option{Label: "–"})
	}
	for _, choice := range field.Choices {
		options = append(options, views.Option{Value: choice, Label: field.Choice(ctx, choice)})
	}
	if value != "" && !slices.Contains(field.Choices, value) {
		options = append(options, views.Option{Value: value, Label: field.Choice(ctx, value)})
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
	if field.Kind == meta.File {
		f.showFile(ctx, e, field, c)
		return nil
	}
	if present := e.resource.Present[field.Name]; present != nil {
		texts, err := present(ctx, []any{e.record})
		if err != nil {
			return err
		}
		c.Value = texts[0]
		return nil
	}
	value := field.Value(ctx, e.record)
	c.Value = field.Shown(ctx, value)
	switch at, timed := value.(time.Time); {
	case timed && field.Kind == meta.Time:
		c.Machine = format.Machine(at)
	case field.Kind == meta.Enum && c.Value != "":
		c.Tone = views.Tone(field.Text(value))
	}
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

// firstOptions is how many records a control lists before anything is searched for.
const firstOptions = 10

// fillRelation fills in a control that refers to other records: all of them if they are few, otherwise those that are
// chosen and those that were searched for.
func (f *Forms) fillRelation(ctx context.Context, e *edit, field *meta.Field, value []string, c *views.Control) error {
	if field.Related == nil { // only the key is known
		c.Type, c.Value = "text", strings.Join(value, "")
		c.Hint = strings.TrimSpace(c.Hint + " " + words.T(ctx, "form.key_hint"))
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
		if options, err = f.search(ctx, e, field, options, c); err != nil {
			return err
		}
	}
	options = relation.Merge(options, chosen)
	if len(options) == 0 && f.Registry.Allows(ctx, field.Related, meta.Create, nil) {
		c.NewURL, c.NewText = f.Registry.Path(field.Related, "new"), words.T(ctx, "new", "record", field.Related.RecordIn(ctx))
	}
	if field.Kind == meta.Belongs && (field.Optional || len(chosen) == 0) {
		options = append([]views.Option{{Label: "–"}}, options...)
	}
	c.Options = views.Choose(options, value...)
	if field.Kind == meta.Belongs && len(chosen) == 0 {
		c.Options[0].Chosen = true
	}
	if field.Kind == meta.Belongs && len(chosen) == 1 {
		c.Link = f.Registry.RecordPath(field.Related, chosen[0].Value)
	}
	return nil
}

// search returns the records that were searched for in a control, or the first ones of options.
func (f *Forms) search(
	ctx context.Context, e *edit, field *meta.Field, options []views.Option, c *views.Control,
) ([]views.Option, error) {
	if field.Kind == meta.Belongs {
		c.Type = "choose"
	}
	c.ChoicesURL = f.Registry.Path(field.Related, "choices")
	c.Query = strings.TrimSpace(e.form.Get("_find." + field.Column))
	if e.form.Get("_lookup") == field.Column {
		c.Autofocus = true
		if c.Query != "" && len(c.Query) <= 4*query.MaxSearch {
			found, _, err := f.Relations.Search(ctx, field.Related, c.Query, relation.MaxFound)
			return found, err
		}
	}
	return options[:min(len(options), firstOptions)], nil
}

// fillGranted fills in the checkboxes of permissions. Those that no group has are lines of text.
func fillGranted(ctx context.Context, field *meta.Field, value []string, c *views.Control) {
	c.Type = "granted"
	var others []string
	known := map[string]bool{}
	for _, suggestion := range field.Suggestions(ctx) {
		i := slices.IndexFunc(c.Groups, func(g views.OptionGroup) bool { return g.Title == suggestion.Group })
		if i < 0 {
			i = len(c.Groups)
			c.Groups = append(c.Groups, views.OptionGroup{Title: suggestion.Group})
		}
		option := views.Option{Value: suggestion.Value, Label: suggestion.Description}
		option.Chosen = slices.Contains(value, suggestion.Value)
		c.Groups[i].Options = append(c.Groups[i].Options, option)
		known[suggestion.Value] = true
	}
	for _, permission := range value {
		if !known[permission] {
			others = append(others, permission)
		}
	}
	c.Value = strings.Join(others, "\n")
}
