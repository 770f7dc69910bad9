package list

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
)

// findPrefix begins the parameters that search for a record to filter by.
const findPrefix = "find."

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
	filter := views.Filter{Label: f.LabelIn(ctx), Name: name, Time: f.Dated()}
	if filter.Time {
		filter.From, filter.To = values.Get(name+".from"), values.Get(name+".to")
	}
	options := []views.Option{{Label: words.T(ctx, "filter.any")}}
	switch f.Kind {
	case meta.Bool:
		options = append(options,
			views.Option{Value: "true", Label: words.YesNo(ctx, true)},
			views.Option{Value: "false", Label: words.YesNo(ctx, false)})
	case meta.Enum:
		for _, choice := range f.Choices {
			options = append(options, views.Option{Value: choice, Label: f.Choice(ctx, choice)})
		}
	case meta.Belongs:
		choices, err := l.choices(ctx, f, values, &filter)
		if err != nil {
			return filter, err
		}
		options = append(options, choices...)
	}
	if f.Optional {
		options = append(options, views.Option{Value: "set", Label: words.T(ctx, "filter.set")},
			views.Option{Value: "null", Label: words.T(ctx, "filter.unset")})
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
		add(words.T(ctx, "search"), q.Search, "q")
	}
	for _, given := range q.Filters {
		f := given.Field
		name, label := "filter."+f.Column, f.LabelIn(ctx)
		if given.Null != nil && *given.Null {
			add(label, words.T(ctx, "filter.unset"), name)
		} else if given.Null != nil {
			add(label, words.T(ctx, "filter.set"), name)
		}
		if given.Equal != nil {
			value, err := l.chosen(ctx, f, given.Equal)
			if err != nil {
				return nil, err
			}
			add(label, value, name)
		}
		if !given.From.IsZero() {
			add(label, words.T(ctx, "filter.since", "day", f.Day(ctx, given.From)), name+".from")
		}
		if !given.Until.IsZero() {
			add(label, words.T(ctx, "filter.until", "day", f.Day(ctx, given.Until.Add(-time.Second))), name+".to")
		}
	}
	if q.Deleted {
		add(words.T(ctx, "filter.deleted"), words.T(ctx, "filter.deleted_only"), "deleted")
	}
	return list, nil
}

// chosen writes the value that a filter asks for: a record by its title.
func (l *Lists) chosen(ctx context.Context, f *meta.Field, value any) (string, error) {
	if f.Kind != meta.Belongs || f.Related == nil || !l.Registry.Reads(ctx, f) {
		return f.Shown(ctx, value), nil
	}
	options, err := l.Relations.Chosen(ctx, f, []string{f.Text(value)})
	if err != nil || len(options) == 0 {
		return f.Shown(ctx, value), err
	}
	return format.Cut(options[0].Label), nil
}
