// Package assets contains the static files of Covet App.
package assets

import (
	"embed"

	"github.com/covetgo/covet/app/web"
)

//go:embed css img js
var files embed.FS

// Bundle serves the files under /assets/, with names that change with their content.
var Bundle = web.MustAssets(files, "/assets/")

// URL returns the address of a file, such as "css/app.css".
func URL(name string) (string, error) { return Bundle.URL(name) }
