package storage_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/storage/storagetest"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	storagetest.Run(t,
		func(t *testing.T) storage.Store { return storage.NewFolder(filepath.Join(t.TempDir(), "not", "there")) })
}

// Threat: an attacker who can write into the folder, such as another program, plants links that lead out of it.
func TestFolderFollowsNoLinks(t *testing.T) {
	t.Parallel()
	outside, inside := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"file": secret, "dir": outside, "up": ".."} {
		if err := os.Symlink(target, filepath.Join(inside, link)); err != nil {
			t.Fatal(err)
		}
	}
	store := storage.NewFolder(inside)
	for _, key := range []string{"file", "dir/secret", "up/secret"} {
		if file, err := store.Open(t.Context(), key); err == nil {
			content, _ := io.ReadAll(file)
			t.Errorf("opening %s answers %q", key, content)
		}
		if err := store.Put(t.Context(), key, strings.NewReader("changed")); err == nil && key != "file" {
			t.Errorf("storing %s is no error", key)
		}
	}
	for _, key := range []string{"dir/secret", "up/secret", "file", "dir"} {
		_ = store.Delete(t.Context(), key)
	}
	if content, err := os.ReadFile(secret); err != nil || string(content) != "secret" {
		t.Errorf("outside is %q, %v", content, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(inside), "secret")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("beside the folder: %v", err)
	}
}

// Threat: another user of the machine reads what was uploaded.
func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "files")
	if err := storage.NewFolder(dir).Put(t.Context(), "covers/2026/a.png", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		"": 0o700, "covers": 0o700, "covers/2026": 0o700,
		"covers/2026/a.png": 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%q has mode %o, want %o", name, got, want)
		}
	}
}

func TestFolderLeavesNoParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store := storage.NewFolder(dir)
	broken := io.MultiReader(strings.NewReader("half of"), brokenReader{})
	if err := store.Put(t.Context(), "a", broken); err == nil {
		t.Error("storing half of a file is no error")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left are %v, %v", entries, err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

// A folder is never taken for a file, nor deleted.
func TestFolderKeepsFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	store := storage.NewFolder(dir)
	if _, err := store.Open(t.Context(), "empty"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("opening a folder answers %v", err)
	}
	if err := store.Delete(t.Context(), "empty"); err != nil {
		t.Error(err)
	}
	if err := store.Put(t.Context(), "empty", strings.NewReader("x")); err == nil {
		t.Error("a file took the place of a folder")
	}
	if _, err := os.Stat(filepath.Join(dir, "empty")); err != nil {
		t.Error(err)
	}
}
