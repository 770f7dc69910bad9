package generate_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold/generate"
)

// generated returns the change that generating means, without writing it.
func generated(t testing.TB, dir, kind, name string, args []string, flags generate.Flags) *generate.Change {
	t.Helper()
	change, err := tryGenerate(t, dir, kind, name, args, flags)
	if err != nil {
		t.Fatalf("%s %s %v: %v", kind, name, args, err)
	}
	return change
}

func tryGenerate(t testing.TB, dir, kind, name string, args []string, flags generate.Flags) (*generate.Change, error) {
	t.Helper()
	found, err := generate.Find(kind)
	if err != nil {
		t.Fatal(err)
	}
	if flags.Now.IsZero() {
		flags.Now = now
	}
	return open(t, dir).Generate(found, name, args, flags)
}

// destroyed returns the change that destroying means.
func destroyed(t testing.TB, dir, kind, name string) *generate.Change {
	t.Helper()
	found, err := generate.Find(kind)
	if err != nil {
		t.Fatal(err)
	}
	change, err := open(t, dir).Destroy(found, name)
	if err != nil {
		t.Fatalf("destroying %s %s: %v", kind, name, err)
	}
	return change
}

func open(t testing.TB, dir string) *generate.Project {
	t.Helper()
	project, err := generate.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func write(t testing.TB, change *generate.Change) {
	t.Helper()
	if err := change.Write(false); err != nil {
		t.Fatal(err)
	}
}

// everything is every file below a folder, and every folder, which ends in a slash.
func everything(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			files[filepath.ToSlash(relative)+"/"] = ""
			return nil
		}
		if entry.Type()&fs.ModeSymlink != 0 {
			files[filepath.ToSlash(relative)], err = os.Readlink(path)
			return err
		}
		content, err := os.ReadFile(path)
		files[filepath.ToSlash(relative)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// unchanged holds that a folder is as it was.
func unchanged(t testing.TB, dir string, before map[string]string) {
	t.Helper()
	if diff := cmp.Diff(before, everything(t, dir)); diff != "" {
		t.Errorf("the tree has changed (-before +after):\n%s", diff)
	}
}

// put writes a file of the application.
func put(t testing.TB, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// read reads a file of the application.
func read(t testing.TB, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
