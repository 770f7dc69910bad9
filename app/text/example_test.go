package text_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/covetgo/covet/app/text"
)

func Example() {
	// An application embeds the folder app/texts instead.
	files := fstest.MapFS{
		"en.yaml": {Data: []byte("posts: {one: \"{n} post\", other: \"{n} posts\"}")},
		"de.yaml": {Data: []byte("posts: {one: \"{n} Beitrag\", other: \"{n} Beiträge\"}")},
	}
	texts := text.MustLoad("", files, ".")
	catalogue, err := text.NewCatalogue(text.Config{}, texts)
	if err != nil {
		panic(err)
	}
	for _, header := range []string{"", "de-AT, en;q=0.5"} { // Accept-Language
		ctx := text.WithLocale(context.Background(), catalogue.Match(header))
		fmt.Println(texts.T(ctx, "posts", "n", 1), "of", texts.T(ctx, "posts", "n", 1234))
	}
	// Output:
	// 1 post of 1,234 posts
	// 1 Beitrag of 1.234 Beiträge
}
