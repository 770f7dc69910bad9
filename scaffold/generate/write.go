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
	root, err := os.OpenRoot(c.project.Root)
	if err != nil {
		return fmt.Errorf("writing %s: %w", c.Title, err)
	}
	defer func() {
		_ = root.Close() // nothing is written through it
	}()
	w := &writer{root: root}
	err = w.refuseLinks(c.Files)
	if err == nil {
		err = w.stage(c.Files)
	}
	if err == nil {
		err = w.swap()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", c.Title, err), w.rollback())
	}
	w.clean()
	return nil
}

// writer replaces files so that all of them are, or none. It reaches nothing outside of its folder.
type writer struct {
	root  *os.Root
	fresh []string // beside their place, by the index of the file; empty for a removal
	files []FileChange
	done  int      // how many of them are in place
	made  []string // folders that were not there
}

func place(f FileChange) string { return filepath.FromSlash(f.Path) }

// refuseLinks refuses files that are symbolic links, or are reached through one: what is written would be elsewhere than
// it says.
func (w *writer) refuseLinks(files []FileChange) error {
	for _, f := range files {
		for at := place(f); f.Status != Same && at != "."; at = filepath.Dir(at) {
			if info, err := w.root.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
				return fmt.Errorf("%s is a symbolic link, which is not followed", filepath.ToSlash(at))
			}
		}
	}
	return nil
}

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
		if err := w.makeFolder(filepath.Dir(place(f))); err != nil {
			return err
		}
		fresh := place(f) + "." + rand.Text()[:8] + ".new"
		w.fresh[len(w.fresh)-1] = fresh
		if err := w.root.WriteFile(fresh, f.After, w.mode(f)); err != nil {
			return err
		}
	}
	return nil
}

// mode is that of the file that is replaced.
func (w *writer) mode(f FileChange) fs.FileMode {
	if info, err := w.root.Lstat(place(f)); err == nil {
		return info.Mode().Perm()
	}
	return 0o666
}

// makeFolder makes a folder and remembers which ones it had to make.
func (w *writer) makeFolder(dir string) error {
	var missing []string
	for at := dir; at != "."; at = filepath.Dir(at) {
		if _, err := w.root.Lstat(at); err == nil {
			break
		}
		missing = append(missing, at)
	}
	for _, folder := range slices.Backward(missing) {
		if err := w.root.Mkdir(folder, 0o777); err != nil {
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
			err = w.root.Remove(place(f))
		} else {
			err = w.root.Rename(w.fresh[i], place(f))
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
			_ = w.root.Remove(w.fresh[i]) // it may not have been written
		case i >= w.done:
		case f.Before == nil:
			errs = append(errs, w.root.Remove(place(f)))
		default:
			errs = append(errs, w.root.WriteFile(place(f), f.Before, w.mode(f)))
		}
	}
	for _, folder := range slices.Backward(w.made) {
		_ = w.root.Remove(folder) // somebody else may have put something into it
	}
	return errors.Join(errs...)
}

// clean removes the folders that removals have left empty.
func (w *writer) clean() {
	for i, f := range w.files {
		for dir := filepath.Dir(place(f)); w.fresh[i] == "" && dir != "."; dir = filepath.Dir(dir) {
			if w.root.Remove(dir) != nil { // not empty
				break
			}
		}
	}
}
