package ddl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

const (
	// longestIdentifier is what PostgreSQL keeps of an identifier, in bytes; it is the shortest limit.
	longestIdentifier = 63
	// maxRow and maxKey are the sizes of a row and of the columns of an index in MySQL, in bytes.
	maxRow, maxKey = 65_535, 3_072
	// maxIndexes is how many indexes MySQL allows for a table, the primary key included, and maxKeyColumns how many
	// columns for an index.
	maxIndexes, maxKeyColumns = 64, 16
)

// systemColumns are the columns that every table of PostgreSQL has.
var systemColumns = []string{"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}

// limit returns the first field that a database does not take, and which of its limits is exceeded.
func (t Table) limit(dialects []Dialect) (f field.Field, problem string) {
	fields := t.columnFields()
	if slices.Contains(dialects, Postgres) {
		for _, f := range fields {
			if slices.Contains(systemColumns, f.Column) {
				return f, "PostgreSQL has a column " + f.Column + " in every table; rename it to " + t.Name.Snake + "_" + f.Column
			}
		}
	}
	if !slices.Contains(dialects, MySQL) {
		return f, ""
	}
	size := 8 + 8 + 8 // id, created_at and updated_at
	for _, f := range fields {
		if size += bytes(f); size > maxRow {
			return f, fmt.Sprintf("the maximum size of a MySQL row is %d bytes, and with this field it is %d; change some of the strings to text",
				maxRow, size)
		}
	}
	for _, f := range fields {
		for _, key := range t.Keys(f) {
			if size := t.keyBytes(key); size > maxKey || len(key.Columns) > maxKeyColumns {
				return f, fmt.Sprintf("a MySQL index has at most %d columns and %d bytes, and this one would have %d columns and %d bytes",
					maxKeyColumns, maxKey, len(key.Columns), size)
			}
		}
	}
	if indexes := len(t.indexes()) + 2; indexes > maxIndexes { // that of the list and the primary key
		f := fields[len(fields)-1]
		return f, fmt.Sprintf("a MySQL table has at most %d indexes, and this one would have %d", maxIndexes, indexes)
	}
	return f, ""
}

// bytes is the size of a column in a row of MySQL.
func bytes(f field.Field) int {
	switch f.Type {
	case field.String:
		return text(f.MaxLength())
	case field.File, field.Image:
		return text(255)
	case field.Enum:
		return text(64)
	case field.UUID:
		return 4 * 36
	case field.Text, field.JSON:
		return 12 // the rest is elsewhere
	case field.Decimal:
		return (f.Precision-f.Scale+8)/9*4 + (f.Scale+8)/9*4
	case field.Bool:
		return 1
	case field.Int:
		return 4
	default:
		return 8
	}
}

// keyBytes is the size of the columns of an index in MySQL.
func (t Table) keyBytes(key Key) int {
	size := 0
	for _, f := range t.columnFields() {
		if slices.Contains(key.Columns, f.Column) {
			size += bytes(f)
		}
	}
	return size
}

// text is the size of a VARCHAR of utf8mb4 with its length.
func text(characters int) int {
	if size := 4 * characters; size < 256 {
		return size + 1
	}
	return 4*characters + 2
}

// tooLong returns the first name that is longer than a database keeps.
func tooLong(names ...string) string {
	for _, name := range names {
		if len(name) > longestIdentifier {
			return fmt.Sprintf("%s has %d bytes; a PostgreSQL identifier has at most %d", name, len(name), longestIdentifier)
		}
	}
	return ""
}

// quotedList writes names for a statement.
func quotedList(names []string, d Dialect) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = quote(name, d)
	}
	return strings.Join(list, ", ")
}
