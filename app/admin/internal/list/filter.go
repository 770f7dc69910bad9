package list

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/internal/format"
)

// findPrefix begins the parameters that search for a record to filter by.
const findPrefix = "find."

// Values of a filter of a field that may be empty.
const (
	filled = "Not empty"
	empty  = "Empty"
)

// filters returns the controls of the filters: those of the resource, and those that a link from another page uses.
func (l *Lists) filters(
	ctx context.Context, r *meta.Resource, values url.Values, q store.Query,
) ([]views.Filter, error) {
	fields := slices.Clone(r.Filterable)
	for _, given := range q.Filters {
		if !slices.Contains(fields, given.Field) {
			fields = append(fields, given.Field)
		}
	}
	list := make([]views.Filter, 0, len(fields))
	for _, f := range fields {
		filter, err := l.filter(ctx, f, values)
		if err != nil {
			return nil, err
		}
		list = append(list, filter)
	}
	return list, nil
}

func (l *Lists) filter(ctx context.Context, f *meta.Field, values url.Values) (views.Filter, error) {
	name := "filter." + f.Column
	filter := views.Filter{Label: f.Label, Name: name, Time: f.Dated()}
	if filter.Time {
		filter.From, filter.To = values.Get(name+".from"), values.Get(name+".to")
	}
	options := []views.Option{{Label: "Any"}}
	switch f.Kind {
	case meta.Bool:
		options = append(options,
			views.Option{Value: "true", Label: format.Bool(true)}, views.Option{Value: "false", Label: format.Bool(false)})
	case meta.Enum:
		for _, choice := range f.Choices {
			options = append(options, views.Option{Value: choice, Label: format.Value(choice)})
		}
	case meta.Belongs:
		choices, err := l.choices(ctx, f, values, &filter)
		if err != nil {
			return filter, err
		}
		options = append(options, choices...)
	}
	if f.Optional {
		options = append(options, views.Option{Value: "set", Label: filled}, views.Option{Value: "null", Label: empty})
	}
	if len(options) > 1 || filter.ChoicesURL != "" {
		filter.Options = views.Choose(options, values.Get(name))
	}
	return filter, nil
}

// choices returns the records that a filter offers: all if they are few, otherwise those that were searched for, or the
// first ones, and the chosen one.
func (l *Lists) choices(
	ctx context.Context, f *meta.Field, values url.Values, filter *views.Filter,
) ([]views.Option, error) {
	if f.Related == nil || !l.Registry.Reads(ctx, f) {
		return nil, nil
	}
	options, complete, err := l.Relations.Options(ctx, f)
	if err != nil || complete {
		return options, err
	}
	filter.ChoicesURL, filter.FindName = l.Registry.Path(f.Related, "choices"), findPrefix+f.Column
	find := strings.TrimSpace(values.Get(filter.FindName))
	if find != "" && utf8.ValidString(find) && utf8.RuneCountInString(find) <= query.MaxSearch {
		filter.Find = find
		if options, _, err = l.Relations.Search(ctx, f.Related, find, relation.MaxFound); err != nil {
			return nil, err
		}
	}
	chosen, err := l.Relations.Chosen(ctx, f, values["filter."+f.Column])
	return relation.Merge(options, chosen), err
}

// chips returns the restrictions of a list, each with the address of the list without it.
func (l *Lists) chips(ctx context.Context, r *meta.Resource, values url.Values, q store.Query) ([]views.Chip, error) {
	var list []views.Chip
	add := func(label, value string, parameters ...string) {
		changes := []string{"after", "", "before", ""}
		for _, name := range parameters {
			changes = append(changes, name, "")
		}
		list = append(list, views.Chip{Label: label, Value: value, URL: query.Address(l.Registry.Path(r), values, changes...)})
	}
	if q.Search != "" {
		add("Search", q.Search, "q")
	}
	for _, given := range q.Filters {
		f := given.Field
		name := "filter." + f.Column
		if given.Null != nil {
			add(f.Label, map[bool]string{true: empty, false: filled}[*given.Null], name)
		}
		if given.Equal != nil {
			value, err := l.chosen(ctx, f, given.Equal)
			if err != nil {
				return nil, err
			}
			add(f.Label, value, name)
		}
		if !given.From.IsZero() {
			add(f.Label, "from "+format.Date(given.From), name+".from")
		}
		if !given.Until.IsZero() {
			add(f.Label, "to "+format.Date(given.Until.AddDate(0, 0, -1)), name+".to")
		}
	}
	if q.Deleted {
		add("Deleted records", "Only these", "deleted")
	}
	return list, nil
}

// chosen writes the value that a filter asks for: a record by its title.
func (l *Lists) chosen(ctx context.Context, f *meta.Field, value any) (string, error) {
	if f.Kind != meta.Belongs || f.Related == nil || !l.Registry.Reads(ctx, f) {
		return f.Shown(value), nil
	}
	options, err := l.Relations.Chosen(ctx, f, []string{f.Text(value)})
	if err != nil || len(options) == 0 {
		return f.Shown(value), err
	}
	return format.Cut(options[0].Label), nil
}
