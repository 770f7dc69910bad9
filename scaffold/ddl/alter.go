package ddl

import (
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

// AddColumns returns a migration that adds the fields to a table that exists, and takes them back. Rows that exist get
// the default of each field, or the zero value of its type. [Table.CheckAdd] has to have passed.
func AddColumns(t Table, d Dialect) string {
	return migration(d, t.add(d), t.remove(d))
}

// RemoveColumns returns a migration that removes the fields, and adds them again. A field for which rows would have no
// value then is added as nullable. Indexes and foreign keys go by the names that this package gives them.
func RemoveColumns(t Table, d Dialect) string {
	back := t
	back.Fields = slices.Clone(t.Fields)
	comments := ""
	for i, f := range back.Fields {
		if f.Type == field.Many || hasFillValue(f) {
			continue
		}
		back.Fields[i].Nullable = true
		comments += "-- " + f.Column + " is nullable, because its former values are lost.\n"
	}
	down := back.add(d)
	down[0] = comments + down[0]
	return migration(d, []string{strings.Join(t.remove(d), "\n")}, []string{strings.Join(down, "\n\n")})
}

// add returns the statements that add the fields.
func (t Table) add(d Dialect) []string {
	var changes []string
	for _, f := range t.columnFields() {
		if f.Default == nil && !f.Nullable {
			f.Default = fillValue(f)
		}
		changes = append(changes, "ADD COLUMN "+quote(f.Column, d)+" "+t.definition(f, d))
	}
	var statements, after []string
	for _, i := range t.indexes() {
		if d == MySQL {
			changes = append(changes, "ADD "+i.inline(d))
			continue
		}
		after = append(after, i.create(t.Name.Table, d))
	}
	for _, c := range t.constraints(d) {
		changes = append(changes, "ADD "+c.definition)
	}
	statements = append(t.alter(changes, d), after...)
	if len(statements) > 0 {
		statements = []string{strings.Join(statements, "\n")}
	}
	for _, f := range t.joinFields() {
		statements = append(statements, t.createJoin(f, d))
	}
	return statements
}

// remove returns the statements that remove the fields, the last first.
func (t Table) remove(d Dialect) []string {
	var statements, changes []string
	for _, f := range slices.Backward(t.joinFields()) {
		statements = append(statements, "DROP TABLE "+quote(t.JoinTable(f), d)+";")
	}
	for _, c := range slices.Backward(t.constraints(d)) {
		changes = append(changes, c.drop)
	}
	for _, i := range slices.Backward(t.indexes()) {
		if d == MySQL {
			changes = append(changes, "DROP INDEX "+i.name)
			continue
		}
		statements = append(statements, "DROP INDEX "+i.name+";")
	}
	for _, f := range slices.Backward(t.columnFields()) {
		changes = append(changes, "DROP COLUMN "+quote(f.Column, d))
	}
	return append(statements, t.alter(changes, d)...)
}

// alter writes changes of the table. MySQL gets one statement, so that they come to be together or not; the others,
// which have transactions, one for each, because SQLite knows no other.
func (t Table) alter(changes []string, d Dialect) []string {
	head := "ALTER TABLE " + quote(t.Name.Table, d)
	switch {
	case len(changes) == 0:
		return nil
	case d == MySQL && len(changes) > 1:
		return []string{head + "\n    " + strings.Join(changes, ",\n    ") + ";"}
	}
	statements := make([]string, 0, len(changes))
	for _, change := range changes {
		statements = append(statements, head+" "+change+";")
	}
	return statements
}
