package testserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// mysqlDump holds the statements that create the tables of a database and insert their rows. MySQL cannot copy a
// database.
type mysqlDump struct{ statements []string }

// MySQL returns the URL of a copy of the prepared MySQL or MariaDB database, which is dropped when the test ends. It
// copies tables with their rows; a template with views is an error.
func (p *Template) MySQL(t testing.TB) string {
	t.Helper()
	address := mySQL.require(t)
	dump, err := p.mysql.get(func() (*mysqlDump, error) { return p.prepareMySQL(address) })
	if err != nil {
		t.Fatalf("preparing a MySQL database: %v", err)
	}
	url := createMySQL(t, address)
	if err := within(func(ctx context.Context) error { return dump.restore(ctx, url) }); err != nil {
		t.Fatalf("copying a MySQL database: %v", err)
	}
	return url
}

// prepareMySQL prepares a database, reads what is in it, and drops it.
func (p *Template) prepareMySQL(address string) (dump *mysqlDump, err error) {
	name := newName()
	url, err := databaseURL(address, name)
	if err != nil {
		return nil, err
	}
	if err := within(func(ctx context.Context) error { return execMySQL(ctx, address, createMySQLStatement(name)) }); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, within(func(ctx context.Context) error { return dropMySQL(ctx, address, name) }))
	}()
	if err := p.run(url); err != nil {
		return nil, err
	}
	dump = new(mysqlDump)
	return dump, within(func(ctx context.Context) error { return dump.read(ctx, url) })
}

// restore runs the statements on one connection, without the checks of foreign keys, which may point forwards.
func (d *mysqlDump) restore(ctx context.Context, url string) error {
	return onMySQL(url, func(pool *sql.DB) (err error) {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		for _, statement := range append([]string{"SET foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"}, d.statements...) {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	})
}

func (d *mysqlDump) read(ctx context.Context, url string) error {
	return onMySQL(url, func(pool *sql.DB) error {
		tables, err := mysqlTables(ctx, pool)
		if err != nil {
			return err
		}
		for _, table := range tables {
			var name, create string
			if err := pool.QueryRowContext(ctx, "SHOW CREATE TABLE "+quoteMySQL(table)).Scan(&name, &create); err != nil {
				return fmt.Errorf("reading the table %s: %w", table, err)
			}
			d.statements = append(d.statements, create)
		}
		for _, table := range tables {
			insert, err := mysqlInsert(ctx, pool, table)
			if err != nil {
				return fmt.Errorf("reading the rows of %s: %w", table, err)
			}
			if insert != "" {
				d.statements = append(d.statements, insert)
			}
		}
		return nil
	})
}

func mysqlTables(ctx context.Context, pool *sql.DB) (tables []string, err error) {
	rows, err := pool.QueryContext(ctx, "SHOW FULL TABLES")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		if kind != "BASE TABLE" {
			return nil, fmt.Errorf("%s is a %s, which is not copied", name, kind)
		}
		tables = append(tables, name)
	}
	return tables, rows.Err()
}

// mysqlInsert returns the statement that inserts the rows of a table, or nothing when it is empty.
func mysqlInsert(ctx context.Context, pool *sql.DB, table string) (_ string, err error) {
	rows, err := pool.QueryContext(ctx, "SELECT * FROM "+quoteMySQL(table))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	types, err := rows.ColumnTypes()
	if err != nil {
		return "", err
	}
	values := make([]sql.RawBytes, len(types))
	targets := make([]any, len(types))
	names := make([]string, len(types))
	for i := range types {
		targets[i], names[i] = &values[i], quoteMySQL(types[i].Name())
	}
	var tuples []string
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return "", err
		}
		literals := make([]string, len(types))
		for i, value := range values {
			literals[i] = mysqlLiteral(types[i].DatabaseTypeName(), value)
		}
		tuples = append(tuples, "("+strings.Join(literals, ", ")+")")
	}
	if err := rows.Err(); err != nil || tuples == nil {
		return "", err
	}
	return "INSERT INTO " + quoteMySQL(table) + " (" + strings.Join(names, ", ") + ") VALUES " + strings.Join(tuples, ", "), nil
}

// mysqlLiteral returns a value as the text protocol sends it, as a literal.
func mysqlLiteral(kind string, value []byte) string {
	switch {
	case value == nil:
		return "NULL"
	case strings.Contains(kind, "BINARY"), strings.Contains(kind, "BLOB"), kind == "BIT":
		return fmt.Sprintf("X'%x'", value)
	default:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(string(value)) + "'"
	}
}

func quoteMySQL(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
