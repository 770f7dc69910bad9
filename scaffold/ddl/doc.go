// Package ddl writes the migrations of a resource, for each dialect:
//
//	table := ddl.Table{Name: name, Fields: fields}
//	if err := table.Check(ddl.SQLite, ddl.Postgres); err != nil {
//		return err
//	}
//	fmt.Print(ddl.CreateTable(table, ddl.Postgres))
//
// Names of tables, columns, indexes and foreign keys are those that GORM gives them, and the order of everything is
// that of the fields.
//
// # Foreign keys
//
// A nullable belongs_to becomes NULL when its row is deleted. One that is not nullable goes with the account when it
// belongs to a user, because accounts can be deleted at any time, and so do rows that belong to such rows
// (Table.Owned). Any other keeps its row from being deleted. Rows of join tables go with either side.
//
// # Columns for tables with rows
//
// A column that is added gets its default, or the zero value of its type, also in the rows that exist. Where there is
// no such value (a date, or an enum without a default), and where the same value in all rows would break a unique
// index, [Table.CheckAdd] asks for a nullable field. What takes back a removal cannot ask, and makes the column
// nullable.
package ddl
