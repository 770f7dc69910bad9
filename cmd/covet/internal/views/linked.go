package views

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/module"

	"github.com/covetgo/covet/cmd/covet/internal/source"
	"github.com/covetgo/covet/cmd/covet/internal/workspace"
)

// linkedCode returns the paths of all generated code that a binary may link: of the application and of its modules. A
// binary lists its modules but not its packages, so that some files may be superfluous, at little cost.
func (s *Set) linkedCode(ctx context.Context, binary string) ([]string, error) {
	var codes []string
	err := source.Walk(s.root, func(path string) error {
		if strings.HasSuffix(path, codeSuffix) {
			codes = append(codes, filepath.Join(s.root, filepath.FromSlash(path)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if vendored := filepath.Join(s.root, "vendor"); exists(filepath.Join(vendored, "modules.txt")) {
		found, err := codesBelow(vendored)
		return append(codes, found...), err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	for _, dependency := range info.Deps {
		found, err := s.codesOf(ctx, dependency)
		if err != nil {
			return nil, err
		}
		codes = append(codes, found...)
	}
	return codes, nil
}

// codesOf returns the generated code of one module. The module cache never changes, so its files are listed once.
func (s *Set) codesOf(ctx context.Context, m *debug.Module) ([]string, error) {
	if m.Path == templPath {
		return nil, nil // its examples
	}
	key := m.Path + "@" + m.Version
	if m.Replace != nil {
		m = m.Replace
		key = m.Path + "@" + m.Version
	}
	if known, ok := s.modules[key]; ok {
		return known, nil
	}
	folder, immutable, err := s.folderOf(ctx, m)
	if err != nil {
		return nil, err
	}
	requirements, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found []string
	if bytes.Contains(requirements, []byte(templPath)) {
		if found, err = codesBelow(folder); err != nil {
			return nil, err
		}
	}
	if immutable {
		s.modules[key] = found
	}
	return found, nil
}

// folderOf returns the folder of a module's source, and whether it never changes.
func (s *Set) folderOf(ctx context.Context, m *debug.Module) (path string, immutable bool, err error) {
	switch {
	case filepath.IsAbs(m.Path):
		return m.Path, false, nil
	case strings.HasPrefix(m.Path, "."): // replaced with a folder
		return filepath.Join(s.root, filepath.FromSlash(m.Path)), false, nil
	case m.Version == "" || m.Version == "(devel)": // of a workspace
		path, err := s.runGo(ctx, "list", "-m", "-f", "{{.Dir}}", m.Path)
		return path, false, err
	}
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return "", false, err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", false, err
	}
	cache, err := s.moduleCache(ctx)
	return filepath.Join(cache, filepath.FromSlash(escaped)+"@"+version), true, err
}

// moduleCache returns the folder of the module cache.
func (s *Set) moduleCache(ctx context.Context) (string, error) {
	if s.cache == "" {
		var err error
		if s.cache, err = s.runGo(ctx, "env", "GOMODCACHE"); err != nil {
			return "", err
		}
	}
	return s.cache, nil
}

// runGo runs the go command in the application and returns its output.
func (s *Set) runGo(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...)
	command.Dir, command.Env = s.root, workspace.Environ(s.root, os.Environ())
	output, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("running go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(output)), nil
}

// codesBelow returns the generated code in a folder and its subfolders.
func codesBelow(folder string) ([]string, error) {
	var codes []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != folder && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata"):
			return fs.SkipDir
		case !entry.IsDir() && strings.HasSuffix(entry.Name(), codeSuffix):
			codes = append(codes, path)
		}
		return nil
	})
	return codes, err
}
