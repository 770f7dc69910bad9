// Package migrations contains the schema of the library's own tables and runs sources of migrations: first the
// library's, then the application's. Each source has a version table, and all of them share one lock.
//
//	//go:embed all:sqlite all:postgres
//	var files embed.FS
//
//	runner := migrations.NewRunner(db, migrations.Library(), migrations.Source{Name: "app", FS: files})
//	applied, err := runner.Up(ctx)
//
// A source has one folder for each dialect, with the same versions in each:
//
//	sqlite/20261123090000_create_posts.sql
//	postgres/20261123090000_create_posts.sql
//
// The files have goose's format: statements that end with a semicolon under "-- +goose Up", and their reversal under
// "-- +goose Down". [Create] writes new files. Versions are times, so that branches rarely collide. Migrations older
// than the latest applied one, for example of a merged branch, are applied like any other.
//
// # What happens when a migration fails
//
// Each file runs in its own transaction, together with its entry in the version table, so it is applied completely or
// not at all. There are two exceptions: MySQL commits every CREATE, ALTER and DROP immediately, and a file can disable
// the transaction with "-- +goose NO TRANSACTION". The error, an [*Error], says which case applies.
//
// On SQLite, foreign keys are not enforced while migrations run: SQLite changes a table by rebuilding it, and dropping
// the old table would delete the rows that reference it. Instead each transaction is checked before its commit, and
// rolled back if it leaves references to rows that do not exist.
package migrations
