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
	// "2nd post" cannot be the name of a resource: it has other characters; a name is made of letters (first), digits, _ and -, with one / after a namespace, as in post, BlogPost, blog_post or shop/product; "nd_post" would do
}
