// Package templates contains the text templates of generators, one folder per kind. A file of the same name in
// .covet/templates of an application overrides one.
package templates

import "embed"

// FS holds the templates: resource/model.go.tmpl.
//
//go:embed */*.tmpl
var FS embed.FS
