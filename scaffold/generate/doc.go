// Package generate writes features of an application, from templates, and takes them back. Everything is rendered and
// type-checked before the first file is written:
//
//	project, err := generate.Open(".")
//	kind, err := generate.Find("resource")
//	change, err := project.Generate(kind, "post", []string{"title:string!"}, generate.Flags{})
//	err = change.Write(false)
//
// A [Kind] plans files that it owns and edits of files that people write. What a run has left is recorded below
// .covet/generated, so that the next run knows its files from those that people have changed, and [Project.Destroy] what
// to take back. Each kind is in a file kind_NAME.go, its templates in the folder scaffold/templates/NAME.
package generate
