package insert

import (
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Outcome is what became of an edit.
type Outcome int

// The outcomes.
const (
	// Unable is the outcome when the place was not found. Nothing is changed.
	Unable Outcome = iota
	// Done is the outcome when the code was added, or taken out.
	Done
	// Already is the outcome when the code was there before, or was not there to be taken out.
	Already
)

// Import is a package that inserted code uses.
type Import struct {
	// Path is the import path.
	Path string
	// Name is what code calls the package.
	Name string
}

// Edit is a piece of code that belongs into a package.
type Edit struct {
	// Dir is the folder of the package, with slashes.
	Dir string
	// Prefer is the file that is looked at first.
	Prefer string
	// Place says where in the package the code goes.
	Place Place
	// Code is a statement or an element of a list. In it, {pkg} stands for the name of Package in the file, and {var},
	// {var2} … for the names that the place has for its values.
	Code string
	// Key is a string literal by which an element is recognized when people have changed the rest of it. Defaults to
	// none: the code is recognized as a whole.
	Key string
	// Package is what the code needs imported. Defaults to nothing.
	Package Import
	// Also are further packages that it needs.
	Also []Import
	// Hint says where the code belongs, for people: "in the function routes of app/routes.go".
	Hint string
}

// Source reads the files of a project. Its names are relative to the project, with slashes.
type Source interface {
	fs.ReadDirFS
	fs.ReadFileFS
}

// Result is the file that an edit changes.
type Result struct {
	Outcome Outcome
	// Path and Content are the changed file; empty unless the outcome is Done.
	Path    string
	Content []byte
}

// Snippet is the code as people would write it.
func (e Edit) Snippet() string {
	names := []string{e.Place.example(), e.Place.example() + "2"}
	return expand(e.Code, e.Package.Name, names)
}

// expand writes the names into the code.
func expand(code, pkg string, vars []string) string {
	code = strings.ReplaceAll(code, "{pkg}", pkg)
	for i, name := range vars {
		placeholder := "{var}"
		if i > 0 {
			placeholder = fmt.Sprintf("{var%d}", i+1)
		}
		code = strings.ReplaceAll(code, placeholder, name)
	}
	return code
}

// Add inserts the code into the first file of the package that has the place for it. An error means that a file cannot
// be read; files that are no Go are passed over.
func (e Edit) Add(source Source) (Result, error) {
	files, err := e.files(source)
	if err != nil {
		return Result{}, err
	}
	for _, f := range files {
		if f.contains(e) {
			return Result{Outcome: Already}, nil
		}
	}
	for _, f := range files {
		spot, ok := e.Place.find(f)
		if !ok {
			continue
		}
		content, err := f.add(e, spot)
		if err != nil {
			return Result{}, fmt.Errorf("inserting into %s: %w", f.path, err)
		}
		return Result{Outcome: Done, Path: f.path, Content: content}, nil
	}
	return Result{Outcome: Unable}, nil
}

// Remove takes the code out of the file that has it, and the import unless something else there needs it.
func (e Edit) Remove(source Source) (Result, error) {
	files, err := e.files(source)
	if err != nil {
		return Result{}, err
	}
	for _, f := range files {
		if !f.contains(e) {
			continue
		}
		content, ok, err := f.remove(e)
		if err != nil {
			return Result{}, fmt.Errorf("taking code out of %s: %w", f.path, err)
		}
		if !ok {
			return Result{Outcome: Unable}, nil
		}
		return Result{Outcome: Done, Path: f.path, Content: content}, nil
	}
	return Result{Outcome: Already}, nil
}

// files parses the files of the package, the preferred one first. Tests and generated views are none of them.
func (e Edit) files(source Source) ([]*file, error) {
	entries, err := source.ReadDir(e.Dir)
	if err != nil {
		return nil, nil //nolint:nilerr // without the folder there is no place
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") ||
			strings.HasSuffix(name, "_templ.go") {
			continue
		}
		names = append(names, name)
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return compareBool(b == e.Prefer, a == e.Prefer)
	})
	var files []*file
	for _, name := range names {
		content, err := source.ReadFile(path.Join(e.Dir, name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", path.Join(e.Dir, name), err)
		}
		if f, err := parse(path.Join(e.Dir, name), content); err == nil {
			files = append(files, f)
		}
	}
	return files, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

func formatted(text string) ([]byte, error) {
	content, err := format.Source([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("the result is no Go: %w", err)
	}
	return content, nil
}
