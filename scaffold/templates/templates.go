// Package templates holds the text templates of generators, one folder a kind. An application that has a file of the same
// name below .covet/templates uses that instead.
package templates

import "embed"

// FS holds the templates: resource/model.go.tmpl.
//
//go:embed */*.tmpl
var FS embed.FS
