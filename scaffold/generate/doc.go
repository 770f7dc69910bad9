// Package generate writes features of an application from templates, and removes them again. Everything is rendered and
// type-checked before the first file is written:
//
//	project, err := generate.Open(".")
//	kind, err := generate.Find("resource")
//	change, err := project.Generate(kind, "post", []string{"title:string!"}, generate.Flags{})
//	err = change.Write(false)
//
// A [Kind] plans files that belong to the generator and insertions into the user's files. Each run leaves a record in
// .covet/generated: it tells the next run which files users have changed, and [Project.Destroy] what to remove.
//
// The parts are below internal, and import each other in this order:
//
//   - usage holds the errors about what was asked for;
//   - project reads the application, with the changes that are not written yet;
//   - record keeps what a run wrote;
//   - render makes files from scaffold/templates or the templates of the application;
//   - resource holds what the templates of a resource are filled with, noun those of the other kinds;
//   - change collects what is to be written, and writes it;
//   - kind plans each kind of generator, one file a kind;
//   - typecheck checks a change before it is written.
package generate
