// Package query reads what the address of a list asks for, and writes such addresses.
package query

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
)

// MaxSearch bounds the text of a search, in characters.
const MaxSearch = 200

// Parse reads the address of a list with perPage records on a page. Only columns of the resource that users may see can
// be named, and only for what they are declared for. The error is a problem with status 400.
//
// Threats: SQL in the name of a column; guessing a secret column by filtering or ordering by it.
func Parse(
	ctx context.Context, r *meta.Resource, values url.Values, perPage int, signer Signer,
) (store.Query, error) {
	q := store.Query{Sort: r.Sort, Limit: perPage}
	if r.PerPage > 0 {
		q.Limit = r.PerPage
	}
	for name, list := range values {
		for _, value := range list {
			if !request.Storable(value) {
				return q, bad(ctx, "request.address_not_text")
			}
		}
		if column, ok := strings.CutPrefix(name, "filter."); ok && list[0] != "" {
			if err := readFilter(ctx, r, &q, column, list[0]); err != nil {
				return q, err
			}
		}
	}
	slices.SortFunc(q.Filters, func(a, b store.Filter) int { return strings.Compare(a.Field.Column, b.Field.Column) })
	q.Search = strings.TrimSpace(values.Get("q"))
	if utf8.RuneCountInString(q.Search) > MaxSearch {
		return q, bad(ctx, "request.search_too_long", "n", MaxSearch)
	}
	if len(r.Searchable) == 0 {
		q.Search = ""
	}
	q.Deleted = r.DeletedAt != nil && values.Get("deleted") == "1"
	if err := readSort(ctx, r, &q, values.Get("sort")); err != nil {
		return q, err
	}
	return q, readPosition(ctx, r, &q, values, signer)
}

// bad returns a problem with status 400 and a text.
func bad(ctx context.Context, key string, args ...any) error {
	return request.Bad(words.T(ctx, key, args...))
}

func readSort(ctx context.Context, r *meta.Resource, q *store.Query, text string) error {
	if text == "" {
		return nil
	}
	name, desc := strings.CutPrefix(text, "-")
	f := r.Column(name)
	if f == nil && name == r.Key.Column {
		f = r.Key // a large table is ordered by its key, shown or not
	}
	if f == nil || !f.Stored() || !f.Sortable() {
		return bad(ctx, "request.sort")
	}
	q.Sort = meta.Sort{Field: f, Desc: desc}
	return nil
}

// readFilter reads one parameter: a column, or a column with the bound of a time or date.
func readFilter(ctx context.Context, r *meta.Resource, q *store.Query, name, value string) error {
	name, bound, bounded := strings.Cut(name, ".")
	f := r.Column(name)
	if f == nil || !Filterable(r, f) || (bounded && !f.Dated()) {
		return bad(ctx, "request.filter")
	}
	i := slices.IndexFunc(q.Filters, func(other store.Filter) bool { return other.Field == f })
	if i < 0 {
		q.Filters = append(q.Filters, store.Filter{Field: f})
		i = len(q.Filters) - 1
	}
	return readValue(ctx, &q.Filters[i], bound, value)
}

// Filterable reports whether a list can be filtered by a field: those of the option, or without it all that have a
// filter, and foreign keys, which links from other pages use.
func Filterable(r *meta.Resource, f *meta.Field) bool {
	return slices.Contains(r.Filterable, f) || f.Kind == meta.Belongs || len(r.Filters) == 0 && f.Filtering()
}

func readValue(ctx context.Context, filter *store.Filter, bound, value string) error {
	switch {
	case bound == "from" || bound == "to":
		zone := time.UTC
		if filter.Field.Kind == meta.Time {
			zone = text.LocaleOf(ctx).Zone()
		}
		day, err := time.ParseInLocation(time.DateOnly, value, zone)
		if err != nil {
			return bad(ctx, "request.day")
		}
		if bound == "from" {
			filter.From = day.UTC()
		} else {
			filter.Until = day.AddDate(0, 0, 1).UTC()
		}
		return nil
	case bound != "":
		return bad(ctx, "request.filter")
	case filter.Field.Optional && (value == "null" || value == "set"):
		null := value == "null"
		filter.Null = &null
		return nil
	}
	switch filter.Field.Kind {
	case meta.Bool, meta.Enum, meta.Belongs:
		parsed, err := filter.Field.Parse(value)
		if err != nil || parsed == nil {
			return bad(ctx, "request.filter_value")
		}
		filter.Equal = parsed
		return nil
	}
	return bad(ctx, "request.filter_value")
}

func readPosition(ctx context.Context, r *meta.Resource, q *store.Query, values url.Values, signer Signer) error {
	for name, target := range map[string]**store.Position{"after": &q.After, "before": &q.Before} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		position, ok := signer.Read(r, q.Sort.Field, text)
		if !ok || q.After != nil || q.Before != nil {
			return bad(ctx, "request.position")
		}
		*target = position
	}
	return nil
}

// Address returns an address of a list: path with the parameters in values that a list knows, after changes. Changes
// are pairs of names and values; an empty value removes a parameter.
func Address(path string, values url.Values, changes ...string) string {
	changed := url.Values{}
	for name, list := range values {
		if known(name) && len(list) > 0 && list[0] != "" {
			changed[name] = list[:1]
		}
	}
	for i := 0; i+1 < len(changes); i += 2 {
		changed.Del(changes[i])
		if changes[i+1] != "" {
			changed.Set(changes[i], changes[i+1])
		}
	}
	if len(changed) == 0 {
		return path
	}
	return path + "?" + changed.Encode()
}

// known reports whether a list has a parameter of this name.
func known(name string) bool {
	switch name {
	case "q", "sort", "after", "before", "deleted":
		return true
	}
	return strings.HasPrefix(name, "filter.")
}

// SortText writes an order the way an address has it: "-created_at".
func SortText(sort meta.Sort) string {
	if sort.Desc {
		return "-" + sort.Field.Column
	}
	return sort.Field.Column
}
