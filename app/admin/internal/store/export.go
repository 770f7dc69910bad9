package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm/clause"

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

// Choice asks for records that a relation can choose.
type Choice struct {
	Search string
	// Readable is a condition for the records that the user may read; nil for all, or if only Allowed knows.
	Readable clause.Expression
	// Allowed reports whether the user may read a record.
	Allowed func(record any) bool
	Limit   int
}

// checked bounds the records that are read for a choice, where Allowed refuses many.
const checked = 2_000

// Choices returns up to Limit allowed records that match the text, or the first ones. It reports whether there may be
// more.
func (s *Store) Choices(ctx context.Context, r *meta.Resource, c Choice) (records []any, more bool, err error) {
	q := Query{Search: c.Search, Sort: meta.Sort{Field: r.Key}, Limit: c.Limit, Readable: c.Readable}
	if len(r.Searchable) == 0 {
		q.Search = ""
	}
	if key, ok := r.ParseKey(c.Search); ok { // a user who knows the key may type it
		found, err := s.Several(ctx, r, []any{key}, false, false)
		if err != nil {
			return nil, false, err
		}
		records = slices.DeleteFunc(found, func(record any) bool { return !c.Allowed(record) })
	}
	for read := 0; read < checked; {
		page, err := s.List(ctx, r, q)
		if err != nil {
			return nil, false, err
		}
		for i, record := range page.Records {
			if len(records) == c.Limit {
				return records, page.Next != nil || i < len(page.Records), nil
			}
			if c.Allowed(record) && !s.among(ctx, r, records, record) {
				records = append(records, record)
			}
		}
		if page.Next == nil {
			return records, false, nil
		}
		if len(records) == c.Limit || page.Searched > 0 {
			break
		}
		read += len(page.Records)
		q.After, q.Limit = page.Next, chunk
	}
	return records, true, nil
}

// among reports whether a record is one of records.
func (s *Store) among(ctx context.Context, r *meta.Resource, records []any, record any) bool {
	key := r.KeyOf(ctx, record)
	return slices.ContainsFunc(records, func(other any) bool { return r.KeyOf(ctx, other) == key })
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
