package migrations

import (
	"embed"
	"io/fs"
)

//go:embed covet
var files embed.FS

// Library is the line of the library's own tables, all of which begin with "covet_". It comes before the
// application's.
func Library() Line {
	sub, err := fs.Sub(files, "covet")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return Line{Name: "covet", FS: sub}
}
