package watch

import (
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// tree is the watcher's state of the files in a root.
type tree struct {
	root    string
	seed    maphash.Seed
	files   map[string]file
	folders map[string]bool
	changed map[string]bool // path → removed; not yet reported
	primed  bool            // false during the first scan, which reports nothing
}

// file is the last known state of a file.
type file struct {
	size     int64
	modified time.Time
	sum      uint64
}

// maxHashed is the size in bytes above which content is not hashed: a new modification time then counts as a change.
const maxHashed = 8 << 20

func newTree(root string) *tree {
	return &tree{
		root: root, seed: maphash.MakeSeed(),
		files: map[string]file{}, folders: map[string]bool{}, changed: map[string]bool{},
	}
}

// at returns the absolute path of a path of the tree.
func (t *tree) at(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

// name returns the path of the tree for an absolute path, with slashes.
func (t *tree) name(absolute string) (string, bool) {
	relative, err := filepath.Rel(t.root, absolute)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(relative), true
}

// scan compares everything. It calls enter with each folder before reading it, so that no change is missed in between;
// an error of enter ends the scan. Unreadable folders and files are skipped.
func (t *tree) scan(subscribe func(folder string) error) error {
	files, folders := make(map[string]bool, len(t.files)), map[string]bool{}
	var walk func(folder string) error
	walk = func(folder string) error {
		folders[folder] = true
		if subscribe != nil {
			if err := subscribe(t.at(folder)); err != nil {
				return err
			}
		}
		entries, err := os.ReadDir(t.at(folder))
		if err != nil {
			return nil //nolint:nilerr // it was removed meanwhile, or is not readable
		}
		for _, entry := range entries {
			name := path.Join(folder, entry.Name())
			switch {
			case entry.IsDir() && !ignoredFolder(name):
				if err := walk(name); err != nil {
					return err
				}
			case !entry.IsDir() && !ignoredFile(name):
				files[name] = true
				t.compare(name)
			}
		}
		return nil
	}
	if err := walk("."); err != nil {
		return err
	}
	for name := range t.files {
		if !files[name] {
			t.compare(name)
		}
	}
	t.folders, t.primed = folders, true
	return nil
}

// compare compares a file with its last known state.
func (t *tree) compare(name string) {
	known, was := t.files[name]
	info, err := os.Stat(t.at(name)) // follows links
	if err != nil || !info.Mode().IsRegular() {
		if was {
			delete(t.files, name)
			t.changed[name] = true
		}
		return
	}
	if was && info.Size() == known.size && info.ModTime().Equal(known.modified) && hasDistinctTime(info) {
		return
	}
	sum, err := t.sum(name, info)
	if err != nil {
		return // it was removed meanwhile, or is not readable; the next event reports it
	}
	t.files[name] = file{size: info.Size(), modified: info.ModTime(), sum: sum}
	if !was && !t.primed {
		return
	}
	if !was || sum != known.sum {
		t.changed[name] = false
	}
}

// hasDistinctTime reports whether the next change of a file will get another modification time. File systems have a
// limited resolution: two writes within one tick get the same time.
func hasDistinctTime(info fs.FileInfo) bool { return time.Since(info.ModTime()) > 2*time.Second }

// sum returns the hash of a file's content.
func (t *tree) sum(name string, info fs.FileInfo) (uint64, error) {
	if info.Size() > maxHashed {
		return uint64(info.ModTime().UnixNano()) ^ uint64(info.Size()), nil //nolint:gosec // any number will do
	}
	f, err := os.Open(t.at(name))
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	var hash maphash.Hash
	hash.SetSeed(t.seed)
	if _, err := io.Copy(&hash, f); err != nil {
		return 0, err
	}
	return hash.Sum64(), nil
}

// take returns the changes since the last call, sorted by path.
func (t *tree) take() []Change {
	changes := make([]Change, 0, len(t.changed))
	for name, removed := range t.changed {
		changes = append(changes, Change{Path: name, Removed: removed})
	}
	clear(t.changed)
	slices.SortFunc(changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return changes
}
