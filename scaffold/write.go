package scaffold

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotEmpty is returned by [Project.Write] for a folder that holds something, unless it is forced.
var ErrNotEmpty = errors.New("the folder is not empty")

// Vacant reports whether an application can be written to dir without force: it does not exist, or it is an empty
// folder.
func Vacant(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking into %s: %w", dir, err)
	}
	return len(entries) == 0, nil
}

// Write writes the project into the folder dir. The files are written beside their place and then renamed into it, so
// that a full disk leaves no half-made project. A folder that holds something is refused with [ErrNotEmpty]; with force
// the files of the project replace those of the same name and the others stay. Folders that are symbolic links are not
// followed.
func (p *Project) Write(dir string, force bool) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("writing the project: %w", err)
	}
	vacant, err := Vacant(dir)
	if err != nil {
		return err
	}
	if !vacant && !force {
		return ErrNotEmpty
	}
	if err := p.write(dir); err != nil {
		return fmt.Errorf("writing the project: %w", err)
	}
	return nil
}

func (p *Project) write(dir string) (err error) {
	if err := p.conflict(dir); err != nil {
		return err
	}
	_, statErr := os.Stat(dir)
	exists := statErr == nil
	made, err := makeParents(filepath.Dir(dir))
	defer func() {
		if err != nil && made != "" {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	if err != nil {
		return err
	}
	// Inside an existing folder, because it may be a mount point; beside a new one, to become it.
	staging := filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+"-"+rand.Text()[:8])
	if exists {
		staging = filepath.Join(dir, ".covet-new-"+rand.Text()[:8])
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(staging))
	}()
	if err := p.stage(staging); err != nil {
		return err
	}
	if !exists {
		return os.Rename(staging, dir)
	}
	return p.move(staging, dir)
}

// makeParents makes the folders above the project and returns the uppermost one that it had to make, if any.
func makeParents(dir string) (made string, err error) {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		made = at
	}
	return made, os.MkdirAll(dir, 0o777)
}

// stage writes every file below a new folder.
func (p *Project) stage(staging string) error {
	if err := os.Mkdir(staging, 0o777); err != nil {
		return err
	}
	for _, file := range p.Files {
		path := filepath.Join(staging, filepath.FromSlash(file.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.Content, file.Mode); err != nil {
			return err
		}
	}
	return nil
}

// move renames the staged files into a folder that exists.
func (p *Project) move(staging, dir string) error {
	for _, file := range p.Files {
		path := filepath.FromSlash(file.Path)
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o777); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(staging, path), filepath.Join(dir, path)); err != nil {
			return err
		}
	}
	return nil
}

// conflict finds what would make move stop half-way: a folder where a file has to go, a file or a link to somewhere
// else where a folder has to be.
func (p *Project) conflict(dir string) error {
	for _, file := range p.Files {
		if info, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(file.Path))); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder and must become a file", file.Path)
		}
		folders := strings.Split(file.Path, "/")
		for i := 1; i < len(folders); i++ {
			folder := filepath.Join(folders[:i]...)
			if info, err := os.Lstat(filepath.Join(dir, folder)); err == nil && !info.IsDir() {
				return fmt.Errorf("%s is not a folder and must become one", folder)
			}
		}
	}
	return nil
}
