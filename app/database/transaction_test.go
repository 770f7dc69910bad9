package database_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/database"
)

var errRefused = errors.New("refused")

func create(ctx context.Context, db *database.DB, name string) error {
	return db.With(ctx).Create(&Author{Name: name}).Error
}

func wantNames(t *testing.T, db *database.DB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), names(t, db.With(t.Context()))); diff != "" {
		t.Errorf("authors (-want +got):\n%s", diff)
	}
}

func TestTransactionCommitsAndRollsBack(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error { return create(ctx, db, "Ada") }))
		err := db.Transaction(t.Context(), func(ctx context.Context) error {
			must(t, create(ctx, db, "Bob"))
			if got := names(t, db.With(ctx)); len(got) != 2 {
				t.Errorf("the transaction sees %v", got)
			}
			return errRefused
		})
		if err != errRefused { //nolint:errorlint // the very error of the function is promised
			t.Errorf("error is %v, want the function's own", err)
		}
		wantNames(t, db, "Ada")
	})
}

func TestTransactionNested(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
			must(t, create(ctx, db, "Ada"))
			inner := db.Transaction(ctx, func(ctx context.Context) error {
				must(t, create(ctx, db, "Bob"))
				must(t, db.Transaction(ctx, func(ctx context.Context) error { return create(ctx, db, "Cid") }))
				return errRefused
			})
			if !errors.Is(inner, errRefused) {
				t.Errorf("inner error is %v", inner)
			}
			// A failed statement ends a PostgreSQL transaction, unless a savepoint is around it.
			duplicate := db.Transaction(ctx, func(ctx context.Context) error { return create(ctx, db, "Ada") })
			if !errors.Is(duplicate, gorm.ErrDuplicatedKey) {
				t.Errorf("duplicate error is %v", duplicate)
			}
			return db.Transaction(ctx, func(ctx context.Context) error { return create(ctx, db, "Dan") })
		}))
		wantNames(t, db, "Ada", "Dan")
	})
}

func TestTransactionPanic(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		func() {
			defer func() {
				if got := recover(); got != "boom" {
					t.Errorf("recovered %v, want the panic to go on", got)
				}
			}()
			_ = db.Transaction(t.Context(), func(ctx context.Context) error {
				must(t, create(ctx, db, "Ada"))
				return db.Transaction(ctx, func(context.Context) error { panic("boom") })
			})
		}()
		wantNames(t, db)
	})
}

func TestTransactionEndsWithContext(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ctx, cancel := context.WithCancel(t.Context())
		ran := false
		err := db.Transaction(ctx, func(ctx context.Context) error {
			must(t, create(ctx, db, "Ada"))
			database.AfterCommit(ctx, func(context.Context) { ran = true })
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want the context's", err)
		}
		if ran {
			t.Error("a hook ran although nothing was committed")
		}
		must(t, create(t.Context(), db, "Bob")) // at once, on the same goroutine
		wantNames(t, db, "Bob")
	})
}

func TestTransactionOfGORMJoined(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		var ran []string
		note := func(ctx context.Context, what string) {
			if !database.AfterCommit(ctx, func(context.Context) { ran = append(ran, what) }) {
				t.Errorf("%s: no transaction in the context", what)
			}
		}
		must(t, db.With(t.Context()).Transaction(func(tx *gorm.DB) error {
			ctx := database.Join(t.Context(), tx)
			must(t, create(ctx, db, "Ada"))
			note(ctx, "outer")
			inner := tx.Transaction(func(tx *gorm.DB) error { // a savepoint of GORM's
				ctx := database.Join(ctx, tx)
				must(t, create(ctx, db, "Bob"))
				note(ctx, "dropped with the savepoint")
				return errRefused
			})
			if !errors.Is(inner, errRefused) {
				t.Errorf("inner error is %v", inner)
			}
			return db.Transaction(ctx, func(ctx context.Context) error {
				note(ctx, "inner")
				return create(ctx, db, "Cid")
			})
		}))
		wantNames(t, db, "Ada", "Cid")
		if diff := cmp.Diff([]string{"outer", "inner"}, ran); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
	})
}

func TestJoinOutsideOfTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ctx := database.Join(t.Context(), db.With(t.Context()))
		if err := create(ctx, db, "Ada"); err == nil {
			t.Error("a statement under the context succeeded")
		}
		if err := db.Transaction(ctx, func(context.Context) error { return nil }); err == nil {
			t.Error("a transaction under the context succeeded")
		}
		if database.AfterCommit(ctx, func(context.Context) {}) {
			t.Error("a hook was registered without a transaction")
		}
	})
}

func TestAfterCommit(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		var ran []string
		hook := func(ctx context.Context, name string) {
			database.AfterCommit(ctx, func(ctx context.Context) {
				ran = append(ran, name)
				if database.AfterCommit(ctx, func(context.Context) {}) {
					t.Errorf("%s: the hook's context still carries the transaction", name)
				}
				must(t, create(ctx, db, name)) // on the outer handle, without waiting for itself
			})
		}
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
			hook(ctx, "1")
			must(t, db.Transaction(ctx, func(ctx context.Context) error { hook(ctx, "2"); return nil }))
			_ = db.Transaction(ctx, func(ctx context.Context) error { hook(ctx, "dropped"); return errRefused })
			hook(ctx, "3")
			if len(ran) > 0 {
				t.Errorf("hooks %v ran before the commit", ran)
			}
			return nil
		}))
		_ = db.Transaction(t.Context(), func(ctx context.Context) error { hook(ctx, "rolled back"); return errRefused })
		if diff := cmp.Diff([]string{"1", "2", "3"}, ran); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
		wantNames(t, db, "1", "2", "3")
		if database.AfterCommit(t.Context(), func(context.Context) {}) {
			t.Error("a hook was registered outside of a transaction")
		}
	})
}

func TestOuterHandleInsideTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		must(t, create(t.Context(), db, "Ada"))
		outer := db.With(t.Context())
		err := db.Transaction(t.Context(), func(ctx context.Context) error {
			handle := outer.WithContext(ctx) // carries the transaction, runs outside of it
			var found []Author
			for what, err := range map[string]error{
				"create": handle.Create(&Author{Name: "Bob"}).Error,
				"find":   handle.Find(&found).Error,
				"exec":   handle.Exec("DELETE FROM authors").Error,
				"row":    handle.Raw("SELECT 1").Row().Err(),
				"begin":  handle.Begin().Error,
			} {
				if !errors.Is(err, database.ErrOuterHandle) {
					t.Errorf("%s: error is %v, want ErrOuterHandle", what, err)
				}
			}
			return create(ctx, db, "Cid")
		})
		must(t, err)
		wantNames(t, db, "Ada", "Cid")
	})
}

func TestDetach(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		_ = db.Transaction(t.Context(), func(ctx context.Context) error {
			must(t, create(ctx, db, "Ada"))
			err := create(database.Detach(ctx), db, "Bob")
			if db.Embedded() && !errors.Is(err, database.ErrOuterHandle) {
				t.Errorf("SQLite: error is %v, want ErrOuterHandle", err)
			}
			if !db.Embedded() && err != nil {
				t.Errorf("writing outside of the transaction: %v", err)
			}
			return errRefused
		})
		if db.Embedded() {
			wantNames(t, db)
		} else {
			wantNames(t, db, "Bob")
		}
	})
}

func TestTransactionsOfTwoDatabases(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db, other := openLibrary(t, url), openLibrary(t, "sqlite::memory:")
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error {
			must(t, create(ctx, db, "Ada"))
			_ = other.Transaction(ctx, func(ctx context.Context) error {
				must(t, create(ctx, db, "Bob"))
				must(t, create(ctx, other, "Cid"))
				return errRefused
			})
			return nil
		}))
		wantNames(t, db, "Ada", "Bob")
		wantNames(t, other)
	})
}

// TestContextOutlivesTransaction uses a transaction's context when it is over, as a forgotten goroutine would.
func TestContextOutlivesTransaction(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		var kept context.Context
		must(t, db.Transaction(t.Context(), func(ctx context.Context) error { kept = ctx; return nil }))
		if err := create(kept, db, "Ada"); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("create: error is %v, want ErrTxDone", err)
		}
		err := db.Transaction(kept, func(context.Context) error { t.Error("the function ran"); return nil })
		if !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("transaction: error is %v, want ErrTxDone", err)
		}
		if database.AfterCommit(kept, func(context.Context) {}) {
			t.Error("a hook was registered after the commit")
		}
		wantNames(t, db)
	})
}

// TestPreparedSessions lets GORM keep prepared statements, with which it wraps pools and transactions of its own.
func TestPreparedSessions(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		db := openLibrary(t, url)
		ran := false
		handle := db.With(t.Context()).Session(&gorm.Session{PrepareStmt: true})
		must(t, handle.Transaction(func(tx *gorm.DB) error {
			ctx := database.Join(t.Context(), tx)
			database.AfterCommit(ctx, func(context.Context) { ran = true })
			if err := handle.WithContext(ctx).Create(&Author{Name: "outside"}).Error; !errors.Is(err, database.ErrOuterHandle) {
				t.Errorf("outside: error is %v, want ErrOuterHandle", err)
			}
			for _, name := range []string{"Ada", "Bob"} {
				must(t, tx.Create(&Author{Name: name}).Error)
			}
			return create(ctx, db, "Cid")
		}))
		if !ran {
			t.Error("the hook did not run")
		}
		must(t, handle.Create(&Author{Name: "Dan"}).Error)
		var found Author
		must(t, handle.First(&found, "name = ?", "Dan").Error)
		wantNames(t, db, "Ada", "Bob", "Cid", "Dan")
	})
}
