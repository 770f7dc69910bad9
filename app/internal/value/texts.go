package value

import (
	"embed"

	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("input", files, "texts")

// Texts returns the messages about input that cannot be read.
func Texts() *text.Set { return texts }
