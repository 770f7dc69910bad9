package scaffold

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	plainMode      fs.FileMode = 0o644
	executableMode fs.FileMode = 0o755
)

// A File is one file of a project, rendered.
type File struct {
	// Path is relative to the project, with slashes.
	Path string
	// Mode holds the permissions, before the umask.
	Mode fs.FileMode
	// Content is what the file holds.
	Content []byte
}

// A Project is a rendered application that has not been written yet.
type Project struct {
	// Name is the name of the application.
	Name string
	// Module is the path of its Go module.
	Module string
	// Databases are the databases it works with, that of development first.
	Databases []Dialect
	// DatabaseURL is where development expects the first of them.
	DatabaseURL string
	// Batteries are those that it has something of.
	Batteries []Battery
	// Files is sorted by path.
	Files []File
}

// plan renders the application from a skeleton and the templates of go.mod and go.sum.
func plan(skeleton, templates fs.FS, opts Options) (*Project, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	files, templ, err := requirements(templates, opts)
	if err != nil {
		return nil, err
	}
	url := databaseURL(opts.Databases[0], opts.Name)
	r := &renderer{
		on:      opts.features(),
		templ:   templ,
		files:   files,
		rewrite: rewriter{name: opts.Name, module: opts.Module, url: url},
	}
	if err := fs.WalkDir(skeleton, ".", r.visit(skeleton)); err != nil {
		return nil, fmt.Errorf("rendering the skeleton: %w", err)
	}
	slices.SortFunc(r.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	mentioned, err := markerNames(skeleton)
	if err != nil {
		return nil, fmt.Errorf("rendering the skeleton: %w", err)
	}
	batteries := slices.DeleteFunc(Keep(opts.Without), func(b Battery) bool { return !mentioned[string(b)] })
	return &Project{
		Name: opts.Name, Module: opts.Module, Databases: opts.Databases, DatabaseURL: url,
		Batteries: batteries, Files: r.files,
	}, nil
}

// A renderer collects the files of one project.
type renderer struct {
	on      features
	templ   string // version of templ that generated code names
	rewrite rewriter
	files   []File
}

func (r *renderer) visit(skeleton fs.FS) fs.WalkDirFunc {
	return func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(localPaths, path):
			return skip(entry)
		case entry.IsDir() && r.otherDialect(path):
			return fs.SkipDir
		case entry.IsDir(), strings.HasSuffix(path, generatedSuffix):
			return nil
		}
		content, err := fs.ReadFile(skeleton, path)
		if err != nil {
			return err
		}
		return r.render(path, content)
	}
}

// localPaths are created when the skeleton is run in place. They contain secrets and data, and are never part of a new
// application.
var localPaths = []string{".env", ".covet", "storage", "vendor"}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// otherDialect reports whether a folder below migrations/ belongs to a database that was not chosen.
func (r *renderer) otherDialect(path string) bool {
	name, ok := strings.CutPrefix(path, "migrations/")
	return ok && slices.Contains(Dialects(), Dialect(name)) && !r.on[name]
}

func (r *renderer) render(path string, content []byte) error {
	file := File{Path: r.rewrite.path(path), Mode: plainMode, Content: content}
	if bytes.HasPrefix(content, []byte("#!")) {
		file.Mode = executableMode
	}
	if !isText(content) {
		r.files = append(r.files, file)
		return nil
	}
	text, included, err := applyMarkers(path, string(content), r.on)
	if err != nil || !included {
		return err
	}
	switch {
	case strings.HasSuffix(path, ".go"):
		file.Content, err = r.rewrite.goFile(path, []byte(text))
	case strings.HasSuffix(path, templSuffix):
		file.Content, err = r.rewrite.templFile(path, []byte(text))
	default:
		file.Content = []byte(r.rewrite.text(text))
	}
	if err != nil {
		return err
	}
	r.files = append(r.files, file)
	if strings.HasSuffix(path, templSuffix) {
		generated, err := View(file, r.templ)
		r.files = append(r.files, generated)
		return err
	}
	return nil
}

// isText tells files to rewrite from images and the like.
func isText(content []byte) bool {
	return utf8.Valid(content) && !bytes.ContainsRune(content, 0)
}
