// Package inflect derives every name that generated code needs for a thing from one name that a person gives:
//
//	name, err := inflect.Parse("blog_posts")
//	if err != nil {
//		return err
//	}
//	fmt.Println(name.Type, name.Table, name.Path, name.Folder) // BlogPost blog_posts /blog-posts app/blogposts
//
// The plurals, and the names of tables and columns, are those that GORM derives from the Go names, so that models need
// no tags for them.
package inflect
