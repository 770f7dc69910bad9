// Package insert adds code to Go files that people edit, and takes it out again. It finds the place in the syntax tree,
// so it does not matter how the file is formatted, what its variables are called, or what else stands in it:
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
// Only the lines of the code and of its import change. What the package cannot find it does not guess: the outcome is
// then [Unable], and [Edit.Snippet] says what to write, and where.
package insert
