package scaffold_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold"
)

func tiny() *scaffold.Project {
	return &scaffold.Project{Files: []scaffold.File{
		{Path: "a/b/c.txt", Mode: 0o644, Content: []byte("c")},
		{Path: "run", Mode: 0o755, Content: []byte("#!/bin/sh")},
	}}
}

// tree lists the files and folders below dir with their content.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil || entry.IsDir() {
			found = append(found, relative+"/")
			return err
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			found = append(found, relative+"@")
			return nil
		}
		content, err := os.ReadFile(path)
		found = append(found, relative+"="+string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}

var tinyTree = []string{"a/", "a/b/", "a/b/c.txt=c", "run=#!/bin/sh"}

func TestWriteNewFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "some", "where", "blog")
	if err := tiny().Write(dir, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tinyTree, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	if siblings := tree(t, filepath.Join(dir, "..")); len(siblings) != len(tinyTree)+1 {
		t.Errorf("something was left beside the project: %v", siblings)
	}
	if info, err := os.Stat(filepath.Join(dir, "run")); err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("run is not executable: %v", err)
	}
}

func TestWriteEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := tiny().Write(dir, false); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tinyTree, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	if after, err := os.Stat(dir); err != nil || !os.SameFile(before, after) {
		t.Error("the folder itself was replaced; a shell in it would stand in a deleted one")
	}
}

func TestWriteRefusesAndForces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"mine.txt": "mine", "run": "old"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, dir)
	if err := tiny().Write(dir, false); !errors.Is(err, scaffold.ErrNotEmpty) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("the folder was changed: %s", diff)
	}
	if err := tiny().Write(dir, true); err != nil {
		t.Fatal(err)
	}
	want := []string{"a/", "a/b/", "a/b/c.txt=c", "mine.txt=mine", "run=#!/bin/sh"}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// A conflict is found before anything is replaced.
func TestWriteConflicts(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	for name, prepare := range map[string]func(dir string) error{
		"run is a folder":            func(dir string) error { return os.Mkdir(filepath.Join(dir, "run"), 0o755) },
		"a is not a folder":          func(dir string) error { return os.WriteFile(filepath.Join(dir, "a"), nil, 0o600) },
		"a is not a folder and must": func(dir string) error { return os.Symlink(outside, filepath.Join(dir, "a")) },
	} {
		dir := t.TempDir()
		if err := prepare(dir); err != nil {
			t.Fatal(err)
		}
		before := tree(t, dir)
		if err := tiny().Write(dir, true); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
		if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
			t.Errorf("the folder was changed: %s", diff)
		}
	}
	if left := tree(t, outside); len(left) != 0 {
		t.Errorf("a link was followed: %v", left)
	}
}

func TestWriteLeavesNothingAfterAFailure(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	project := tiny()
	project.Files = append(project.Files, scaffold.File{Path: strings.Repeat("long", 100), Mode: 0o644})
	for _, dir := range []string{filepath.Join(parent, "blog"), filepath.Join(parent, "deep", "er", "blog"), parent} {
		if err := project.Write(dir, false); err == nil {
			t.Fatal("no error")
		}
		if left := tree(t, parent); len(left) != 0 {
			t.Errorf("%s: left %v", dir, left)
		}
	}
}

func TestWriteBelowAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "blog")} {
		if err := tiny().Write(dir, true); err == nil {
			t.Errorf("%s: no error", dir)
		}
	}
}
