package migrations

import (
	"embed"
	"io/fs"
)

//go:embed covet auth
var files embed.FS

// Library is the line of the library's own tables, all of which begin with "covet_". It comes before the
// application's.
func Library() Line { return embedded("covet") }

// Accounts is the line of package auth: the table users, and those of roles, sessions and tokens, which begin with
// "covet_". It comes after the library's and before the application's, which may add columns to users.
func Accounts() Line { return embedded("auth") }

func embedded(name string) Line {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folders are embedded above
	}
	return Line{Name: name, FS: sub}
}
