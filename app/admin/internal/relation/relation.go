// Package relation reads the records that fields of other records refer to, as far as the user may read them.
package relation

import (
	"context"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
)

const (
	// MaxFound is how many records a search shows.
	MaxFound = 20
	// MaxOptions is how many records a control lists. If there are more, users search, and it lists the first ones.
	MaxOptions = 25
)

// records reads records.
type records interface {
	Choices(ctx context.Context, r *meta.Resource, c store.Choice) (records []any, more bool, err error)
	Several(ctx context.Context, r *meta.Resource, keys []any, lock, secrets bool) ([]any, error)
}

// Reader reads related records. It is safe for concurrent use.
type Reader struct {
	registry *registry.Registry
	records  records
}

// New returns a reader.
func New(resources *registry.Registry, store records) *Reader { return &Reader{resources, store} }

// Choices answers the search of a control as JSON: [{"value": "7", "label": "Ada"}].
//
// Threat: reading a resource through a relation of another. The user needs the permission to read the resource and each
// record.
func (r *Reader) Choices(c echo.Context) error {
	resource, err := r.registry.Requested(c, meta.Read)
	if err != nil {
		return err
	}
	text := c.QueryParam("q")
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > query.MaxSearch {
		return request.Bad("")
	}
	options, _, err := r.Search(c.Request().Context(), resource, text, MaxFound)
	if err != nil {
		return err
	}
	type choice struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	list := []choice{}
	for _, option := range options {
		list = append(list, choice{option.Value, option.Label})
	}
	return c.JSON(http.StatusOK, list)
}

// Search returns readable records that match a text as options, and whether these are all.
func (r *Reader) Search(
	ctx context.Context, resource *meta.Resource, text string, limit int,
) (options []views.Option, complete bool, err error) {
	readable, _ := r.registry.Readable(ctx, resource)
	found, more, err := r.records.Choices(ctx, resource, store.Choice{
		Search: text, Readable: readable, Limit: limit,
		Allowed: func(record any) bool { return r.registry.Allows(ctx, resource, meta.Read, record) },
	})
	if err != nil {
		return nil, false, err
	}
	for _, record := range found {
		options = append(options, views.Option{Value: resource.KeyOf(ctx, record), Label: resource.TitleOf(ctx, record)})
	}
	return options, !more, nil
}

// Merge returns the options after those that are chosen and not among them.
func Merge(options, chosen []views.Option) []views.Option {
	var first []views.Option
	for _, option := range chosen {
		if !slices.ContainsFunc(options, func(other views.Option) bool { return other.Value == option.Value }) {
			first = append(first, option)
		}
	}
	return append(first, options...)
}

// Options returns what a field may refer to, or the first ones. It reports false if these are more than [MaxOptions], or
// if the user may not read them.
func (r *Reader) Options(ctx context.Context, f *meta.Field) (options []views.Option, complete bool, err error) {
	if f.Related == nil || !r.registry.Allows(ctx, f.Related, meta.Read, nil) {
		return nil, false, nil
	}
	return r.Search(ctx, f.Related, "", MaxOptions)
}

// Chosen returns the records with these keys as chosen options. Those that the user may not read are called by their
// key.
func (r *Reader) Chosen(ctx context.Context, f *meta.Field, keys []string) ([]views.Option, error) {
	var parsed []any
	for _, text := range keys {
		if key, ok := f.Related.ParseKey(text); ok {
			parsed = append(parsed, key)
		}
	}
	found, err := r.records.Several(ctx, f.Related, parsed, false, false)
	if err != nil {
		return nil, err
	}
	var options []views.Option
	for _, record := range found {
		key := f.Related.KeyOf(ctx, record)
		option := views.Option{Value: key, Label: "#" + key, Chosen: true}
		if r.registry.Allows(ctx, f.Related, meta.Read, record) {
			option.Label = f.Related.TitleOf(ctx, record)
		}
		options = append(options, option)
	}
	return options, nil
}

// Readable reports whether there are records with all of these keys that the user may read.
//
// Threat: reaching a record by its key that the user may not see.
func (r *Reader) Readable(ctx context.Context, f *meta.Field, keys []string) (bool, error) {
	var parsed []any
	for _, text := range keys {
		key, ok := f.Related.ParseKey(text)
		if !ok {
			return false, nil
		}
		parsed = append(parsed, key)
	}
	found, err := r.records.Several(ctx, f.Related, parsed, false, false)
	if err != nil || len(found) != len(keys) {
		return false, err
	}
	for _, record := range found {
		if !r.registry.Allows(ctx, f.Related, meta.Read, record) {
			return false, nil
		}
	}
	return true, nil
}

// Titles are what the records are called that fields refer to, by their key.
type Titles map[*meta.Field]map[string]string

// Titles returns what the fields of records refer to, as far as the user may read it.
func (r *Reader) Titles(ctx context.Context, fields []*meta.Field, from []any) (Titles, error) {
	all := Titles{}
	for _, f := range fields {
		if f.Kind != meta.Belongs || f.Related == nil || !r.registry.Allows(ctx, f.Related, meta.Read, nil) {
			continue
		}
		var keys []any
		for _, record := range from {
			if value := f.Value(ctx, record); value != nil {
				keys = append(keys, value)
			}
		}
		found, err := r.records.Several(ctx, f.Related, keys, false, false)
		if err != nil {
			return nil, err
		}
		all[f] = map[string]string{}
		for _, other := range found {
			if r.registry.Allows(ctx, f.Related, meta.Read, other) {
				all[f][f.Related.KeyOf(ctx, other)] = f.Related.TitleOf(ctx, other)
			}
		}
	}
	return all, nil
}
