package admin_test

import (
	"context"
	"fmt"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
)

type article struct {
	ID        int64
	Title     string `required:"true"`
	Published bool
}

func Example() {
	a, err := covet.New(covet.Config{Database: database.Config{URL: "sqlite::memory:"}}, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := admin.New(admin.Config{}, admin.Options{})
	admin.Register(m, admin.Resource[article]{
		List:   []string{"Title", "Publishd"},
		Search: []string{"Published"},
		Actions: []admin.Action[article]{{
			Name: "publish",
			Run: func(_ context.Context, articles []*article) (string, error) {
				return fmt.Sprintf("%d articles are published.", len(articles)), nil
			},
		}},
	})
	fmt.Println(a.Use(m))
	// Output:
	// using module "admin": resources of the admin:
	//   article: List: "Publishd" is no field of article; did you mean "Published"?
	//   article: Search: "Published" holds no text
}
