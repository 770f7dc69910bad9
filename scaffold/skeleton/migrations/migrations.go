// Package migrations holds the tables of Covet App: one folder a database, with
// the same versions in each. Start the next one with: covet migrate create NAME.
package migrations

import (
	"embed"

	covetmigrations "github.com/covetgo/covet/migrations"
)

//go:embed all:*
var files embed.FS

// Line returns the application's migrations.
func Line() covetmigrations.Line { return covetmigrations.Line{Name: "app", FS: files} }
