package sqlite

import (
	"database/sql/driver"
	"errors"
	"io"
	"reflect"
	"sync"
)

// columnTypes is what the SQLite driver knows of the columns of a result.
type columnTypes interface {
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeNullable
}

// typedRows are the rows of the SQLite driver.
type typedRows interface {
	driver.Rows
	columnTypes
}

var (
	_ typedRows = readerRows{}
	_ typedRows = (*bufferedRows)(nil)
)

// readerRows gives its reader back when it is closed.
type readerRows struct {
	typedRows
	release func()
}

func newReaderRows(rows driver.Rows, release func()) driver.Rows {
	typed, ok := rows.(typedRows)
	if !ok {
		typed = &bufferedRows{failure: errors.New("sqlite: unexpected rows")}
		_ = rows.Close()
	}
	return readerRows{typedRows: typed, release: sync.OnceFunc(release)}
}

func (r readerRows) Close() error {
	err := r.typedRows.Close()
	r.release()
	return err
}

// bufferedRows is a result that has been read already.
type bufferedRows struct {
	columns []column
	rows    [][]driver.Value
	failure error
}

// column describes one column of a buffered result.
type column struct {
	name, databaseType string
	scanType           reflect.Type
	nullable, known    bool
}

// bufferRows reads and closes rows.
func bufferRows(rows driver.Rows) (_ *bufferedRows, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	names := rows.Columns()
	result := &bufferedRows{columns: make([]column, len(names))}
	for {
		row := make([]driver.Value, len(names))
		err := rows.Next(row)
		if len(result.rows) == 0 {
			result.describe(names, rows) // the types are those of the first row
		}
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return nil, err
		}
		result.rows = append(result.rows, row)
	}
}

func (r *bufferedRows) describe(names []string, rows driver.Rows) {
	types, _ := rows.(columnTypes)
	for i, name := range names {
		r.columns[i] = column{name: name, scanType: reflect.TypeFor[any]()}
		if types == nil {
			continue
		}
		c := &r.columns[i]
		c.databaseType = types.ColumnTypeDatabaseTypeName(i)
		c.nullable, c.known = types.ColumnTypeNullable(i)
		if t := types.ColumnTypeScanType(i); t != nil {
			c.scanType = t
		}
	}
}

func (r *bufferedRows) Columns() []string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	return names
}

func (r *bufferedRows) Close() error { return nil }

func (r *bufferedRows) Next(dest []driver.Value) error {
	if r.failure != nil {
		return r.failure
	}
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

func (r *bufferedRows) ColumnTypeDatabaseTypeName(i int) string { return r.columns[i].databaseType }
func (r *bufferedRows) ColumnTypeScanType(i int) reflect.Type   { return r.columns[i].scanType }
func (r *bufferedRows) ColumnTypeNullable(i int) (null, ok bool) {
	return r.columns[i].nullable, r.columns[i].known
}
