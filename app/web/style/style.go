// Package style contains the design tokens of Covet's own pages: colors, type and sizes, as CSS custom properties. The
// admin, the API documentation and the pages under /dev use them. An application has its own copy in
// app/assets/css/tokens.css.
package style

import (
	_ "embed" // for the stylesheet
	"io/fs"
)

// Tokens is the stylesheet with the tokens.
//
//go:embed tokens.css
var Tokens string

// With returns fsys with the tokens prepended to its stylesheet name, so that a page needs one stylesheet.
func With(fsys fs.FS, name string) fs.FS { return styled{fsys, name} }

// styled replaces one file of its embedded files.
type styled struct {
	fs.FS
	name string
}

// ReadFile implements [fs.ReadFileFS].
func (s styled) ReadFile(name string) ([]byte, error) {
	content, err := fs.ReadFile(s.FS, name)
	if err != nil || name != s.name {
		return content, err
	}
	return append([]byte(Tokens+"\n"), content...), nil
}
