// Package store reads and writes the records of the admin. Lists page by key, look through a bounded number of rows,
// and stay fast on tables of any size; writes compare what was shown with what is there.
package store

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/database"
)

// Bounds of what one request looks at.
const (
	// Counted is how far records are counted.
	Counted = 10_000
	// Window is how many rows a search looks through where no index helps.
	Window = 15_000
)

// Store is the database as the admin uses it. It is safe for concurrent use.
type Store struct {
	db *database.DB

	mu      sync.Mutex
	indexes map[string]indexes     // by table
	foreign map[string][]Reference // foreign keys by the table that they refer to; nil until they are read
}

// New returns a store on db.
func New(db *database.DB) *Store { return &Store{db: db, indexes: map[string]indexes{}} }

// indexes are the columns that an index begins with.
type indexes map[string]bool

// indexed returns the indexed columns of a table, as the database has them: migrations are written by hand, and tags
// may not know. It asks once a process.
func (s *Store) indexed(ctx context.Context, r *meta.Resource) (indexes, error) {
	s.mu.Lock()
	known, ok := s.indexes[r.Table]
	s.mu.Unlock()
	if ok {
		return known, nil
	}
	found, err := s.db.With(ctx).Migrator().GetIndexes(r.New())
	if err != nil {
		return nil, fmt.Errorf("reading the indexes of %s: %w", r.Table, err)
	}
	known = indexes{r.Key.Column: true}
	for _, index := range found {
		if columns := index.Columns(); len(columns) > 0 {
			known[columns[0]] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.indexes[r.Table] = known
	return known, nil
}

// column names a column in a statement.
func column(name string) clause.Column { return clause.Column{Name: name} }

// table returns a statement on the table of r, deleted records included.
func (s *Store) table(ctx context.Context, r *meta.Resource) *gorm.DB {
	return s.db.With(ctx).Model(r.New()).Unscoped()
}

// living restricts a statement to the records that are not deleted, or that are.
//
// Without statistics SQLite takes an index on deleted_at for the best one, and then sorts the whole table; the plus
// keeps it from that.
func (s *Store) living(tx *gorm.DB, r *meta.Resource, deleted bool) *gorm.DB {
	switch {
	case r.DeletedAt == nil:
		return tx
	case deleted:
		return tx.Where("? IS NOT NULL", column(r.DeletedAt.Column))
	case s.db.Dialect() == "sqlite":
		return tx.Where("+? IS NULL", column(r.DeletedAt.Column))
	}
	return tx.Where("? IS NULL", column(r.DeletedAt.Column))
}

// count counts the rows of a statement, up to limit+1.
func (s *Store) count(ctx context.Context, tx *gorm.DB, limit int) (int, error) {
	var n int64
	err := s.db.With(ctx).Table("(?) AS counted", tx.Select("1").Limit(limit+1)).Count(&n).Error
	return int(n), err
}

// Count counts the records of a resource, up to [Counted] and one.
func (s *Store) Count(ctx context.Context, r *meta.Resource) (int, error) {
	n, err := s.count(ctx, s.living(s.table(ctx, r), r, false), Counted)
	if err != nil {
		return 0, fmt.Errorf("counting %s: %w", r.Table, err)
	}
	return n, nil
}

// maxWords bounds the words of a search; more are one more to look for in every row.
const maxWords = 5

// search restricts a statement to rows that have every word in some column.
func (s *Store) search(tx *gorm.DB, r *meta.Resource, text string) *gorm.DB {
	columns := make([]string, len(r.Searchable))
	for i, f := range r.Searchable {
		columns[i] = f.Column
	}
	words := strings.Fields(text)
	for _, word := range words[:min(len(words), maxWords)] {
		tx = database.Search(tx, word, columns...)
	}
	return tx
}

// Get returns the record with a key, deleted or not, without its secrets. The error is gorm.ErrRecordNotFound when
// there is none.
func (s *Store) Get(ctx context.Context, r *meta.Resource, key any) (any, error) {
	return s.get(s.table(ctx, r).Select(r.Stored(true)), r, key)
}

func (s *Store) get(tx *gorm.DB, r *meta.Resource, key any) (any, error) {
	record := r.New()
	if err := tx.Where("? = ?", column(r.Key.Column), key).Take(record).Error; err != nil {
		return nil, fmt.Errorf("loading %s: %w", r.Table, err)
	}
	return record, nil
}

// Lock returns the record as Get does, and keeps others from changing it until the transaction of ctx ends. SQLite has
// one writer, who is this transaction.
func (s *Store) Lock(ctx context.Context, r *meta.Resource, key any) (any, error) {
	return s.get(s.locked(s.table(ctx, r)).Select(r.Stored(true)), r, key)
}

func (s *Store) locked(tx *gorm.DB) *gorm.DB {
	if s.db.Embedded() {
		return tx
	}
	return tx.Clauses(clause.Locking{Strength: "UPDATE"})
}

// Several returns the records with these keys, in their order; those that are not there are left out. With secrets
// they are complete, for actions of the application.
func (s *Store) Several(ctx context.Context, r *meta.Resource, keys []any, lock, secrets bool) ([]any, error) {
	tx := s.table(ctx, r)
	if lock {
		tx = s.locked(tx)
	}
	if !secrets {
		tx = tx.Select(r.Stored(true))
	}
	return s.several(ctx, tx, r, keys)
}

func (s *Store) several(ctx context.Context, tx *gorm.DB, r *meta.Resource, keys []any) ([]any, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	slice := r.NewSlice()
	key := column(r.Key.Column)
	if err := tx.Where("? IN ?", key, keys).Order(clause.OrderByColumn{Column: key}).Find(slice).Error; err != nil {
		return nil, fmt.Errorf("loading %s: %w", r.Table, err)
	}
	byKey := map[string]any{}
	for _, record := range meta.Records(slice) {
		byKey[r.KeyOf(ctx, record)] = record
	}
	var records []any
	for _, key := range keys {
		text := r.Key.Text(key)
		if record, ok := byKey[text]; ok {
			records = append(records, record)
			delete(byKey, text) // a key that is named twice counts once
		}
	}
	return records, nil
}
