package inflect_test

import (
	"fmt"

	"github.com/covetgo/covet/scaffold/inflect"
)

func ExampleParse() {
	for _, name := range []string{"blog-posts", "person", "shop/product"} {
		n, err := inflect.Parse(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(n.Type, n.Table, n.Path, n.Folder, n.Import(), n.Var, n.Vars)
	}
	// Output:
	// BlogPost blog_posts /blog-posts app/blogposts blogposts blogPost blogPosts
	// Person people /people app/people people person people
	// ShopProduct shop_products /shop/products app/shop/products shopproducts product products
}

func ExampleError() {
	_, err := inflect.Parse("2nd post")
	fmt.Println(err)
	// Output:
	// "2nd post" cannot be the name of a resource: it contains other characters; a name consists of letters, digits, _ and -, starting with a letter, optionally with a namespace and a slash, such as post, BlogPost, blog_post or shop/product; "nd_post" would do
}
