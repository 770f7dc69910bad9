// Package change collects what a generator is about to do, and does it.
package change

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/covetgo/covet/scaffold/insert"
)

// Status is what writing a file means.
type Status int

// The statuses.
const (
	// Create is for a new file.
	Create Status = iota
	// Same is for a file that has the content already.
	Same
	// Update is for a file that is as a generator left it, or into which code is inserted.
	Update
	// Conflict is for a file that a user has written or changed, and for another text of a migration, which may have been
	// applied.
	Conflict
	// Remove is for a file to remove.
	Remove
)

// String returns the word for users.
func (s Status) String() string {
	return [...]string{"create", "same", "update", "conflict", "remove"}[s]
}

// File is one file of a [Change].
type File struct {
	// Path is relative to the project, with slashes.
	Path string
	// Status says what writing means.
	Status Status
	// Before and After are the contents; nil for no file.
	Before, After []byte
}

// Diff returns the difference as a unified diff, or "".
func (f File) Diff() string {
	before, after := "a/"+f.Path, "b/"+f.Path
	if f.Before == nil {
		before = "/dev/null"
	}
	if f.After == nil {
		after = "/dev/null"
	}
	return string(diff.Diff(before, f.Before, after, f.After))
}

// Insertion is code that was inserted, or has to be inserted by hand.
type Insertion struct {
	insert.Edit
	Outcome insert.Outcome
}

// Change is what a generator is about to do. Nothing is written before [Change.Write].
type Change struct {
	// Title says what is generated: "resource post".
	Title string
	// Files are sorted by path. Those of status Same are among them.
	Files []File
	// Insertions are the code inserted into the user's files, which are among Files, too.
	Insertions []Insertion
	// Notes are for the user, after it is written.
	Notes []string

	root string
}

// Conflicts returns the files that users have changed.
func (c *Change) Conflicts() []File {
	return slices.DeleteFunc(slices.Clone(c.Files), func(f File) bool { return f.Status != Conflict })
}

// Keep leaves a file as it is.
func (c *Change) Keep(path string) {
	c.Files = slices.DeleteFunc(c.Files, func(f File) bool { return f.Path == path })
}

// Empty reports whether there is nothing to write.
func (c *Change) Empty() bool {
	return !slices.ContainsFunc(c.Files, func(f File) bool { return f.Status != Same })
}

// add adds a file. Several changes of one file become one.
func (c *Change) add(f File) {
	at, found := slices.BinarySearchFunc(c.Files, f.Path, func(f File, path string) int { return strings.Compare(f.Path, path) })
	if !found {
		c.Files = slices.Insert(c.Files, at, f)
		return
	}
	f.Before = c.Files[at].Before
	c.Files[at] = f
}
