// Package migrations contains the migrations of Covet App: one folder per
// database, with the same versions in each. Create the next one with: covet
// migrate create NAME.
package migrations

import (
	"embed"

	covetmigrations "github.com/covetgo/covet/migrations"
)

//go:embed all:*
var files embed.FS

// Source returns the application's migrations.
func Source() covetmigrations.Source { return covetmigrations.Source{Name: "app", FS: files} }
