// Package insert inserts code into Go files that users edit, and removes it again. It finds the position in the syntax
// tree, independent of formatting, names of variables and other code:
//
//	edit := insert.Edit{
//		Dir:     "app",
//		Prefer:  "routes.go",
//		Place:   insert.Function{Param: "github.com/covetgo/covet/app.App"},
//		Code:    "{pkg}.Routes({var})",
//		Package: insert.Import{Path: "blog/app/posts", Name: "posts"},
//	}
//	files, outcome, err := edit.Add(source)
//
// Only the lines of the code and of its import change. If the position is not found, the outcome is [Unable], and
// [Edit.Snippet] returns the code for the user to insert.
package insert
