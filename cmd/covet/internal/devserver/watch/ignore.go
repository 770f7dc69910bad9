package watch

import (
	"path"
	"strings"
)

// ignoredFolder reports whether a folder contains nothing that an application is built from or reads: hidden folders
// such as .git and .covet, dependencies, and the application's data.
func ignoredFolder(name string) bool {
	base := path.Base(name)
	switch {
	case strings.HasPrefix(base, "."), base == "node_modules":
		return true
	default:
		return name == "storage" || name == "vendor" || name == "tmp"
	}
}

// ignoredFile reports whether a file is hidden, except .env, or a temporary file of an editor.
func ignoredFile(name string) bool {
	base := path.Base(name)
	switch {
	case name == ".env":
		return false
	case strings.HasPrefix(base, "."), strings.HasSuffix(base, "~"):
		return true
	case strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#"):
		return true
	case base == "4913", strings.HasSuffix(base, "___jb_tmp___"), strings.HasSuffix(base, "___jb_old___"):
		return true
	}
	switch path.Ext(base) {
	case ".swp", ".swo", ".swx", ".tmp", ".bak", ".orig":
		return true
	}
	return false
}
