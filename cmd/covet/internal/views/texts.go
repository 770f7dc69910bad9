package views

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	templruntime "github.com/a-h/templ/runtime"
)

// folder contains the text files of one process.
type folder struct {
	path   string
	shapes map[string][sha256.Size]byte // of the code that the process was built from, by its path
}

// maxFolders is the number of folders: of the process that serves, of the one that starts, and of some that still
// drain.
const maxFolders = 8

// Texts writes the text files for a process that is about to be started from a binary, and returns the variables for
// its environment. It creates the folder for them, in which [Set.Refresh] updates them for as long as they fit the code
// that the process was built from. It removes the folders of old processes.
//
// No template may have changed since the binary was built, and it must be built without -trimpath: templ finds a
// component's texts by the path of its code. An application without templ gets no texts.
func (s *Set) Texts(ctx context.Context, binary, path string) (environ []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.version == "" {
		return nil, nil
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, fmt.Errorf("writing the texts of views: %w", err)
	}
	codes, err := s.linkedCode(ctx, binary)
	if err != nil {
		return nil, fmt.Errorf("finding the views of %s: %w", binary, err)
	}
	texts := &folder{path: path, shapes: map[string][sha256.Size]byte{}}
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, fmt.Errorf("writing the texts of views: %w", err)
	}
	for _, file := range codes {
		known, err := s.read(file)
		if err != nil {
			return nil, err
		}
		if err := s.write(texts, file, known.texts); err != nil {
			return nil, err
		}
		texts.shapes[file] = known.shape
	}
	s.folders = append(s.folders, texts)
	for len(s.folders) > maxFolders {
		_ = os.RemoveAll(s.folders[0].path) // leaving one behind is harmless
		s.folders = slices.Delete(s.folders, 0, 1)
	}
	return []string{"TEMPL_DEV_MODE=true", "TEMPL_DEV_MODE_ROOT=" + path}, nil
}

// compare determines what new code means for the running processes, and updates their texts.
//
// A process may show new texts only if they fit its code. If they do not fit the process that was started last, the
// application must be built: the process may run older code while the newest is being built.
func (s *Set) compare(path string, former, content []byte, known bool, change *Change) error {
	made, err := parseCode(content)
	if err != nil {
		return fmt.Errorf("reading the texts of %s: %w", path, err)
	}
	same := false
	if known {
		before, err := parseCode(former)
		same = err == nil && before.shape == made.shape
	}
	shown := false
	for _, texts := range s.folders {
		shown = same && texts.shapes[path] == made.shape
		if !shown {
			continue
		}
		if err := s.write(texts, path, made.texts); err != nil {
			return err
		}
	}
	change.Text = change.Text || shown
	change.Code = change.Code || !shown
	return nil
}

// write replaces one text file atomically: a page that is being rendered reads either the old texts or the new ones.
func (s *Set) write(texts *folder, codePath string, literals []string) error {
	name, err := textFile(codePath)
	if err != nil {
		return fmt.Errorf("writing the texts of %s: %w", codePath, err)
	}
	target := filepath.Join(texts.path, name)
	file, err := os.CreateTemp(texts.path, "new-*")
	if err != nil {
		return fmt.Errorf("writing the texts of %s: %w", codePath, err)
	}
	_, err = file.WriteString(strings.Join(literals, "\n"))
	err = errors.Join(err, file.Close())
	if err == nil {
		at := s.nextTime()
		err = errors.Join(os.Chtimes(file.Name(), at, at), os.Rename(file.Name(), target))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the texts of %s: %w", codePath, err), os.Remove(file.Name()))
	}
	return nil
}

// textFile returns the name of the file in which templ finds the texts of a component, by the path of its code.
func textFile(codePath string) (string, error) {
	resolved, err := filepath.EvalSymlinks(codePath)
	if err != nil {
		return "", err
	}
	return filepath.Base(templruntime.GetDevModeTextFileName(resolved)), nil
}

// nextTime returns the modification time of the next text file: long ago, and later than those before. templ reads a
// file again only if its time is more than 100 milliseconds later than that of the file it has read, so it would miss
// the second of two quick changes.
func (s *Set) nextTime() time.Time {
	s.modified++
	return time.Unix(0, 0).Add(time.Duration(s.modified) * time.Second)
}
