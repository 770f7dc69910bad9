// Package source finds the files of an application:
//
//	err := source.Walk(root, func(path string) error {
//		fmt.Println(path) // app/routes.go
//		return nil
//	})
package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Walk calls visit with the path of each file of the application in root, relative to it and with slashes, in lexical
// order. It skips hidden folders, data, vendored code and nested modules.
func Walk(root string, visit func(path string) error) error {
	if resolved, err := filepath.EvalSymlinks(root); err == nil { // a link is a file to WalkDir
		root = resolved
	}
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && foreign(path, entry.Name()):
			return fs.SkipDir
		case entry.IsDir():
			return nil
		}
		relative, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(relative))
	})
}

// foreign reports whether a folder is not part of the application.
func foreign(path, name string) bool {
	if strings.HasPrefix(name, ".") || name == "vendor" || name == "node_modules" || name == "storage" {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod")) // a nested module
	return err == nil
}
