package database_test

import (
	"context"
	"fmt"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

// A transaction travels in the context, and hooks run once it is committed.
func Example() {
	db, err := database.Open(database.Config{URL: "sqlite::memory:"}, nil, sqlite.Driver{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = db.Close() }()
	ctx := context.Background()

	type Post struct {
		ID    int64
		Title string
	}
	if err := db.With(ctx).AutoMigrate(&Post{}); err != nil {
		fmt.Println(err)
		return
	}
	err = db.Transaction(ctx, func(ctx context.Context) error {
		database.AfterCommit(ctx, func(context.Context) { fmt.Println("committed") })
		return db.With(ctx).Create(&Post{Title: "Hello"}).Error
	})
	if err != nil {
		fmt.Println(err)
	}
	var count int64
	db.With(ctx).Model(&Post{}).Count(&count)
	fmt.Println(count, "post")
	// Output:
	// committed
	// 1 post
}

// Passwords do not belong into logs.
func ExampleRedactURL() {
	fmt.Println(database.RedactURL("postgres://blog:secret@localhost/blog"))
	// Output: postgres://blog:xxxxx@localhost/blog
}
