// Package migrations holds the schema of the library's own tables, and runs sources of migrations: the library's first,
// then the application's, each with a version table of its own, all under one lock.
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
// The files are goose's: statements that end with a semicolon below "-- +goose Up", their reversal below
// "-- +goose Down". [Create] writes new ones. Their versions are times, so that branches rarely collide; migrations
// older than the latest applied one, as merging a branch brings them, are applied like any other.
//
// # What happens when a migration fails
//
// Each file runs in a transaction of its own, together with the entry in the version table, so a file is applied
// entirely or not at all. There are two exceptions: MySQL commits every CREATE, ALTER and DROP at once, and a file
// may renounce the transaction with "-- +goose NO TRANSACTION". The error, an [*Error], says which holds.
//
// On SQLite, foreign keys are not enforced while migrations run, because changing a table there means to rebuild it,
// and dropping the old one would delete what refers to it. Instead each transaction is checked before it commits, and
// rolled back when it leaves references to rows that do not exist.
package migrations
