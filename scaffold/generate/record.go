package generate

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
	"time"

	"github.com/covetgo/covet/scaffold/insert"
)

// recordDir holds what was generated, one file for each time, so that it can be taken back and told from what people
// wrote. It belongs into version control.
const recordDir = ".covet/generated"

// record is what one run of a generator left.
type record struct {
	// Kind, Name and Args are the command line: resource, post, [title:string!].
	Kind string   `json:"kind"`
	Name string   `json:"name"`
	Args []string `json:"args,omitempty"`
	// Flags are its flags.
	Flags []string `json:"flags,omitempty"`
	// Files are the hashes of the files, by their paths.
	Files map[string]string `json:"files,omitempty"`
	// Edits are the code that was inserted into files of people.
	Edits []recordedEdit `json:"edits,omitempty"`
	// Requires are modules that go.mod requires for it; with "indirect" behind those that it required before.
	Requires []string `json:"requires,omitempty"`
}

func recordPath(kind, name string) string {
	return path.Join(recordDir, kind+"-"+strings.ReplaceAll(name, "/", "-")+".json")
}

func (r *record) path() string { return recordPath(r.Kind, r.Name) }

func (r *record) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

// readRecord returns the record of a generator's run, or nil.
func (p *Project) readRecord(kind, name string) (*record, error) {
	text, err := p.tree.ReadFile(recordPath(kind, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing was generated
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was generated: %w", err)
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, &RecordError{recordPath(kind, name), "it cannot be read: " + err.Error()}
	}
	if problem := r.problem(recordPath(kind, name)); problem != "" {
		return nil, &RecordError{recordPath(kind, name), problem}
	}
	return &r, nil
}

// problem says why a record is not what a generator wrote to a file, or nothing. It may come from somebody else.
func (r *record) problem(file string) string {
	if r.path() != file {
		return fmt.Sprintf("it says that it is about %s %s, whose record is %s", r.Kind, r.Name, r.path())
	}
	for name := range r.Files {
		if !fs.ValidPath(name) {
			return fmt.Sprintf("it names %q, which is no file of the application", name)
		}
	}
	return ""
}

// A RecordError says that the record of what was generated is not what a generator wrote.
type RecordError struct {
	// Path is its file, and Problem says what is wrong with it.
	Path, Problem string
}

// Error names the file.
func (e *RecordError) Error() string { return "reading " + e.Path + ": " + e.Problem }

// Hint says what to do about it.
func (e *RecordError) Hint() string {
	return "Restore the file from version control; or delete it, so that what it is about counts as written by hand."
}

// records returns every record, sorted by its path.
func (p *Project) records() ([]*record, error) {
	entries, err := p.tree.ReadDir(recordDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was generated: %w", err)
	}
	var all []*record
	for _, entry := range entries {
		kind, name, ok := strings.Cut(strings.TrimSuffix(entry.Name(), ".json"), "-")
		if !ok || path.Ext(entry.Name()) != ".json" {
			continue
		}
		r, err := p.readRecord(kind, name)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// version returns the version of the migration among the files, or "".
func (r *record) version() string {
	if r == nil {
		return ""
	}
	for file := range r.Files {
		if isMigration(file) {
			version, _, _ := strings.Cut(path.Base(file), "_")
			return version
		}
	}
	return ""
}

// flags are those of the run.
func (r *record) flags(now time.Time) Flags {
	f := Flags{Now: now}
	for _, flag := range r.Flags {
		switch name, value, _ := strings.Cut(flag, "="); name {
		case "--skip":
			f.Skip = strings.Split(value, ",")
		case "--parent":
			f.Parent = value
		case "--public":
			f.Public = true
		}
	}
	return f
}

func (r *record) hash(file string) string {
	if r == nil {
		return ""
	}
	return r.Files[file]
}

// selfHash is the hash of the record's own file.
func (r *record) selfHash() string {
	if r == nil {
		return ""
	}
	text, err := r.encode()
	if err != nil {
		return ""
	}
	return hash(text)
}

// owner returns the record that a file belongs to, other than the given one, or nil.
func owner(all []*record, file string, but *record) *record {
	at := slices.IndexFunc(all, func(r *record) bool {
		_, ok := r.Files[file]
		return ok && r.path() != but.path()
	})
	if at < 0 {
		return nil
	}
	return all[at]
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// recordedEdit is what is needed to find inserted code again.
type recordedEdit struct {
	Dir  string `json:"dir"`
	Code string `json:"code"`
	Key  string `json:"key,omitempty"`
	// Import and Name are the package that the code speaks of.
	Import string `json:"import,omitempty"`
	Name   string `json:"name,omitempty"`
	Hint   string `json:"hint"`
}

func recordEdit(e insert.Edit) recordedEdit {
	return recordedEdit{Dir: e.Dir, Code: e.Code, Key: e.Key, Import: e.Package.Path, Name: e.Package.Name, Hint: e.Hint}
}

// edit is the edit as far as removing it goes.
func (r recordedEdit) edit() insert.Edit {
	return insert.Edit{
		Dir: r.Dir, Code: r.Code, Key: r.Key, Package: insert.Import{Path: r.Import, Name: r.Name}, Hint: r.Hint,
		Place: insert.Function{},
	}
}
