package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// CreateTable returns a migration that creates the table, its indexes and its join tables, and drops them again. Besides
// the fields there are id, created_at and updated_at, and an index for the usual order of a list. The indexes of foreign keys
// have that order, too, for the lists of what belongs to one record. [Table.Check] has to
// have passed.
func CreateTable(t Table, d Dialect) string {
	up := []string{t.create(d)}
	down := []string{"DROP TABLE " + quote(t.Name.Table, d) + ";"}
	for _, f := range t.joinFields() {
		up = append(up, t.createJoin(f, d))
		down = append(down, "DROP TABLE "+quote(t.JoinTable(f), d)+";")
	}
	slices.Reverse(down)
	return migration(d, up, down)
}

// migration joins statements, or groups of them, with an empty line between groups.
func migration(d Dialect, up, down []string) string {
	var b strings.Builder
	b.WriteString("-- +goose Up\n")
	if d == MySQL && len(up) > 1 {
		b.WriteString("-- MySQL commits each statement at once: when a later one fails, the earlier ones stay.\n")
	}
	b.WriteString(strings.Join(up, "\n\n"))
	b.WriteString("\n\n-- +goose Down\n")
	b.WriteString(strings.Join(down, "\n"))
	b.WriteString("\n")
	return b.String()
}

// column is a line of a table.
type column struct{ name, definition string }

// index is an index, on one table.
type index struct {
	name    string
	columns []string
	unique  bool
	// relation reports that the index is that of a foreign key.
	relation bool
}

// constraint is a check or foreign key that has a name, and what drops it.
type constraint struct{ definition, drop string }

func newForeignKey(table, columnName, target string, d Dialect) constraint {
	name := ForeignKeyName(table, columnName)
	return constraint{
		fmt.Sprintf("CONSTRAINT %s FOREIGN KEY (%s) %s", name, quote(columnName, d), target),
		"DROP FOREIGN KEY " + name,
	}
}

func newCheck(table string, f field.Field, d Dialect) constraint {
	name := checkName(table, f.Column)
	return constraint{"CONSTRAINT " + name + " " + check(f, d), "DROP CONSTRAINT " + name}
}

func (t Table) create(d Dialect) string {
	stamp := d.choose(types[field.Time]) + " NOT NULL"
	columns := []column{{"id", primaryKey(d)}}
	for _, f := range t.columnFields() {
		columns = append(columns, column{quote(f.Column, d), t.definition(f, d)})
	}
	columns = append(columns, column{"created_at", stamp}, column{"updated_at", stamp})
	indexes := t.indexes()
	for i := range indexes {
		if indexes[i].relation && !indexes[i].unique { // lists of what belongs to one record
			indexes[i].columns = append(indexes[i].columns, "created_at", "id")
		}
	}
	indexes = append(indexes, index{IndexName(t.Name.Table, "created_at_id"), []string{"created_at", "id"}, false, false})
	return createTable(t.Name.Table, columns, nil, indexes, t.constraints(d), d)
}

func (t Table) createJoin(f field.Field, d Dialect) string {
	table := t.JoinTable(f)
	own, other := t.JoinColumns(f)
	define := func(name, target string) column {
		definition := d.choose(types[field.BelongsTo]) + " NOT NULL"
		if d != MySQL {
			definition += " " + references(target, "CASCADE", d)
		}
		return column{quote(name, d), definition}
	}
	var keys []constraint
	if d == MySQL {
		keys = []constraint{
			newForeignKey(table, own, references(t.Name.Table, "CASCADE", d), d),
			newForeignKey(table, other, references(f.Target.Table, "CASCADE", d), d),
		}
	}
	primary := []string{fmt.Sprintf("PRIMARY KEY (%s, %s)", quote(own, d), quote(other, d))}
	columns := []column{define(own, t.Name.Table), define(other, f.Target.Table)}
	return createTable(table, columns, primary, []index{{IndexName(table, other), []string{other}, false, true}}, keys, d)
}

// createTable writes a table and its indexes, which on MySQL are a part of it, so that they come to be together or not.
func createTable(table string, columns []column, primary []string, indexes []index,
	constraints []constraint, d Dialect,
) string {
	lines := align(columns)
	lines = append(lines, primary...)
	var after []string
	for _, i := range indexes {
		if d == MySQL {
			lines = append(lines, i.inline(d))
			continue
		}
		after = append(after, "\n"+i.create(table, d))
	}
	for _, c := range constraints {
		lines = append(lines, c.definition)
	}
	end := "\n);"
	if d == MySQL {
		end = "\n) CHARACTER SET utf8mb4;"
	}
	return "CREATE TABLE " + quote(table, d) + " (\n    " + strings.Join(lines, ",\n    ") + end + strings.Join(after, "")
}

// align writes columns with their definitions one below the other.
func align(columns []column) []string {
	width := 0
	for _, c := range columns {
		width = max(width, len(c.name))
	}
	lines := make([]string, 0, len(columns))
	for _, c := range columns {
		lines = append(lines, fmt.Sprintf("%-*s %s", width, c.name, c.definition))
	}
	return lines
}

func (i index) kind() string {
	if i.unique {
		return "UNIQUE INDEX "
	}
	return "INDEX "
}

func (i index) inline(d Dialect) string {
	return i.kind() + i.name + " (" + quotedList(i.columns, d) + ")"
}

func (i index) create(table string, d Dialect) string {
	return "CREATE " + strings.Replace(i.inline(d), i.name, i.name+" ON "+quote(table, d), 1) + ";"
}

// columnFields returns the fields with a column, joinFields those with a join table.
func (t Table) columnFields() []field.Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f field.Field) bool { return f.Type == field.Many })
}

func (t Table) joinFields() []field.Field {
	return slices.DeleteFunc(slices.Clone(t.Fields), func(f field.Field) bool { return f.Type != field.Many })
}

// indexes are those of the fields. Each foreign key has one, without which deleting what it refers to reads whole
// tables.
func (t Table) indexes() []index {
	var indexes []index
	for _, f := range t.columnFields() {
		if f.Unique || f.Index || f.Type == field.BelongsTo {
			indexes = append(indexes, index{IndexName(t.Name.Table, f.Column), []string{f.Column}, f.Unique, f.Type == field.BelongsTo})
		}
		for _, key := range t.Keys(f) {
			indexes = append(indexes, index{key.Name, key.Columns, key.Unique, false})
		}
	}
	return indexes
}

// constraints are the checks and foreign keys, which MySQL has apart from columns, and does not drop with them.
func (t Table) constraints(d Dialect) []constraint {
	var all []constraint
	for _, f := range t.columnFields() {
		switch {
		case d != MySQL:
		case f.Type == field.Enum:
			all = append(all, newCheck(t.Name.Table, f, d))
		case f.Type == field.BelongsTo:
			all = append(all, newForeignKey(t.Name.Table, f.Column, references(f.Target.Table, t.OnDelete(f), d), d))
		}
	}
	return all
}
