package cli

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"

	"github.com/covetgo/covet/app/exit"
)

const libraryPath = "github.com/covetgo/covet"

// errNoProject is returned when a command needs an application and there is none.
var errNoProject = errors.New("there is no Covet application in this folder or above it")

// A project is an application on disk.
type project struct {
	root string // absolute
	name string // of the folder in cmd/
}

// currentProject finds the application around the working directory.
func currentProject() (project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return project{}, fmt.Errorf("finding the application: %w", err)
	}
	return findProject(dir)
}

// findProject looks for an application in dir and the folders above it: a go.mod that requires Covet, and a command.
func findProject(dir string) (project, error) {
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			file, err := modfile.ParseLax("go.mod", mod, nil)
			switch {
			case err == nil && requiresCovet(file):
				return openProject(dir, file)
			case err != nil && strings.Contains(string(mod), libraryPath):
				return project{}, exit.New(exit.Failure, "Fix the file. \"go mod edit -fmt\" checks its syntax.",
					"reading the go.mod of %s: %w", dir, err)
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return project{}, exit.Wrap(exit.Usage,
				"Change to the folder of an application, or create one: covet new blog", errNoProject)
		}
		dir = parent
	}
}

func requiresCovet(file *modfile.File) bool {
	return slices.ContainsFunc(file.Require, func(r *modfile.Require) bool { return r.Mod.Path == libraryPath })
}

// openProject finds the command of an application: the one in cmd/ that starts Covet, or, of several, the one named
// after the module.
func openProject(root string, file *modfile.File) (project, error) {
	mains, err := filepath.Glob(filepath.Join(root, "cmd", "*", "main.go"))
	if err != nil {
		return project{}, fmt.Errorf("looking for the command of %s: %w", root, err)
	}
	var names []string
	for _, main := range mains {
		source, err := os.ReadFile(main)
		if err == nil && strings.Contains(string(source), `"`+libraryPath+`/app/command"`) {
			names = append(names, filepath.Base(filepath.Dir(main)))
		}
	}
	own := ""
	if file.Module != nil {
		prefix, _, _ := module.SplitPathVersion(file.Module.Mod.Path)
		own = path.Base(prefix)
	}
	switch {
	case len(names) == 1:
		return project{root: root, name: names[0]}, nil
	case slices.Contains(names, own):
		return project{root: root, name: own}, nil
	case len(names) == 0:
		return project{}, exit.New(exit.Failure,
			fmt.Sprintf("A command in cmd/ must import %s/app/command and call its Main.", libraryPath),
			"the application in %s has no command", root)
	default:
		return project{}, exit.New(exit.Failure,
			fmt.Sprintf("Rename one of them to cmd/%s, or run one with: go run ./cmd/%s", own, names[0]),
			"the application in %s has several commands: %s", root, strings.Join(names, ", "))
	}
}
