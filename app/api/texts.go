package api

import (
	"embed"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("api", files, "texts")

var _ covet.TextProvider = (*Module)(nil)

// Texts implements [covet.TextProvider].
func (*Module) Texts() []*text.Set { return []*text.Set{texts} }
