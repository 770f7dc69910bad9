package store

import (
	"context"
	"time"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

// Created counts the records of a resource that were created from a time until another, up to [Counted] and one. It
// reports false for a resource without a time of creation, and for a large table that has no index on it.
func (s *Store) Created(ctx context.Context, r *meta.Resource, from, until time.Time) (n int, known bool, err error) {
	f := r.CreatedField()
	if f == nil {
		return 0, false, nil
	}
	indexed, err := s.indexed(ctx, r)
	if err != nil {
		return 0, false, err
	}
	if !indexed[f.Column] {
		size, err := s.count(ctx, s.table(ctx, r), Counted)
		if err != nil || size > Counted {
			return 0, false, wrap(err, "counting", r)
		}
	}
	tx := s.living(s.table(ctx, r), r, false).Where("? >= ? AND ? < ?", column(f.Column), from, column(f.Column), until)
	n, err = s.count(ctx, tx, Counted)
	return n, true, wrap(err, "counting", r)
}
