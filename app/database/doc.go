// Package database opens SQLite, PostgreSQL and MySQL/MariaDB behind one handle: GORM for queries, transactions that
// the context carries, hooks that run after the commit, and locks between processes.
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
// This package links no driver. Each driver has its own package (sqlite, postgres, mysql) and is passed to [Open] as a
// value, so that an application links only the drivers that it names. The scheme of the URL selects one.
//
// # Transactions
//
// [DB.Transaction] adds the transaction to the context of its function, and [DB.With] uses it. A nested call is a
// savepoint. [Join] does the same for a transaction that was begun with GORM's own API, and [Detach] returns a context
// outside of the transaction.
//
// A statement whose context carries a transaction but which runs on a handle outside of it, like
// db.With(context.Background()).WithContext(txCtx), fails with [ErrOuterHandle] on every dialect, because it would not
// take part in the transaction. On SQLite, which has one writer, writing on the outer handle while the transaction
// holds it fails with the same error: immediately under a context of [Detach], and after Config.BusyTimeout under the
// context with which the transaction was begun.
//
// # Errors
//
// The errors of the three dialects are distinguished with errors.Is: gorm.ErrRecordNotFound, gorm.ErrDuplicatedKey,
// gorm.ErrForeignKeyViolated, gorm.ErrCheckConstraintViolated, and [ErrConflict] for a transaction that conflicted with
// another one and may be retried. errors.As finds the driver's own error.
//
// # Times
//
// Times are stored and read as UTC with at least microsecond precision. On MySQL use DATETIME(6) columns; DATETIME
// alone stores whole seconds.
package database
