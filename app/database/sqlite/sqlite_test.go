package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

func TestMain(m *testing.M) {
	if url := os.Getenv("COVET_TEST_WRITE_TO"); url != "" {
		writeAsChild(url) // this process is a child of TestConcurrentWrites
		return
	}
	goleak.VerifyTestMain(m)
}

// entry is a row.
type entry struct {
	ID   int64
	Text string
}

func open(t *testing.T, cfg database.Config) *database.DB {
	t.Helper()
	if cfg.URL == "" {
		cfg.URL = "sqlite:" + filepath.Join(t.TempDir(), "app.db")
	}
	db, err := database.Open(cfg, nil, sqlite.Driver{})
	must(t, err)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	must(t, db.With(t.Context()).Exec("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, text TEXT)").Error)
	return db
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, handle *gorm.DB) int64 {
	t.Helper()
	var n int64
	must(t, handle.Model(&entry{}).Count(&n).Error)
	return n
}

const (
	writers      = 50
	writesOfEach = 40
)

// writeAll writes from many goroutines, in the ways there are, and reads in between.
func writeAll(ctx context.Context, db *database.DB) error {
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := 0; i < writesOfEach && errs[w] == nil; i++ {
				errs[w] = writeOnce(ctx, db, i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func writeOnce(ctx context.Context, db *database.DB, i int) error {
	switch i % 4 {
	case 0:
		return db.With(ctx).Create(&entry{Text: "created"}).Error // INSERT … RETURNING in a transaction
	case 1:
		return db.With(ctx).Exec("INSERT INTO entries (text) VALUES (?)", "executed").Error
	case 2:
		var id int64
		return db.With(ctx).Raw("INSERT INTO entries (text) VALUES (?) RETURNING id", "returned").Row().Scan(&id)
	}
	return db.Transaction(ctx, func(ctx context.Context) error {
		var last entry // reads first and writes then: the pattern that fails without BEGIN IMMEDIATE
		if err := db.With(ctx).Last(&last).Error; err != nil {
			return err
		}
		return db.With(ctx).Create(&entry{Text: "in a transaction"}).Error
	})
}

// TestConcurrentWrites writes through two handles and from a second process at once.
func TestConcurrentWrites(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "app.db")
	db, other := open(t, database.Config{URL: url}), open(t, database.Config{URL: url})
	child := exec.CommandContext(t.Context(), os.Args[0]) // this test binary
	child.Env = append(os.Environ(), "COVET_TEST_WRITE_TO="+url)
	output := &strings.Builder{}
	child.Stdout, child.Stderr = output, output

	start := time.Now()
	must(t, child.Start())
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, db := range []*database.DB{db, other} {
		wg.Go(func() { errs[i] = writeAll(t.Context(), db) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Errorf("writing: %v", err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the other process: %v\n%s", err, output)
	}
	elapsed := time.Since(start)
	const want = 3 * writers * writesOfEach
	if got := count(t, db.With(t.Context())); got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
	t.Logf("%d writes in %s: %.0f a second", want, elapsed, want/elapsed.Seconds())
}

func writeAsChild(url string) {
	db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{})
	if err == nil {
		err = errors.Join(writeAll(context.Background(), db), db.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// What a trigger raises is the application's, and no foreign key that is violated.
func TestTriggersRaise(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{})
	for _, text := range []string{
		"It stays.", "FOREIGN KEY constraint failed, or so",
		"See: FOREIGN KEY constraint failed",
	} {
		must(t, db.With(t.Context()).Exec("CREATE TRIGGER keep BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, '"+
			text+"'); END").Error)
		must(t, db.With(t.Context()).Create(&entry{Text: text}).Error)
		err := db.With(t.Context()).Delete(&entry{}, "text = ?", text).Error
		if err == nil || !strings.Contains(err.Error(), text) || errors.Is(err, gorm.ErrForeignKeyViolated) {
			t.Errorf("%s: error is %v", text, err)
		}
		must(t, db.With(t.Context()).Exec("DROP TRIGGER keep").Error)
	}
}

func TestConcurrentWritesInMemory(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{URL: "sqlite::memory:"})
	must(t, writeAll(t.Context(), db))
	if got := count(t, db.With(t.Context())); got != writers*writesOfEach {
		t.Errorf("%d rows, want %d", got, writers*writesOfEach)
	}
}

func TestMemoryIsPrivate(t *testing.T) {
	t.Parallel()
	db, other := open(t, database.Config{URL: "sqlite::memory:"}), open(t, database.Config{URL: "sqlite::memory:"})
	must(t, db.With(t.Context()).Create(&entry{}).Error)
	if got := count(t, other.With(t.Context())); got != 0 {
		t.Errorf("another database has %d rows", got)
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "foreign_keys": "1", "synchronous": "1"} {
		var got string
		must(t, db.With(t.Context()).Raw("PRAGMA "+pragma).Row().Scan(&got))
		if got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

// TestOuterHandleUnderTheSameContext would wait for itself without a timeout.
func TestOuterHandleUnderTheSameContext(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{BusyTimeout: 20 * time.Millisecond})
	outer := t.Context()
	start := time.Now()
	must(t, db.Transaction(outer, func(context.Context) error {
		for what, err := range map[string]error{
			"create":      db.With(outer).Create(&entry{}).Error,
			"transaction": db.Transaction(outer, func(context.Context) error { return nil }),
			"returning": db.With(outer).
				Raw("INSERT INTO entries (text) VALUES ('') RETURNING id").Scan(new(int64)).Error,
		} {
			if !errors.Is(err, database.ErrOuterHandle) || !errors.Is(err, database.ErrConflict) {
				t.Errorf("%s: error is %v, want ErrOuterHandle and ErrConflict", what, err)
			}
		}
		if got := count(t, db.With(outer)); got != 0 { // reading what is committed is harmless
			t.Errorf("%d rows are committed", got)
		}
		return nil
	}))
	must(t, db.With(outer).Transaction(func(tx *gorm.DB) error { // GORM's own
		if err := db.With(outer).Create(&entry{}).Error; !errors.Is(err, database.ErrOuterHandle) {
			t.Errorf("in GORM's transaction: error is %v, want ErrOuterHandle", err)
		}
		return tx.Create(&entry{}).Error
	}))
	if elapsed := time.Since(start); elapsed > 10*time.Second {
		t.Errorf("it took %s", elapsed)
	}
}

// TestDetachedHandleFailsAtOnce writes under a context that was detached from the open transaction.
func TestDetachedHandleFailsAtOnce(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{BusyTimeout: time.Hour})
	var kept context.Context
	must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
		kept = database.Detach(ctx)
		err := db.With(kept).Create(&entry{}).Error
		if !errors.Is(err, database.ErrOuterHandle) || errors.Is(err, database.ErrConflict) {
			t.Errorf("error is %v, want ErrOuterHandle alone", err)
		}
		return nil
	}))
	must(t, db.With(kept).Create(&entry{}).Error) // the transaction has ended
}

// TestOuterHandleOnAnotherGoroutine is a deadlock that only the timeout ends.
func TestOuterHandleOnAnotherGoroutine(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{BusyTimeout: 100 * time.Millisecond})
	write := func(ctx context.Context) error {
		result := make(chan error)
		go func() { result <- db.With(ctx).Create(&entry{}).Error }()
		return <-result
	}
	outer := t.Context()
	must(t, db.Transaction(outer, func(context.Context) error {
		unrelated, cancelUnrelated := context.WithCancel(context.Background())
		defer cancelUnrelated()
		err := write(unrelated)
		if !errors.Is(err, database.ErrConflict) || errors.Is(err, database.ErrOuterHandle) ||
			!strings.Contains(err.Error(), "another transaction has held it") {
			t.Errorf("error is %v, want ErrConflict and the cause", err)
		}
		ctx, cancel := context.WithTimeout(outer, 10*time.Millisecond)
		defer cancel()
		if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want the context's", err)
		}
		return nil
	}))
	must(t, db.With(t.Context()).Create(&entry{}).Error)
}

// TestAnotherProcessHoldsTheLock waits for a connection that does not give way.
func TestAnotherProcessHoldsTheLock(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "app.db")
	db := open(t, database.Config{URL: url, BusyTimeout: 200 * time.Millisecond})
	other := open(t, database.Config{URL: url})
	outer := t.Context()
	must(t, other.Transaction(outer, func(context.Context) error {
		if err := db.With(outer).Create(&entry{}).Error; !errors.Is(err, database.ErrConflict) {
			t.Errorf("create: error is %v, want ErrConflict", err)
		}
		if err := db.With(outer).Exec("DELETE FROM entries").Error; !errors.Is(err, database.ErrConflict) {
			t.Errorf("exec: error is %v, want ErrConflict", err)
		}
		ctx, cancel := context.WithTimeout(outer, 20*time.Millisecond)
		defer cancel()
		if err := db.With(ctx).Create(&entry{}).Error; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v, want the context's", err)
		}
		count(t, db.With(outer)) // reading goes on
		return nil
	}))
	must(t, db.With(t.Context()).Create(&entry{}).Error)
}

// TestWritingWhileReading ranges over rows and writes.
func TestWritingWhileReading(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "app.db"), "sqlite::memory:"} {
		db := open(t, database.Config{URL: url, BusyTimeout: time.Second})
		must(t, db.With(t.Context()).Create([]entry{{}, {}, {}}).Error)
		for _, query := range []string{"SELECT id FROM entries", "UPDATE entries SET text = 'seen' RETURNING id"} {
			before := count(t, db.With(t.Context()))
			createForEach(t, db, query)
			if got := count(t, db.With(t.Context())); got != 2*before {
				t.Errorf("%s: %d rows, want %d", query, got, 2*before)
			}
		}
	}
}

// createForEach writes while it ranges over what query returns.
func createForEach(t *testing.T, db *database.DB, query string) {
	t.Helper()
	rows, err := db.With(t.Context()).Raw(query).Rows()
	must(t, err)
	defer func() { must(t, rows.Close()) }()
	for rows.Next() {
		must(t, db.With(t.Context()).Create(&entry{}).Error)
	}
	must(t, rows.Err())
}

// TestTransactionsByHand would leave the shared connection inside of one.
func TestTransactionsByHand(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{})
	for _, query := range []string{
		"BEGIN", "begin immediate", "SAVEPOINT a", "COMMIT", "END", "ROLLBACK", "RELEASE a", "/* so */ BEGIN;",
		"INSERT INTO entries (text) VALUES ('a'); BEGIN",
	} {
		if err := db.With(t.Context()).Exec(query).Error; err == nil {
			t.Errorf("%q was accepted", query)
		}
	}
	must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
		return db.With(ctx).Create(&entry{Text: "b"}).Error
	}))
	if got := count(t, db.With(t.Context())); got != 2 {
		t.Errorf("%d rows, want 2", got)
	}
}

func TestReadOnlyTransaction(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{})
	tx := db.With(t.Context()).Begin(&sql.TxOptions{ReadOnly: true})
	must(t, tx.Error)
	var before, after int64
	must(t, tx.Model(&entry{}).Count(&before).Error)
	must(t, db.With(t.Context()).Create(&entry{}).Error) // nobody waits for readers
	must(t, tx.Model(&entry{}).Count(&after).Error)
	if before != 0 || after != 0 {
		t.Errorf("the snapshot has %d, then %d rows", before, after)
	}
	if err := tx.Create(&entry{}).Error; err == nil {
		t.Error("a read-only transaction wrote")
	}
	must(t, tx.Rollback().Error)
	must(t, db.With(t.Context()).Create(&entry{}).Error)
}

func TestPreparedStatements(t *testing.T) {
	t.Parallel()
	db := open(t, database.Config{})
	pool, err := db.With(t.Context()).DB()
	must(t, err)
	insert, err := pool.PrepareContext(t.Context(), "INSERT INTO entries (text) VALUES (?) RETURNING id")
	must(t, err)
	t.Cleanup(func() { _ = insert.Close() })
	read, err := pool.PrepareContext(t.Context(), "SELECT text FROM entries WHERE id = ?")
	must(t, err)
	t.Cleanup(func() { _ = read.Close() })
	for i := range 3 {
		var id int64
		must(t, insert.QueryRowContext(t.Context(), fmt.Sprint("text ", i)).Scan(&id))
		var text string
		must(t, read.QueryRowContext(t.Context(), id).Scan(&text))
		if text != fmt.Sprint("text ", i) {
			t.Errorf("read %q", text)
		}
	}
}

func TestCloseDuringTransaction(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := database.Open(database.Config{URL: "sqlite:" + path}, nil, sqlite.Driver{})
	must(t, err)
	must(t, db.With(t.Context()).Exec("CREATE TABLE entries (id INTEGER PRIMARY KEY, text TEXT)").Error)
	began, closed := make(chan struct{}), make(chan error)
	go func() {
		<-began
		closed <- db.Close()
	}()
	must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
		close(began)
		return db.With(ctx).Create(&entry{}).Error
	}))
	must(t, <-closed)
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the write-ahead log was left behind: %v", err)
	}
	if got := count(t, open(t, database.Config{URL: "sqlite:" + path}).With(t.Context())); got != 1 {
		t.Errorf("%d rows, want 1", got)
	}
}

// TestPathsAreTakenLiterally uses characters that mean something in a URL.
func TestPathsAreTakenLiterally(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	open(t, database.Config{URL: "sqlite:" + dir + "/one two%3F%23%25&ü.db"})
	if _, err := os.Stat(filepath.Join(dir, "one two?#%&ü.db")); err != nil {
		t.Error(err)
	}
}

// TestInterruption ends statements in their middle and goes on with the same connection.
func TestInterruption(t *testing.T) {
	t.Parallel()
	const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "app.db"), "sqlite::memory:"} {
		db := open(t, database.Config{URL: url})
		must(t, db.With(t.Context()).Create(&entry{}).Error)
		for _, query := range []string{
			endless + "INSERT INTO entries (text) SELECT i FROM n", endless + "SELECT COUNT(*) FROM n",
			endless + "INSERT INTO entries (text) SELECT i FROM n RETURNING id",
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			if err := db.With(ctx).Exec(query).Error; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("exec %s: error is %v, want the context's", query, err)
			}
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 30*time.Millisecond)
			if err := db.With(ctx).Raw(query).Scan(new(int64)).Error; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("query %s: error is %v, want the context's", query, err)
			}
			cancel()
			if got := count(t, db.With(t.Context())); got != 1 {
				t.Errorf("%d rows, want 1", got)
			}
		}
		must(t, db.With(t.Context()).Create(&entry{}).Error)
	}
}

// TestCancellations ends statements and transactions at any moment; none may keep a connection.
func TestCancellations(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "app.db"), "sqlite::memory:"} {
		db := open(t, database.Config{URL: url, MaxOpenConns: 2})
		var wg sync.WaitGroup
		var committed atomic.Int64
		for w := range writers {
			wg.Go(func() {
				for i := range writesOfEach {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(w*i)*time.Microsecond)
					err := db.Transaction(ctx, func(ctx context.Context) error {
						return errors.Join(db.With(ctx).Create(&entry{}).Error, db.With(ctx).Find(&[]entry{}).Error)
					})
					_ = db.With(ctx).Find(&[]entry{}) // may fail as well
					if err == nil {
						committed.Add(1)
					} else if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, sql.ErrTxDone) {
						t.Errorf("error is %v", err)
					}
					cancel()
				}
			})
		}
		wg.Wait()
		must(t, db.With(t.Context()).Create(&entry{}).Error)
		if got, want := count(t, db.With(t.Context())), committed.Load()+1; got != want {
			t.Errorf("%d rows, want %d", got, want)
		}
	}
}

// TestManyOpenAtOnce opens a file that does not exist through many handles, each of which switches it to WAL.
func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	url := "sqlite:" + filepath.Join(t.TempDir(), "new", "app.db")
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			db, err := database.Open(database.Config{URL: url}, nil, sqlite.Driver{})
			if err == nil {
				err = errors.Join(db.Ping(t.Context()), db.Close())
			}
			errs[i] = err
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
}

// TestMigrationPoolBesideWrites changes the schema while the application writes.
func TestMigrationPoolBesideWrites(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "app.db"), "sqlite::memory:"} {
		db := open(t, database.Config{URL: url})
		pool, err := db.MigrationPool()
		must(t, err)
		written := make(chan error)
		go func() { written <- writeAll(t.Context(), db) }()
		for i := range 20 {
			tx, err := pool.BeginTx(t.Context(), nil)
			must(t, err)
			_, err = tx.ExecContext(t.Context(), fmt.Sprintf("CREATE TABLE t%d (id INTEGER PRIMARY KEY)", i))
			must(t, err)
			must(t, tx.Commit())
		}
		must(t, <-written)
		must(t, pool.Close())
	}
}
