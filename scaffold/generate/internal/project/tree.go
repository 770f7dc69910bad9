package project

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree holds the files of a project with changes that are not written yet. It implements [insert.Source].
type Tree struct {
	disk fs.FS
	// changed holds the new contents, and nil for a removed file.
	changed map[string][]byte
}

func newTree(root string) *Tree { return &Tree{disk: folder(root), changed: map[string][]byte{}} }

// folder holds the files below a folder.
//
// Threat: a cloned repository has symbolic links that lead to other files of the user. They are not followed out of the folder.
type folder string

// Open implements [fs.FS].
func (f folder) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return os.OpenInRoot(string(f), filepath.FromSlash(name))
}

// Change sets the content of a file; nil removes it.
func (t *Tree) Change(name string, content []byte) { t.changed[name] = content }

// Open implements [fs.FS]. It opens the file on disk, without changes.
func (t *Tree) Open(name string) (fs.File, error) { return t.disk.Open(name) }

// ReadFile implements [fs.ReadFileFS].
func (t *Tree) ReadFile(name string) ([]byte, error) {
	content, ok := t.changed[name]
	switch {
	case !ok:
		return fs.ReadFile(t.disk, name)
	case content == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	default:
		return content, nil
	}
}

// Exists reports whether a file can be read.
func (t *Tree) Exists(name string) bool {
	_, err := t.ReadFile(name)
	return err == nil
}

// ReadDir implements [fs.ReadDirFS].
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(t.disk, name)
	found := map[string]fs.DirEntry{}
	for _, entry := range entries {
		found[entry.Name()] = entry
	}
	for changed, content := range t.changed {
		if path.Dir(changed) != name {
			continue
		}
		err = nil
		if content == nil {
			delete(found, path.Base(changed))
		} else {
			found[path.Base(changed)] = newFile(path.Base(changed))
		}
	}
	if err != nil {
		return nil, err
	}
	names := make([]fs.DirEntry, 0, len(found))
	for _, entry := range found {
		names = append(names, entry)
	}
	slices.SortFunc(names, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return names, nil
}

// newFile is the entry of a file that is not on disk.
type newFile string

func (f newFile) Name() string               { return string(f) }
func (f newFile) IsDir() bool                { return false }
func (f newFile) Type() fs.FileMode          { return 0 }
func (f newFile) Info() (fs.FileInfo, error) { return nil, fs.ErrNotExist }
