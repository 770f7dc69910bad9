package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"

	moderncsqlite "modernc.org/sqlite"

	"github.com/covetgo/covet/app/database"
)

// MigrationPool opens a pool for changing the schema. Foreign keys are not enforced, because rebuilding a table (the
// way to change one in SQLite) drops it, which would delete the rows that refer to it; and PRAGMA foreign_keys does
// nothing inside a transaction. Instead each commit checks that no reference dangles that did not before.
func (b *backend) MigrationPool() (*sql.DB, error) {
	pool := sql.OpenDB(&migrationConnector{engine: b.engine})
	pool.SetMaxOpenConns(2)
	pool.SetMaxIdleConns(1)
	return pool, nil
}

type migrationConnector struct {
	engine *engine
}

func (*migrationConnector) Driver() driver.Driver { return &moderncsqlite.Driver{} }

// Connect opens a connection to the file, which the engine has prepared: it creates it, and keeps it when it is in
// memory.
func (c *migrationConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if _, err := c.engine.open(ctx); err != nil {
		return nil, err
	}
	f, err := c.engine.connect(ctx, c.engine.dsn(c.engine.wait, "foreign_keys(0)", "synchronous(NORMAL)"))
	if err != nil {
		return nil, err
	}
	return &migrationConn{fileConn: f}, nil
}

// migrationConn is a connection whose transactions check foreign keys before they commit.
type migrationConn struct {
	fileConn
}

// BeginTx begins a transaction.
func (c *migrationConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.fileConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	before, err := danglingReferences(ctx, c.fileConn)
	if err != nil {
		_ = tx.Rollback() // the connection is broken; err says why
		return nil, err
	}
	return &migrationTx{Tx: tx, ctx: ctx, file: c.fileConn, before: before}, nil
}

// migrationTx is a transaction of a migrationConn.
type migrationTx struct {
	driver.Tx
	ctx    context.Context // database/sql: BeginTx's context is that of the whole transaction
	file   fileConn
	before map[string]int
}

// Commit commits, or rolls back when a row refers to one that does not exist.
func (t *migrationTx) Commit() error {
	after, err := danglingReferences(t.ctx, t.file)
	if err == nil {
		err = newlyDangling(t.before, after)
	}
	if err != nil {
		_ = t.Rollback() // err is the reason, and what people can act on
		return err
	}
	return t.Tx.Commit()
}

// newlyDangling returns an error when after has more dangling references than before.
func newlyDangling(before, after map[string]int) error {
	var found []string
	for reference, count := range after {
		if count > before[reference] {
			found = append(found, fmt.Sprintf("%d in %s", count-before[reference], reference))
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.Sort(found)
	return fmt.Errorf("checking foreign keys before the commit: %w: %s",
		database.ErrDanglingReference, strings.Join(found, ", "))
}

// danglingReferences counts the rows whose foreign key matches nothing, by table and the table they refer to.
func danglingReferences(ctx context.Context, f fileConn) (map[string]int, error) {
	opened, err := f.QueryContext(ctx,
		"SELECT \"table\", parent, COUNT(*) FROM pragma_foreign_key_check GROUP BY 1, 2", nil)
	if err != nil {
		return nil, fmt.Errorf("checking foreign keys: %w", err)
	}
	result, err := bufferRows(opened)
	if err != nil {
		return nil, fmt.Errorf("checking foreign keys: %w", err)
	}
	counts := make(map[string]int, len(result.rows))
	for _, row := range result.rows {
		count, _ := row[2].(int64)
		counts[fmt.Sprintf("%v (to %v)", row[0], row[1])] = int(count)
	}
	return counts, nil
}
