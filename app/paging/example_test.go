package paging_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/paging"
)

// The pages of what was searched for.
func ExampleFind() {
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
	posts := []Post{{Title: "100% cotton"}, {Title: "1000 words"}, {Title: "100% Go"}, {Title: "100% done"}}
	if err := errors.Join(db.With(ctx).AutoMigrate(&Post{}), db.With(ctx).Create(&posts).Error); err != nil {
		fmt.Println(err)
		return
	}
	list := paging.List{Search: []string{"title"}} // newest first
	request := paging.Request{Search: "100%", Limit: 2, Key: []byte("the application's key")}
	for {
		page, err := paging.Find(db.With(ctx), &posts, request, list)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, post := range posts {
			fmt.Println(post.Title)
		}
		if request.Cursor = page.Next; request.Cursor == "" {
			return
		}
		fmt.Println("next page")
	}
	// Output:
	// 100% done
	// 100% Go
	// next page
	// 100% cotton
}
