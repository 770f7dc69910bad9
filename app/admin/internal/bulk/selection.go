package bulk

import (
	"context"
	"net/url"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/request"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/internal/format"
	"github.com/covetgo/covet/app/problem"
)

// parse reads a form.
func (b *Changes) parse(ctx context.Context, r *meta.Resource, form url.Values) (*change, error) {
	ch := &change{
		Changes: b, resource: r, verb: form.Get("_action"),
		back: request.Back(b.Registry.Base(), form.Get("_back"), b.Registry.Path(r)),
	}
	var ok bool
	if ch.action, ok = r.Custom(ch.verb); !ok {
		switch ch.verb {
		case meta.Delete, meta.Destroy, meta.Restore:
			ok = r.Allows(ch.verb)
		}
	}
	if !ok {
		return nil, problem.NotFound("")
	}
	if form.Get("_all") == "1" {
		ch.all, ch.selection = true, form.Get("_selection")
		return ch, ch.selectAll(ctx)
	}
	if len(form["id"]) > meta.MaxPerPage {
		return nil, request.Bad(words.T(ctx, "bulk.too_many", "n", meta.MaxPerPage))
	}
	seen := map[string]bool{}
	for _, text := range form["id"] {
		key, ok := r.ParseKey(text)
		if !ok {
			return nil, problem.NotFound("")
		}
		if !seen[text] {
			ch.keys = append(ch.keys, key)
		}
		seen[text] = true
	}
	return ch, nil
}

// selectAll selects every record of a list that the user may read.
func (ch *change) selectAll(ctx context.Context) error {
	values, err := url.ParseQuery(ch.selection)
	if err != nil {
		return request.Bad(words.T(ctx, "request.filter"))
	}
	q, err := query.Parse(ctx, ch.resource, values, 0, query.Signer{})
	if err != nil {
		return err
	}
	return ch.Store.Each(ctx, ch.resource, q, func(records []any) error {
		for _, record := range records {
			if ch.Registry.Allows(ctx, ch.resource, meta.Read, record) {
				ch.keys = append(ch.keys, ch.resource.Key.Value(ctx, record))
			}
		}
		if len(ch.keys) > MaxSelected {
			return request.Bad(words.T(ctx, "bulk.select_fewer", "n", MaxSelected))
		}
		return nil
	})
}

// load reads the records. It refuses the whole change if one of them is gone or if the user may not change it. Records
// for which the change makes no sense are left out.
//
// Threat: reaching a record by its key that the user may not see or change.
func (ch *change) load(ctx context.Context, lock bool) ([]any, error) {
	r := ch.resource
	records, err := ch.Store.Several(ctx, r, ch.keys, lock, ch.action.Run != nil)
	if err != nil {
		return nil, err
	}
	if len(records) != len(ch.keys) {
		return nil, problem.NotFound(words.T(ctx, "bulk.gone"))
	}
	ch.leftOut = nil
	var left []any
	for _, record := range records {
		if !ch.Registry.Allows(ctx, r, meta.Read, record) || !ch.Registry.Can(ctx, r.Action(ch.verb), record) {
			return nil, problem.Forbidden(words.T(ctx, "bulk.forbidden", "record", format.Cut(r.TitleOf(ctx, record))))
		}
		if why := r.Unavailable(ctx, ch.verb, record); why != "" {
			ch.leftOut = append(ch.leftOut, words.T(ctx, "value", "name", format.Cut(r.TitleOf(ctx, record)), "value", why))
			continue
		}
		left = append(left, record)
	}
	return left, nil
}

// keysOf returns the keys of the records that are changed.
func (ch *change) keysOf(ctx context.Context, records []any) []any {
	keys := make([]any, len(records))
	for i, record := range records {
		keys[i] = ch.resource.Key.Value(ctx, record)
	}
	return keys
}
