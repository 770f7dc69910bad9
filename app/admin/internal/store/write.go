package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/covetgo/covet/app/admin/internal/meta"
)

// Fingerprint identifies what a form showed of one field, without repeating it.
func Fingerprint(texts []string) string {
	encoded, err := json.Marshal(texts)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(encoded)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// Create inserts a record.
func (s *Store) Create(ctx context.Context, r *meta.Resource, record any) error {
	return wrap(s.db.With(ctx).Omit(clause.Associations).Create(record).Error, "creating", r)
}

// Update writes the columns of some fields, and the time of the update where the model keeps one.
func (s *Store) Update(ctx context.Context, r *meta.Resource, record any, fields []*meta.Field) error {
	var columns []string
	for _, f := range fields {
		columns = append(columns, f.Column)
	}
	if len(columns) == 0 {
		return nil
	}
	for _, f := range r.Fields {
		if f.Stored() && f.Schema().AutoUpdateTime > 0 {
			columns = append(columns, f.Column)
		}
	}
	tx := s.db.With(ctx).Model(record).Unscoped().Select(columns).Omit(clause.Associations)
	return wrap(tx.Updates(record).Error, "updating", r)
}

// Delete deletes a record: marks it, if its model has a soft delete and it is not for good. Otherwise the links of its
// many-to-many relations are deleted, too.
func (s *Store) Delete(ctx context.Context, r *meta.Resource, record any, forGood bool) error {
	if forGood || r.DeletedAt == nil {
		if err := s.deleteLinks(ctx, r, record); err != nil {
			return err
		}
	}
	tx := s.db.With(ctx)
	if forGood {
		tx = tx.Unscoped()
	}
	return wrap(tx.Delete(record).Error, "deleting", r)
}

// deleteLinks deletes the rows of join tables that belong to a record.
func (s *Store) deleteLinks(ctx context.Context, r *meta.Resource, record any) error {
	for _, f := range r.Fields {
		if f.Kind != meta.Many {
			continue
		}
		table, own, _ := linkColumns(f)
		tx := s.db.With(ctx).Exec("DELETE FROM ? WHERE ? = ?",
			clause.Table{Name: table}, column(own), r.Key.Value(ctx, record))
		if err := wrap(tx.Error, "deleting the links of", r); err != nil {
			return err
		}
	}
	return nil
}

// Restore takes the mark of a soft delete away.
func (s *Store) Restore(ctx context.Context, r *meta.Resource, record any) error {
	key := r.Key.Value(ctx, record)
	tx := s.table(ctx, r).Where("? = ?", column(r.Key.Column), key)
	return wrap(tx.UpdateColumn(r.DeletedAt.Column, nil).Error, "restoring", r)
}

// Links returns the keys of the records that a many-to-many relation has, or the lines of a relation edited as lines,
// as text and sorted.
func (s *Store) Links(ctx context.Context, r *meta.Resource, f *meta.Field, record any) ([]string, error) {
	table, own, other := linkColumns(f)
	key := r.Key.Value(ctx, record)
	rows, err := s.db.With(ctx).Table(table).Where("? = ?", column(own), key).Select(other).Rows()
	if err != nil {
		return nil, fmt.Errorf("reading %s of %s: %w", f.Name, r.Table, err)
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var texts []string
	for rows.Next() {
		var value any
		if err := rows.Scan(&value); err != nil {
			return nil, fmt.Errorf("reading %s of %s: %w", f.Name, r.Table, err)
		}
		if raw, ok := value.([]byte); ok {
			value = string(raw)
		}
		texts = append(texts, fmt.Sprint(value))
	}
	slices.Sort(texts)
	return texts, wrap(rows.Err(), "reading", r)
}

// linkColumns returns the table of a relation with the column that refers to the record and the one that is read.
func linkColumns(f *meta.Field) (table, own, other string) {
	if f.Kind == meta.Lines {
		return f.Relation.FieldSchema.Table, f.Relation.References[0].ForeignKey.DBName, f.Child().DBName
	}
	for _, ref := range f.Relation.References {
		if ref.OwnPrimaryKey {
			own = ref.ForeignKey.DBName
		} else {
			other = ref.ForeignKey.DBName
		}
	}
	return f.Relation.JoinTable.Table, own, other
}

// SetLinks makes a relation have these keys or lines, given those that it has.
func (s *Store) SetLinks(
	ctx context.Context, r *meta.Resource, f *meta.Field, record any, before, after []string,
) error {
	for _, text := range before {
		if !slices.Contains(after, text) {
			if err := s.unlink(ctx, r, f, record, text); err != nil {
				return err
			}
		}
	}
	for _, text := range after {
		if !slices.Contains(before, text) {
			if err := s.link(ctx, r, f, record, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) unlink(ctx context.Context, r *meta.Resource, f *meta.Field, record any, text string) error {
	table, own, other := linkColumns(f)
	value, err := linkValue(f, text)
	if err != nil {
		return err
	}
	tx := s.db.With(ctx).Exec("DELETE FROM ? WHERE ? = ? AND ? = ?",
		clause.Table{Name: table}, column(own), r.Key.Value(ctx, record), column(other), value)
	return wrap(tx.Error, "changing a relation of", r)
}

// linkValue reads the text of a link by the type of its column.
func linkValue(f *meta.Field, text string) (any, error) {
	if f.Kind == meta.Lines {
		return text, nil
	}
	value, ok := f.Related.ParseKey(text)
	if !ok {
		return nil, fmt.Errorf("changing %s: %w", f.Name, gorm.ErrRecordNotFound)
	}
	return value, nil
}

// link inserts a row as the model of its table, so that times of creation are kept there, too.
func (s *Store) link(ctx context.Context, r *meta.Resource, f *meta.Field, record any, text string) error {
	value, err := linkValue(f, text)
	if err != nil {
		return err
	}
	model, table := f.Relation.JoinTable, f.Relation.JoinTable
	if f.Kind == meta.Lines {
		model, table = f.Relation.FieldSchema, f.Relation.FieldSchema
	}
	_, own, other := linkColumns(f)
	row := reflect.New(model.ModelType)
	if err := model.LookUpField(own).Set(ctx, row.Elem(), r.Key.Value(ctx, record)); err != nil {
		return fmt.Errorf("changing %s: %w", f.Name, err)
	}
	if err := model.LookUpField(other).Set(ctx, row.Elem(), value); err != nil {
		return fmt.Errorf("changing %s: %w", f.Name, err)
	}
	tx := s.db.With(ctx).Table(table.Table).Omit(clause.Associations)
	return wrap(tx.Create(row.Interface()).Error, "changing a relation of", r)
}

func orderBy(f *meta.Field, desc bool) clause.OrderByColumn {
	return clause.OrderByColumn{Column: column(f.Column), Desc: desc}
}
