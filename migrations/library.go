package migrations

import (
	"embed"
	"io/fs"
)

//go:embed covet auth
var files embed.FS

// Library is the source of the library's own tables, all of which begin with "covet_". It comes before the
// application's.
func Library() Source { return embedded("covet") }

// Accounts is the source of package auth: the table users, and the tables of roles, sessions, tokens and pending
// log-ins, which begin with "covet_". It follows the library's source and precedes the application's, which may add
// columns to users.
func Accounts() Source { return embedded("auth") }

func embedded(name string) Source {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folders are embedded above
	}
	return Source{Name: name, FS: sub}
}
