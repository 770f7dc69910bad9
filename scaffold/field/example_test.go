package field_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold/field"
)

func ExampleParse() {
	fields, err := field.Parse([]string{
		"title:string!", "price:decimal:10,2:index",
		"author:belongs_to:user?", "tags:many:tag",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range fields {
		fmt.Println(f, f.GoKey, f.Key, f.Column)
	}
	// Output:
	// title:string! Title title title
	// price:decimal(10,2):index Price price price
	// author:belongs_to:user? AuthorID author_id author_id
	// tags:many:tag TagIDs tag_ids
}

func ExampleError_Detail() {
	_, err := field.Parse([]string{"title:string:uniqe"})
	var refused *field.Error
	if errors.As(err, &refused) {
		mark, _, _ := strings.Cut(refused.Detail(), "\n\n")
		fmt.Println(refused)
		fmt.Println(mark)
	}
	// Output:
	// reading field "title:string:uniqe": character 14: there is no modifier uniqe; did you mean unique?
	//     title:string:uniqe
	//                  ^ there is no modifier uniqe
}
