package store

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

// chunk is how many records an export holds at a time.
const chunk = 500

// Each hands the records of a list to fn, some hundred at a time and in order, until fn returns an error. It holds no
// statement open in between, so that a slow reader keeps nobody waiting.
func (s *Store) Each(ctx context.Context, r *meta.Resource, q Query, fn func(records []any) error) error {
	q.Limit, q.Before = chunk, nil
	for {
		page, err := s.List(ctx, r, q)
		if err != nil {
			return err
		}
		if err := fn(page.Records); err != nil {
			return err
		}
		if page.Next == nil {
			return nil
		}
		q.Sort, q.After = page.Sort, page.Next
	}
}

// Choices returns up to limit records that match text, or the first ones, for a relation to choose from.
func (s *Store) Choices(ctx context.Context, r *meta.Resource, text string, limit int) ([]any, bool, error) {
	q := Query{Search: text, Sort: meta.Sort{Field: r.Key}, Limit: limit}
	if len(r.Searchable) == 0 {
		q.Search = ""
	}
	page, err := s.List(ctx, r, q)
	if err != nil {
		return nil, false, err
	}
	if key, ok := r.ParseKey(text); ok { // who knows the key may type it
		found, err := s.Several(ctx, r, []any{key}, false, false)
		if err != nil {
			return nil, false, err
		}
		page.Records = append(found, page.Records...)
	}
	return page.Records, page.Next != nil, nil
}

// Referring counts the rows of a relation that refer to a record, up to limit and one, and returns the first ones
// unless sample is zero.
func (s *Store) Referring(ctx context.Context, d *meta.Dependant, keys []any, sample, limit int) ([]any, int, error) {
	r := d.Related
	tx := s.living(s.table(ctx, r), r, false).Where("? IN ?", column(d.Foreign.DBName), keys)
	n, err := s.count(ctx, tx, limit)
	if err != nil || n == 0 || sample == 0 {
		return nil, n, wrap(err, "counting", r)
	}
	slice := r.NewSlice()
	tx = s.living(s.table(ctx, r), r, false).Where("? IN ?", column(d.Foreign.DBName), keys)
	err = tx.Select(r.Stored(false)).Order(orderBy(r.Key, true)).Limit(sample).Find(slice).Error
	return meta.Records(slice), n, wrap(err, "listing", r)
}

func wrap(err error, doing string, r *meta.Resource) error {
	if err != nil {
		return fmt.Errorf("%s %s: %w", doing, r.Table, err)
	}
	return nil
}
