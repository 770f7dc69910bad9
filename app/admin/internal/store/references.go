package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

// What a foreign key does when the row that it refers to is deleted.
const (
	Cascade = "CASCADE"  // the referring row is deleted
	SetNull = "SET NULL" // it refers to nothing
	Prevent = "RESTRICT" // the deletion fails
	Nothing = "NOTHING"  // there is no foreign key: it refers to a row that does not exist
)

// Reference is a column that refers to another table.
type Reference struct {
	Table, Column, To, ToColumn string
	// OnDelete is [Cascade], [SetNull], [Prevent] or [Nothing].
	OnDelete string
}

// foreignKeys are the statements that read the foreign keys of the schema: name, table, column, referenced table and
// column, and rule.
var foreignKeys = map[string]string{
	"sqlite": `SELECT m.name || ':' || k.id, m.name, k."from", k."table",
			COALESCE(k."to", (SELECT c.name FROM pragma_table_info(k."table") c WHERE c.pk = 1), ''), k.on_delete
		FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k WHERE m.type = 'table'`,
	"postgres": `SELECT k.oid::text, child.relname, c.attname, parent.relname, p.attname, k.confdeltype::text
		FROM pg_constraint k
		JOIN pg_class child ON child.oid = k.conrelid
		JOIN pg_class parent ON parent.oid = k.confrelid
		JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = ANY (k.conkey)
		JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = ANY (k.confkey)
		WHERE k.contype = 'f' AND child.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`,
	"mysql": `SELECT CONCAT(k.TABLE_NAME, ':', k.CONSTRAINT_NAME), k.TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME,
			k.REFERENCED_COLUMN_NAME, r.DELETE_RULE
		FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
			ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
		WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL`,
}

// rules are the rules of foreign keys, as the databases call them. All others prevent the deletion.
var rules = map[string]string{
	"CASCADE": Cascade, "c": Cascade, "SET NULL": SetNull, "n": SetNull, "SET DEFAULT": SetNull, "d": SetNull,
}

// references returns the foreign keys of one column that the database has, by the table that they refer to: migrations
// are written by hand, and the tags of models may not know. It asks once a process.
func (s *Store) references(ctx context.Context) (map[string][]Reference, error) {
	s.mu.Lock()
	known := s.foreign
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	rows, err := s.db.With(ctx).Raw(foreignKeys[s.db.Dialect()]).Rows()
	if err != nil {
		return nil, fmt.Errorf("reading the foreign keys: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	byName := map[string][]Reference{}
	for rows.Next() {
		var name string
		var r Reference
		if err := rows.Scan(&name, &r.Table, &r.Column, &r.To, &r.ToColumn, &r.OnDelete); err != nil {
			return nil, fmt.Errorf("reading the foreign keys: %w", err)
		}
		if r.OnDelete = rules[r.OnDelete]; r.OnDelete == "" {
			r.OnDelete = Prevent
		}
		byName[name] = append(byName[name], r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the foreign keys: %w", err)
	}
	known = map[string][]Reference{}
	for _, list := range byName {
		if len(list) == 1 {
			known[list[0].To] = append(known[list[0].To], list[0])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.foreign = known
	return known, nil
}

// maxDepth bounds how far deletions are followed.
const maxDepth = 5

// Dependent are rows that refer to records, or to rows that are deleted with them.
type Dependent struct {
	Reference
	// Count is their number, up to a limit and one. Depth is 0 for rows that refer to the records themselves.
	Count, Depth int

	rows func(tx *gorm.DB) *gorm.DB
}

// Dependents returns the rows that a deletion of records concerns, those that refer to them first. It counts up to
// limit and one of each.
func (s *Store) Dependents(ctx context.Context, r *meta.Resource, keys []any, limit int) ([]Dependent, error) {
	known, err := s.references(ctx)
	if err != nil {
		return nil, err
	}
	list := slices.Clone(known[r.Table])
	for _, d := range r.HasMany { // relations that only the model knows
		ref := Reference{
			Table: d.Relation.FieldSchema.Table, Column: d.Foreign.DBName, To: r.Table,
			ToColumn: d.Relation.References[0].PrimaryKey.DBName, OnDelete: Nothing,
		}
		if !contains(list, ref) {
			list = append(list, ref)
		}
	}
	records := func(tx *gorm.DB) *gorm.DB { return tx.Where("? IN ?", column(r.Key.Column), keys) }
	walk := &walk{store: s, known: known, limit: limit}
	if err := walk.follow(ctx, r.Table, list, records, 0); err != nil {
		return nil, fmt.Errorf("looking for what refers to %s: %w", r.Table, err)
	}
	return walk.found, nil
}

func contains(list []Reference, ref Reference) bool {
	for _, other := range list {
		if strings.EqualFold(other.Table, ref.Table) && strings.EqualFold(other.Column, ref.Column) {
			return true
		}
	}
	return false
}

// walk collects dependents.
type walk struct {
	store *Store
	known map[string][]Reference
	limit int
	found []Dependent
}

// follow adds the rows that refer to rows of a table, and then those that refer to the rows deleted with them.
func (w *walk) follow(
	ctx context.Context, table string, list []Reference, rows func(*gorm.DB) *gorm.DB, depth int,
) error {
	first := len(w.found)
	for _, ref := range list {
		d := Dependent{Reference: ref, Depth: depth, rows: func(tx *gorm.DB) *gorm.DB {
			targets := rows(w.store.db.With(ctx).Table(table)).Select("?", column(ref.ToColumn))
			return tx.Where("? IN (?)", column(ref.Column), targets)
		}}
		var err error
		if d.Count, err = w.store.count(ctx, d.rows(w.store.db.With(ctx).Table(ref.Table)), w.limit); err != nil {
			return err
		}
		if d.Count > 0 {
			w.found = append(w.found, d)
		}
	}
	for _, d := range w.found[first:len(w.found):len(w.found)] {
		if d.OnDelete != Cascade || depth == maxDepth || d.Table == table {
			continue
		}
		if err := w.follow(ctx, d.Table, w.known[d.Table], d.rows, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// Sample returns the first records of r among dependents, deleted ones included.
func (s *Store) Sample(ctx context.Context, r *meta.Resource, d Dependent, n int) ([]any, error) {
	slice := r.NewSlice()
	tx := d.rows(s.table(ctx, r)).Select(r.Stored(false)).Order(orderBy(r.Key, true)).Limit(n)
	if err := tx.Find(slice).Error; err != nil {
		return nil, wrap(err, "listing", r)
	}
	return meta.Records(slice), nil
}

// FilesOf returns the storage keys of the files that dependents have in the columns of r.
func (s *Store) FilesOf(ctx context.Context, r *meta.Resource, d Dependent) ([]string, error) {
	var keys []string
	for _, f := range r.Files() {
		var some []string
		c := column(f.Column)
		tx := d.rows(s.table(ctx, r)).Where("? IS NOT NULL AND ? <> ''", c, c)
		if err := tx.Pluck(f.Column, &some).Error; err != nil {
			return nil, wrap(err, "listing the files of", r)
		}
		keys = append(keys, some...)
	}
	return keys, nil
}
