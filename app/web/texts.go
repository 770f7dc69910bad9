package web

import (
	"embed"

	"github.com/covetgo/covet/app/text"
)

//go:embed texts/*.yaml
var files embed.FS

var texts = text.MustLoad("web", files, "texts")

// Texts returns the texts of this package and of package ui.
func Texts() *text.Set { return texts }

// LanguagePath is where a form posts the language that a visitor chooses, as "language", and the path to go back to, as
// "back". Applications with more than one language have it; see ui.LanguageMenu.
const LanguagePath = "/language"
