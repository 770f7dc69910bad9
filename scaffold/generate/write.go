package generate

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrConflict is what [Change.Write] returns when people have changed a file that would be overwritten.
var ErrConflict = errors.New("files have been changed by hand")

// Write writes the files in order. Each is written beside its place first, so that when something fails on the way
// everything is as it was. Files of status Conflict are an [ErrConflict], unless force is true.
func (c *Change) Write(force bool) error {
	if !force && len(c.Conflicts()) > 0 {
		return ErrConflict
	}
	w := &writer{root: c.project.Root}
	err := w.stage(c.Files)
	if err == nil {
		err = w.swap()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", c.Title, err), w.rollback())
	}
	w.clean()
	return nil
}

// writer replaces files so that all of them are, or none.
type writer struct {
	root  string
	fresh []string // beside their place, by the index of the file; empty for a removal
	files []FileChange
	done  int      // how many of them are in place
	made  []string // folders that were not there
}

func (w *writer) place(f FileChange) string { return filepath.Join(w.root, filepath.FromSlash(f.Path)) }

// stage writes every new content beside its place.
func (w *writer) stage(files []FileChange) error {
	for _, f := range files {
		if f.Status == Same {
			continue
		}
		w.files, w.fresh = append(w.files, f), append(w.fresh, "")
		if f.After == nil {
			continue
		}
		if err := w.makeFolder(filepath.Dir(w.place(f))); err != nil {
			return err
		}
		fresh := w.place(f) + "." + rand.Text()[:8] + ".new"
		w.fresh[len(w.fresh)-1] = fresh
		if err := os.WriteFile(fresh, f.After, mode(w.place(f))); err != nil { //nolint:gosec // a file of the project
			return err
		}
	}
	return nil
}

// mode is that of the file that is replaced.
func mode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o666
}

// makeFolder makes a folder and remembers which ones it had to make.
func (w *writer) makeFolder(dir string) error {
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	for _, folder := range slices.Backward(missing) {
		if err := os.Mkdir(folder, 0o777); err != nil { //nolint:gosec // the umask decides
			return err
		}
		w.made = append(w.made, folder)
	}
	return nil
}

// swap moves the new contents to their places.
func (w *writer) swap() error {
	for i, f := range w.files {
		var err error
		if w.fresh[i] == "" {
			err = os.Remove(w.place(f))
		} else {
			err = os.Rename(w.fresh[i], w.place(f))
		}
		if err != nil {
			return err
		}
		w.done = i + 1
	}
	return nil
}

// rollback puts everything back.
func (w *writer) rollback() error {
	var errs []error
	for i, f := range w.files {
		switch {
		case i >= w.done && w.fresh[i] != "":
			_ = os.Remove(w.fresh[i]) // it may not have been written
		case i >= w.done:
		case f.Before == nil:
			errs = append(errs, os.Remove(w.place(f)))
		default:
			errs = append(errs, os.WriteFile(w.place(f), f.Before, mode(w.place(f)))) //nolint:gosec // as it was
		}
	}
	for _, folder := range slices.Backward(w.made) {
		_ = os.Remove(folder) // somebody else may have put something into it
	}
	return errors.Join(errs...)
}

// clean removes the folders that removals have left empty.
func (w *writer) clean() {
	for i, f := range w.files {
		for dir := filepath.Dir(w.place(f)); w.fresh[i] == "" && dir != w.root; dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil { // not empty
				break
			}
		}
	}
}
