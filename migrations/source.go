package migrations

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
)

// dialects are the folders that a source may have.
var dialects = []string{"sqlite", "postgres", "mysql"}

// Source is a sequence of migrations with one history.
type Source struct {
	// Name is unique: lower-case letters, digits and underscores. Its version table is "<name>_migrations".
	Name string
	// FS has one folder for each dialect in use: sqlite, postgres, mysql. Other files are ignored.
	FS fs.FS
}

var sourceName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// table is the name of the version table.
func (s Source) table() string { return s.Name + "_migrations" }

// file is one migration.
type file struct {
	version int64
	name    string // create_posts
	base    string // 20261123090000_create_posts.sql
}

// files returns the migrations of a dialect, sorted by version, and whether its folder exists.
func (s Source) files(dialect string) (found []file, exists bool, err error) {
	entries, err := fs.ReadDir(s.FS, dialect)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading the migrations of %s: %w", s.Name, err)
	}
	versions := map[int64]string{}
	for _, entry := range entries {
		base := entry.Name()
		if entry.IsDir() || path.Ext(base) != ".sql" {
			continue
		}
		version, err := goose.NumericComponent(base)
		if err != nil {
			return nil, true, fmt.Errorf("reading the migrations of %s: %s/%s does not begin with a version, "+
				"as in 20261123090000_create_posts.sql", s.Name, dialect, base)
		}
		if other, ok := versions[version]; ok {
			return nil, true, fmt.Errorf("reading the migrations of %s: %s/%s and %s have the same version",
				s.Name, dialect, other, base)
		}
		versions[version] = base
		_, name, _ := strings.Cut(strings.TrimSuffix(base, ".sql"), "_")
		found = append(found, file{version: version, name: name, base: base})
	}
	slices.SortFunc(found, func(a, b file) int { return cmp.Compare(a.version, b.version) })
	return found, true, nil
}

// forDialect returns the migrations for a database that is about to be migrated. It returns an error for a source that
// has migrations for other dialects only.
func (s Source) forDialect(dialect string) ([]file, error) {
	found, exists, err := s.files(dialect)
	if err != nil || exists {
		return found, err
	}
	for _, other := range dialects {
		others, _, err := s.files(other)
		if err != nil {
			return nil, err
		}
		if len(others) > 0 {
			return nil, fmt.Errorf("reading the migrations of %s: there is a folder for %s but none for %s; "+
				"write them and embed the folder", s.Name, other, dialect)
		}
	}
	return nil, nil
}

func (s Source) validate() error {
	if !sourceName.MatchString(s.Name) {
		return fmt.Errorf("checking migrations: invalid source name %q: expected lower-case letters, digits and _", s.Name)
	}
	if s.FS == nil {
		return fmt.Errorf("checking migrations of %s: the file system is nil", s.Name)
	}
	return nil
}

// Check compares the dialect folders of the source: each must have the same files, and each file a line "-- +goose Up".
// It returns all faults.
func (s Source) Check() error {
	if err := s.validate(); err != nil {
		return err
	}
	var faults []error
	have := map[string]map[string]bool{} // base name → dialects
	var folders []string
	for _, dialect := range dialects {
		found, exists, err := s.files(dialect)
		faults = append(faults, err)
		if exists {
			folders = append(folders, dialect)
		}
		for _, f := range found {
			if have[f.base] == nil {
				have[f.base] = map[string]bool{}
			}
			have[f.base][dialect] = true
			faults = append(faults, s.checkFile(path.Join(dialect, f.base)))
		}
	}
	for _, base := range slices.Sorted(maps.Keys(have)) {
		for _, dialect := range folders {
			if !have[base][dialect] {
				faults = append(faults, fmt.Errorf("checking migrations of %s: %s is missing in %s", s.Name, base, dialect))
			}
		}
	}
	return errors.Join(faults...)
}

var upAnnotation = regexp.MustCompile(`(?m)^\s*--\s*\+goose Up\s*$`)

var downAnnotation = regexp.MustCompile(`(?m)^\s*--\s*\+goose Down\s*$`)

// checkWritten refuses a file whose Up section contains only comments.
func (s Source) checkWritten(name string) error {
	content, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return fmt.Errorf("reading the migrations of %s: %w", s.Name, err)
	}
	up := upAnnotation.FindIndex(content)
	if up == nil {
		return fmt.Errorf("migrating %s up: %s has no line \"-- +goose Up\"; add it above the statements", s.Name, name)
	}
	section := content[up[1]:]
	if down := downAnnotation.FindIndex(section); down != nil {
		section = section[:down[0]]
	}
	for line := range bytes.Lines(section) {
		if line = bytes.TrimSpace(line); len(line) > 0 && !bytes.HasPrefix(line, []byte("--")) {
			return nil
		}
	}
	return fmt.Errorf("migrating %s up: %s has no statement under \"-- +goose Up\"; write one or delete the file",
		s.Name, name)
}

func (s Source) checkFile(name string) error {
	content, err := fs.ReadFile(s.FS, name)
	if err != nil {
		return fmt.Errorf("checking migrations of %s: %w", s.Name, err)
	}
	if !upAnnotation.Match(content) {
		return fmt.Errorf(`checking migrations of %s: %s has no line "-- +goose Up"`, s.Name, name)
	}
	return nil
}
