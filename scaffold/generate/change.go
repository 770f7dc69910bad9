package generate

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/covetgo/covet/scaffold/insert"
)

// Status is what writing a file means.
type Status int

// What writing a file means.
const (
	// Create is for a file that is not there.
	Create Status = iota
	// Same is for a file that is there already, as it would be written.
	Same
	// Update is for a file that is as a generator left it, or in which only code is inserted.
	Update
	// Conflict is for a file that people have written or changed, and for another text of a migration, which may have been
	// applied.
	Conflict
	// Remove is for a file that goes.
	Remove
)

// String is the word for people.
func (s Status) String() string {
	return [...]string{"create", "same", "update", "conflict", "remove"}[s]
}

// A FileChange is one file of a [Change].
type FileChange struct {
	// Path is relative to the project, with slashes.
	Path string
	// Status says what writing means.
	Status Status
	// Before and After are the contents; nil for no file.
	Before, After []byte
}

// Diff is the difference as a unified diff, or nothing.
func (f FileChange) Diff() string {
	before, after := "a/"+f.Path, "b/"+f.Path
	if f.Before == nil {
		before = "/dev/null"
	}
	if f.After == nil {
		after = "/dev/null"
	}
	return string(diff.Diff(before, f.Before, after, f.After))
}

// An Insertion is code that was inserted, or is to be inserted by hand.
type Insertion struct {
	insert.Edit
	Outcome insert.Outcome
}

// A Change is what a generator is about to do. Nothing is written before [Change.Write].
type Change struct {
	// Title says what is generated: "resource post".
	Title string
	// Files is sorted by path. Those of status Same are among them.
	Files []FileChange
	// Insertions are those into files that people edit, whose changes are among Files, too.
	Insertions []Insertion
	// Notes are for people, after it is written.
	Notes []string

	project *Project
	record  string // the file that records it, which is the generator's alone
}

// Conflicts returns the files that people have changed.
func (c *Change) Conflicts() []FileChange {
	return slices.DeleteFunc(slices.Clone(c.Files), func(f FileChange) bool { return f.Status != Conflict })
}

// Keep leaves a file as it is.
func (c *Change) Keep(path string) {
	c.Files = slices.DeleteFunc(c.Files, func(f FileChange) bool { return f.Path == path })
}

// Empty reports whether there is nothing to write.
func (c *Change) Empty() bool {
	return !slices.ContainsFunc(c.Files, func(f FileChange) bool { return f.Status != Same })
}

// put adds a file that a generator owns. Recorded is the hash with which it was written last, or empty.
func (c *Change) put(path string, content []byte, recorded string) error {
	before, err := c.project.tree.ReadFile(path)
	status := Conflict
	switch {
	case errors.Is(err, fs.ErrNotExist):
		status, before = Create, nil
	case err != nil:
		return err
	case bytes.Equal(before, content):
		status = Same
	case recorded == hash(before) && !isMigration(path):
		status = Update
	}
	c.add(FileChange{Path: path, Status: status, Before: before, After: content})
	return nil
}

// drop adds the removal of a file that a generator owns.
func (c *Change) drop(path, recorded string) error {
	before, err := c.project.tree.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	status := Remove
	if recorded != hash(before) && path != c.record {
		status = Conflict
	}
	c.add(FileChange{Path: path, Status: status, Before: before})
	return nil
}

// edit adds a change of a file that people edit.
func (c *Change) edit(path string, content []byte) error {
	before, err := c.project.tree.ReadFile(path)
	if err != nil {
		return err
	}
	status := Update
	if bytes.Equal(before, content) {
		status = Same
	}
	c.add(FileChange{Path: path, Status: status, Before: before, After: content})
	return nil
}

// add notes a change, so that later steps see it. Several changes of one file become one.
func (c *Change) add(f FileChange) {
	c.project.tree.changed[f.Path] = f.After
	at, found := slices.BinarySearchFunc(c.Files, f.Path, func(f FileChange, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		c.Files = slices.Insert(c.Files, at, f)
		return
	}
	f.Before = c.Files[at].Before
	c.Files[at] = f
}
