package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/jinzhu/inflection"

	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

// Dialect is the name of a kind of database, as folders of migrations have it.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql"
)

// Table is a table, or the part of one that a migration changes.
type Table struct {
	// Name is what the rows are.
	Name inflect.Name
	// Fields are the columns and join tables.
	Fields []field.Field
	// Owned are the tables whose rows are deleted with an account: what belongs to their rows goes with them.
	Owned []string
}

// An Error refuses a field in its table.
type Error struct {
	// Field is the field.
	Field field.Field
	// Problem says why.
	Problem string
}

// Error names the field and says what is wrong.
func (e *Error) Error() string { return fmt.Sprintf("field %s: %s", e.Field, e.Problem) }

// Check returns an [*Error] or a [*field.Error] for the first field that cannot be a part of a new table on the
// dialects.
func (t Table) Check(dialects ...Dialect) error {
	names := make([]string, 0, len(dialects))
	for _, d := range dialects {
		names = append(names, string(d))
	}
	if err := field.Check(t.Fields, names); err != nil {
		return err
	}
	for _, f := range t.Fields {
		if problem := t.problem(f); problem != "" {
			return &Error{Field: f, Problem: problem}
		}
	}
	if f, problem := t.limit(dialects); problem != "" {
		return &Error{Field: f, Problem: problem}
	}
	return nil
}

func (t Table) problem(f field.Field) string {
	if problem := tooLong(t.identifiers(f)...); problem != "" {
		return problem
	}
	if f.Target.Table != t.Name.Table {
		return ""
	}
	if f.Type == field.BelongsTo && !f.Nullable {
		return "a required relation to the same table makes the first row impossible; make it nullable with ?"
	}
	if own, other := t.JoinColumns(f); f.Type == field.Many && own == other {
		return "a relation to the same table needs its own name, such as related:many:" +
			f.Target.Snake
	}
	return ""
}

func (t Table) identifiers(f field.Field) []string {
	if f.Type == field.Many {
		own, other := t.JoinColumns(f)
		return []string{t.JoinTable(f), own, other, IndexName(t.JoinTable(f), other), ForeignKeyName(t.JoinTable(f), other)}
	}
	table := t.Name.Table
	names := make([]string, 0, 6)
	for _, key := range t.Keys(f) {
		names = append(names, key.Name)
	}
	return append(names, f.Column, IndexName(table, f.Column), ForeignKeyName(table, f.Column), checkName(table, f.Column))
}

// Key is an index over several columns.
type Key struct {
	// Name is its name, and Columns are its columns in their order.
	Name    string
	Columns []string
	// Unique reports that no two rows have the same values.
	Unique bool
}

// Keys returns the indexes over several columns of which a field is the last.
func (t Table) Keys(f field.Field) []Key {
	var keys []Key
	for _, with := range []struct {
		names  []string
		unique bool
	}{{f.UniqueWith, true}, {f.IndexWith, false}} {
		if len(with.names) == 0 {
			continue
		}
		var columns []string
		for _, name := range with.names {
			at := slices.IndexFunc(t.Fields, func(other field.Field) bool { return other.Name == name })
			if at >= 0 {
				name = t.Fields[at].Column
			}
			columns = append(columns, name)
		}
		columns = append(columns, f.Column)
		keys = append(keys, Key{IndexName(t.Name.Table, strings.Join(columns, "_")), columns, with.unique})
	}
	return keys
}

// CheckAdd returns an error as [Table.Check] does, and for the first field that rows which exist could not have.
func (t Table) CheckAdd(dialects ...Dialect) error {
	if err := t.Check(dialects...); err != nil {
		return err
	}
	for _, f := range t.Fields {
		if f.Type != field.Many && !hasFillValue(f) {
			return &Error{Field: f, Problem: noFillValueReason(f)}
		}
	}
	return nil
}

func noFillValueReason(f field.Field) string {
	switch {
	case f.Format == field.Slug:
		return "rows that exist would all have the same slug; add it as a string with ?, and fill it first"
	case f.Unique:
		return "all existing rows would have the same value, which is not unique; make it nullable with ?"
	case f.Type == field.BelongsTo:
		return "existing rows would have no value; make it nullable with ?"
	default:
		return "existing rows need a value; set it with :default=, or make it nullable with ?"
	}
}

// hasFillValue reports whether existing rows can get a value when the column is added.
func hasFillValue(f field.Field) bool {
	return f.Nullable || (!f.Unique && (f.Default != nil || fillValue(f) != nil))
}

// JoinTable is the table behind a field of type many: post_tags, for the tags of a post.
func (t Table) JoinTable(f field.Field) string { return t.Name.Snake + "_" + f.Name }

// JoinColumns are the columns of the join table: post_id and tag_id. For relations within one table the second is named
// after the field, as GORM does: post_id and related_id.
func (t Table) JoinColumns(f field.Field) (own, other string) {
	own, other = inflect.Column(t.Name.Type+"ID"), inflect.Column(f.Target.Type+"ID")
	if own == other {
		other = inflect.Column(inflection.Singular(f.GoName) + "ID")
	}
	return own, other
}

// IndexName is the name of the index on a column: idx_posts_slug.
func IndexName(table, column string) string { return "idx_" + table + "_" + column }

// ForeignKeyName is the name of a foreign key, as GORM has it: after the field, fk_posts_author.
func ForeignKeyName(table, column string) string {
	return "fk_" + table + "_" + strings.TrimSuffix(column, "_id")
}

// OnDelete says what happens to a row when the row that its field belongs to is deleted: CASCADE, RESTRICT or SET NULL.
func (t Table) OnDelete(f field.Field) string {
	switch {
	case f.Nullable:
		return "SET NULL"
	case f.Target.Table == "users" || slices.Contains(t.Owned, f.Target.Table):
		return "CASCADE"
	default:
		return "RESTRICT"
	}
}

// checkName is the name of a check, as GORM has it.
func checkName(table, column string) string { return "chk_" + table + "_" + column }
