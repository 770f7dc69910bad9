// Package workspace finds the Go workspace around an application. A go.work file that does not list the application,
// such as that of a repository in which it was created, makes the go command refuse to build it:
//
//	cmd := exec.CommandContext(ctx, "go", "build", "./...")
//	cmd.Dir, cmd.Env = root, workspace.Environ(root, os.Environ())
package workspace

import (
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
)

// fileName is the name of the file that makes a folder a workspace.
const fileName = "go.work"

// Foreign returns the path of the go.work file that the go command finds from root upwards, if its "use" lines do not
// list root; otherwise "". A GOWORK in environ is the user's own choice: it is never foreign. Root is an absolute path.
func Foreign(root string, environ []string) string {
	if value, set := lookup(environ, "GOWORK"); set && value != "" {
		return ""
	}
	file := find(root)
	if file == "" {
		return ""
	}
	text, err := os.ReadFile(file) //nolint:gosec // the file that the go command reads
	if err != nil {
		return "" // the go command reports it
	}
	work, err := modfile.ParseWork(file, text, nil)
	if err != nil {
		return "" // likewise
	}
	for _, use := range work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(file), dir)
		}
		if same(dir, root) {
			return ""
		}
	}
	return file
}

// Environ returns environ for a go command in root: with GOWORK=off if the workspace is foreign, and unchanged
// otherwise.
func Environ(root string, environ []string) []string {
	if Foreign(root, environ) == "" {
		return environ
	}
	return append(environ[:len(environ):len(environ)], "GOWORK=off")
}

// find returns the go.work file of root or of the nearest folder above it.
func find(root string) string {
	for dir := filepath.Clean(root); ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, fileName)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// same reports whether two paths are the same folder, following symbolic links.
func same(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// lookup returns the last value of a variable, which is the effective one.
func lookup(environ []string, name string) (value string, set bool) {
	for _, variable := range environ {
		if rest, found := strings.CutPrefix(variable, name+"="); found {
			value, set = rest, true
		}
	}
	return value, set
}
