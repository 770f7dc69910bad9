package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"
)

// transaction is an open transaction of a conn and the file that it runs on.
type transaction struct {
	driver.Tx
	conn    *conn
	file    fileConn
	release func()
}

// BeginTx begins a transaction: a read-only one on a reader, where it sees one snapshot, any other on the writer.
// SQLite's transactions are serializable, whatever isolation is asked for.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if opts.ReadOnly && !c.engine.inMemory() {
		return c.beginReadOnly(ctx)
	}
	f, err := c.engine.acquire(ctx)
	if err != nil {
		return nil, err
	}
	var tx driver.Tx
	err = c.engine.retryBusy(ctx, func() (err error) {
		tx, err = f.BeginTx(ctx, driver.TxOptions{})
		return err
	})
	if err != nil {
		c.engine.release()
		return nil, err
	}
	c.tx = &transaction{Tx: tx, conn: c, file: f, release: c.engine.release}
	return c.tx, nil
}

func (c *conn) beginReadOnly(ctx context.Context) (driver.Tx, error) {
	f, err := c.engine.readers.acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := f.BeginTx(ctx, driver.TxOptions{ReadOnly: true}) // a plain BEGIN, which waits for nobody
	if err != nil {
		c.engine.readers.release(f)
		return nil, err
	}
	c.tx = &transaction{Tx: tx, conn: c, file: f, release: func() { c.engine.readers.release(f) }}
	return c.tx, nil
}

// Commit commits and gives the file back.
func (t *transaction) Commit() error {
	err := t.Tx.Commit()
	t.end()
	return err
}

// Rollback rolls back and gives the file back. SQLite has rolled back by itself after some errors, such as a full disk;
// then there is nothing left to do, and the error that the caller has is the one that matters.
func (t *transaction) Rollback() error {
	err := t.Tx.Rollback()
	t.end()
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

func (t *transaction) end() {
	t.conn.tx = nil
	t.release()
}

// stmt is a prepared statement: its text. SQLite compiles it when it runs.
type stmt struct {
	conn  *conn
	query string
}

var (
	_ driver.StmtExecContext  = (*stmt)(nil)
	_ driver.StmtQueryContext = (*stmt)(nil)
)

func (s *stmt) Close() error  { return nil }
func (s *stmt) NumInput() int { return -1 }

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

// Exec runs the statement; database/sql calls ExecContext.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), namedValues(args))
}

// Query runs the statement; database/sql calls QueryContext.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), namedValues(args))
}

func namedValues(args []driver.Value) []driver.NamedValue {
	values := make([]driver.NamedValue, len(args))
	for i, v := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return values
}
