// Package field reads the fields of a resource as they are written on a command line:
//
//	fields, err := field.Parse([]string{"title:string!", "price:decimal(10,2):index", "author:belongs_to:user?"})
//	if err != nil {
//		return err
//	}
//	for _, f := range fields {
//		fmt.Println(f.GoName, f.Type, f.Column)
//	}
//
// [Grammar] is the help text. Whatever is wrong is an [*Error], which says where, and what may have been meant.
package field
