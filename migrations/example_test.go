package migrations_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/migrations"
)

// An application embeds its files; here they are in memory.
func ExampleRunner() {
	files := fstest.MapFS{"sqlite/20261123090000_create_posts.sql": {Data: []byte(`-- +goose Up
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL);

-- +goose Down
DROP TABLE posts;
`)}}
	db, err := database.Open(database.Config{URL: "sqlite::memory:"}, nil, sqlite.Driver{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()
	ctx := context.Background()

	runner := migrations.NewRunner(db, migrations.Source{Name: "app", FS: files})
	applied, err := runner.Up(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("applied", applied[0].Name)
	statuses, err := runner.Status(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(statuses[0].Source, statuses[0].Version, statuses[0].State)
	// Output:
	// applied create_posts
	// app 20261123090000 applied
}
