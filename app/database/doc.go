// Package database opens SQLite, PostgreSQL and MySQL/MariaDB behind one handle: GORM for queries, transactions that
// travel in the context, hooks that run after the commit, and locks between processes.
//
//	db, err := database.Open(database.Config{URL: "sqlite:storage/app.db"}, slog.Default(), sqlite.Driver{})
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//
//	err = db.Transaction(ctx, func(ctx context.Context) error {
//		if err := db.With(ctx).Create(&post).Error; err != nil {
//			return err
//		}
//		return notify(ctx, post) // whatever uses db.With(ctx) takes part in the transaction
//	})
//
// # Drivers
//
// This package links no driver. Each lives in a package of its own (sqlite, postgres, mysql) and is handed to [Open]
// as a value, so that an application carries only those it names. The scheme of the URL chooses among them.
//
// # Transactions
//
// [DB.Transaction] puts the transaction into the context that it hands to its function; [DB.With] takes it out again.
// A nested call is a savepoint. [Join] does the same for a transaction begun with GORM's own API, and [Detach] gives
// a context outside the transaction.
//
// A statement that carries a transaction in its context but runs on a handle outside of it, as
// db.With(context.Background()).WithContext(txCtx) would, fails with [ErrOuterHandle] on every dialect: it would
// neither see nor take part in the transaction. On SQLite, where there is one writer, writing on the outer handle while
// the transaction holds it fails with the same error: at once under a context of [Detach], and after
// Config.BusyTimeout under the context that the transaction was begun with.
//
// # Errors
//
// Errors of the three dialects are told apart with errors.Is: gorm.ErrRecordNotFound, gorm.ErrDuplicatedKey,
// gorm.ErrForeignKeyViolated, gorm.ErrCheckConstraintViolated, and [ErrConflict] for a transaction that lost against
// another one and may be tried again. The driver's own error stays reachable with errors.As.
//
// # Times
//
// Times are stored and read as UTC with microsecond precision or better. On MySQL use DATETIME(6) columns; DATETIME
// alone keeps whole seconds.
package database
