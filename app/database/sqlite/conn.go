package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	moderncsqlite "modernc.org/sqlite"
)

// connector gives database/sql its connections. They own nothing: each borrows a file of the engine, a reader or the
// writer, for one statement or one transaction.
type connector struct {
	engine *engine
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return &conn{engine: c.engine}, nil }
func (connector) Driver() driver.Driver                          { return &moderncsqlite.Driver{} }

// conn is a connection of database/sql, used by one goroutine at a time.
type conn struct {
	engine *engine
	tx     *transaction // while one is open
}

var (
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
)

// IsValid reports whether the connection may go back to the pool; one with an open transaction may not.
func (c *conn) IsValid() bool { return c.tx == nil }

// Close ends an open transaction.
func (c *conn) Close() error {
	if c.tx != nil {
		return c.tx.Rollback()
	}
	return nil
}

// Begin begins a transaction; database/sql calls BeginTx.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// Prepare prepares a statement; database/sql calls PrepareContext.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return &stmt{conn: c, query: query}, nil
}

// PrepareContext returns a statement that is compiled when it runs, on whichever file it then belongs to.
func (c *conn) PrepareContext(_ context.Context, query string) (driver.Stmt, error) {
	return c.Prepare(query)
}

// Ping opens the database and reads from it.
func (c *conn) Ping(ctx context.Context) error {
	rows, err := c.QueryContext(ctx, "SELECT COUNT(*) FROM sqlite_schema", nil)
	if err != nil {
		return err
	}
	return rows.Close()
}

// errTransactionStatement refuses transactions by hand: the connection is shared, so another statement would end up in
// them.
var errTransactionStatement = errors.New("sqlite: BEGIN, COMMIT, ROLLBACK, SAVEPOINT and RELEASE need a transaction: " +
	"use the database's Transaction, or BeginTx")

// ExecContext runs a statement on the writer.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.tx != nil {
		return c.tx.file.ExecContext(ctx, query, args)
	}
	where := classify(query)
	if where == refused {
		return nil, errTransactionStatement
	}
	f, err := c.engine.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer c.engine.release()
	if where == toWriterBatch {
		return c.engine.execBatch(ctx, f, query, args)
	}
	var res driver.Result
	err = c.engine.retryBusy(ctx, func() (err error) {
		res, err = f.ExecContext(ctx, query, args)
		return err
	})
	return res, err
}

// execBatch runs several statements, each of which commits by itself. They cannot be started over when another
// process stands in the way of a later one, so SQLite does the waiting; and none may leave a transaction open.
func (e *engine) execBatch(ctx context.Context, f fileConn, query string,
	args []driver.NamedValue,
) (driver.Result, error) {
	background := context.WithoutCancel(ctx)
	if _, err := f.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", e.wait.Milliseconds()), nil); err != nil {
		return nil, err
	}
	res, err := f.ExecContext(ctx, query, args)
	_, resetErr := f.ExecContext(background, fmt.Sprintf("PRAGMA busy_timeout = %d", busySlice.Milliseconds()), nil)
	if _, rollbackErr := f.ExecContext(background, "ROLLBACK", nil); rollbackErr == nil && err == nil {
		err = errTransactionStatement
	}
	return res, errors.Join(err, resetErr)
}

// QueryContext runs a query on a reader or, when it writes, on the writer.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.tx != nil {
		return c.tx.file.QueryContext(ctx, query, args)
	}
	where := classify(query)
	switch {
	case where == refused:
		return nil, errTransactionStatement
	case where == toReader && !c.engine.inMemory():
		return c.queryReader(ctx, query, args)
	}
	return c.queryWriter(ctx, query, args)
}

func (c *conn) queryReader(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	f, err := c.engine.readers.acquire(ctx)
	if err != nil {
		return nil, err
	}
	opened, err := f.QueryContext(ctx, query, args)
	if err != nil {
		c.engine.readers.release(f)
		return nil, err
	}
	return newReaderRows(opened, func() { c.engine.readers.release(f) }), nil
}

// queryWriter reads the whole result before it lets go of the writer, so that a caller who takes its time with the
// rows, or writes while it ranges over them, holds up nobody.
func (c *conn) queryWriter(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	f, err := c.engine.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer c.engine.release()
	var result *bufferedRows
	err = c.engine.retryBusy(ctx, func() error {
		opened, err := f.QueryContext(ctx, query, args)
		if err != nil {
			return err
		}
		result, err = bufferRows(opened)
		return err
	})
	if err != nil {
		return nil, err
	}
	return result, nil
}
