package change

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// ErrConflict is returned by [Change.Write] if a user has changed a file that would be overwritten.
var ErrConflict = errors.New("files were changed by hand")

// Write writes all files or, if an error occurs, none: each is written to a temporary file beside it first. It returns
// [ErrConflict] for files of status Conflict, unless force is true.
func (c *Change) Write(force bool) error {
	if !force && len(c.Conflicts()) > 0 {
		return ErrConflict
	}
	root, err := os.OpenRoot(c.root)
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

// writer replaces all files or none. It writes nothing outside its folder.
type writer struct {
	root  *os.Root
	fresh []string // beside their place, by the index of the file; empty for a removal
	files []File
	done  int      // how many of them are in place
	made  []string // folders that were not there
}

func place(f File) string { return filepath.FromSlash(f.Path) }

// refuseLinks refuses files that are symbolic links or are reached through one: they would be written elsewhere.
func (w *writer) refuseLinks(files []File) error {
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
func (w *writer) stage(files []File) error {
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
func (w *writer) mode(f File) fs.FileMode {
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

// rollback restores all files.
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
		_ = w.root.Remove(folder) // another process may have written into it
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
