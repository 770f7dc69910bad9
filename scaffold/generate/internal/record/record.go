// Package record stores what generators wrote, so that the next run can distinguish their files from those that users
// have changed.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/insert"
)

// dir holds the records, one file for each thing that was generated. It belongs in version control.
const dir = ".covet/generated"

// Record is what one run of a generator wrote. A nil record is one of nothing.
type Record struct {
	// Kind, Name and Args are the command line: resource, post, [title:string!].
	Kind string   `json:"kind"`
	Name string   `json:"name"`
	Args []string `json:"args,omitempty"`
	// Flags are its flags.
	Flags []string `json:"flags,omitempty"`
	// Files are the hashes of the files, by their paths.
	Files map[string]string `json:"files,omitempty"`
	// Edits are the code that was inserted into the user's files.
	Edits []Edit `json:"edits,omitempty"`
	// Requires are modules that were added to go.mod; those that were indirect requirements before end in " indirect".
	Requires []string `json:"requires,omitempty"`
}

// Error reports a record that no generator wrote.
type Error struct {
	// Path is its file, and Problem says what is wrong with it.
	Path, Problem string
}

// Error names the file.
func (e *Error) Error() string { return "reading " + e.Path + ": " + e.Problem }

// Hint says what to do about it.
func (e *Error) Hint() string {
	return "Restore the file from version control, or delete it: its files then count as written by hand."
}

// Read returns the record of a thing, or nil.
func Read(tree *project.Tree, kind, name string) (*Record, error) {
	file := pathOf(kind, name)
	text, err := tree.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing was generated
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of generated code: %w", err)
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, &Error{file, "it is invalid: " + err.Error()}
	}
	if r.Path() != file {
		return nil, &Error{file, fmt.Sprintf("it contains the record of %s %s, which belongs in %s", r.Kind, r.Name, r.Path())}
	}
	for name := range r.Files {
		if !fs.ValidPath(name) {
			return nil, &Error{file, fmt.Sprintf("it contains %q, which is not a file of the application", name)}
		}
	}
	return &r, nil
}

// All returns every record, sorted by path.
func All(tree *project.Tree) ([]*Record, error) {
	entries, err := tree.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the record of generated code: %w", err)
	}
	var all []*Record
	for _, entry := range entries {
		kind, name, ok := strings.Cut(strings.TrimSuffix(entry.Name(), ".json"), "-")
		if !ok || path.Ext(entry.Name()) != ".json" {
			continue
		}
		r, err := Read(tree, kind, name)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func pathOf(kind, name string) string {
	return path.Join(dir, kind+"-"+strings.ReplaceAll(name, "/", "-")+".json")
}

// Path returns the file of the record.
func (r *Record) Path() string { return pathOf(r.Kind, r.Name) }

// Encode returns the content of the file.
func (r *Record) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// Hash returns the recorded hash of a file, or "".
func (r *Record) Hash(file string) string {
	if r == nil {
		return ""
	}
	return r.Files[file]
}

// OwnHash returns the hash of the record's file, or "".
func (r *Record) OwnHash() string {
	if r == nil {
		return ""
	}
	text, err := r.Encode()
	if err != nil {
		return ""
	}
	return Hash(text)
}

// Version returns the version of the migration among the files, or "".
func (r *Record) Version() string {
	if r == nil {
		return ""
	}
	for file := range r.Files {
		if IsMigration(file) {
			version, _, _ := strings.Cut(path.Base(file), "_")
			return version
		}
	}
	return ""
}

// CreatesTable reports whether a migration among the files creates a table.
func (r *Record) CreatesTable() bool {
	for file := range r.Files {
		if _, name, _ := strings.Cut(path.Base(file), "_"); IsMigration(file) && strings.HasPrefix(name, "create_") {
			return true
		}
	}
	return false
}

// Extends reports whether the record is of something for an existing model.
func (r *Record) Extends(model string) bool {
	return r.Name == model && slices.Contains([]string{"api", "admin", "policy", "seed"}, r.Kind)
}

// Remains reports whether one of the files exists.
func (r *Record) Remains(tree *project.Tree) bool {
	for file := range r.Files {
		if tree.Exists(file) {
			return true
		}
	}
	return false
}

// Owner returns the record that a file belongs to, other than the given one, or nil.
func Owner(all []*Record, file string, except *Record) *Record {
	at := slices.IndexFunc(all, func(r *Record) bool {
		_, ok := r.Files[file]
		return ok && r.Path() != except.Path()
	})
	if at < 0 {
		return nil
	}
	return all[at]
}

// Maker returns the record of the run that generated a model, or nil if a user wrote it.
func Maker(all []*Record, m project.Model) *Record {
	at := slices.IndexFunc(all, func(r *Record) bool { return m.File != "" && r.Hash(m.File) != "" })
	if at < 0 {
		return nil
	}
	return all[at]
}

// IsMigration reports whether a file is a migration. A database that has applied it would never see another text.
func IsMigration(file string) bool { return strings.HasPrefix(file, "migrations/") }

// Hash returns the hash of a file's content.
func Hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// Edit is code that was inserted, with what is needed to find it again.
type Edit struct {
	Dir  string `json:"dir"`
	Code string `json:"code"`
	Key  string `json:"key,omitempty"`
	// Import and Name are the package that the code uses.
	Import string `json:"import,omitempty"`
	Name   string `json:"name,omitempty"`
	Hint   string `json:"hint"`
}

// NewEdit returns the record of an edit.
func NewEdit(e insert.Edit) Edit {
	return Edit{Dir: e.Dir, Code: e.Code, Key: e.Key, Import: e.Package.Path, Name: e.Package.Name, Hint: e.Hint}
}

// Insertion returns the edit as far as it is needed to remove the code.
func (e Edit) Insertion() insert.Edit {
	return insert.Edit{
		Dir: e.Dir, Code: e.Code, Key: e.Key, Package: insert.Import{Path: e.Import, Name: e.Name}, Hint: e.Hint,
		Place: insert.Function{},
	}
}

// Inserts reports whether the run inserted some code. Code with a key is the same if the key is.
func (r *Record) Inserts(edit Edit) bool {
	return slices.ContainsFunc(r.Edits, func(own Edit) bool {
		return own.Dir == edit.Dir && own.Key == edit.Key && own.Import == edit.Import && (own.Key != "" || own.Code == edit.Code)
	})
}
