package watch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	root, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(root) }()
	w, err := watch.Open(watch.Config{Root: root})
	if err != nil {
		panic(err)
	}
	defer w.Close()
	if err := os.WriteFile(filepath.Join(root, "posts.go"), []byte("package posts"), 0o666); err != nil {
		panic(err)
	}
	fmt.Println((<-w.Batches()).Paths())
	// Output: [posts.go]
}

// each runs a test with the system's events and with looking for changes.
func each(t *testing.T, test func(t *testing.T, p *project)) {
	t.Helper()
	for name, poll := range map[string]bool{"events": false, "polling": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &project{t: t, root: t.TempDir(), poll: poll}
			p.write("app/posts/posts.go", "package posts")
			p.write("app/app.go", "package app")
			test(t, p)
		})
	}
}

type project struct {
	t    *testing.T
	root string
	poll bool
	w    *watch.Watcher
}

func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) at(name string) string { return filepath.Join(p.root, name) }

func (p *project) open() {
	p.t.Helper()
	w, err := watch.Open(watch.Config{Root: p.root, Poll: p.poll, Interval: time.Millisecond})
	p.check(err)
	p.t.Cleanup(w.Close)
	p.w = w
}

// next waits for batches until they name everything that is wanted, and fails when they name anything else. Removed
// files are written with a leading "-".
func (p *project) next(want ...string) {
	p.t.Helper()
	missing := slices.Clone(want)
	for len(missing) > 0 {
		select {
		case batch := <-p.w.Batches():
			for _, change := range batch.Changes {
				name := change.Path
				if change.Removed {
					name = "-" + name
				}
				if !slices.Contains(want, name) {
					p.t.Errorf("%s changed, want %v", name, want)
				}
				missing = slices.DeleteFunc(missing, func(m string) bool { return m == name })
			}
		case <-time.After(10 * time.Second):
			p.t.Fatalf("never heard of %v", missing)
		}
	}
}

func TestWriteAndRemove(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.write("app/app.go", "package app // changed")
		p.next("app/app.go")
		p.write("app/new.go", "package app")
		p.next("app/new.go")
		p.check(os.Remove(p.at("app/new.go")))
		p.next("-app/new.go")
	})
}

// Two writes within a tick of the file system's clock leave the same time and may leave the same size.
func TestSameSizeSameTime(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		at := time.Now()
		p.check(os.Chtimes(p.at("app/app.go"), at, at))
		p.open()
		p.write("app/app.go", "package apq")
		p.check(os.Chtimes(p.at("app/app.go"), at, at))
		p.next("app/app.go")
	})
}

func TestTouchIsNoChange(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.check(os.Chtimes(p.at("app/app.go"), time.Now(), time.Now()))
		p.write("app/app.go", "package app")
		p.write("app/posts/posts.go", "package posts // the mark")
		p.next("app/posts/posts.go")
	})
}

// Editors save into another file and rename it.
func TestRenamedIntoPlace(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.write("app/app.go~", "package app // saved")
		p.check(os.Rename(p.at("app/app.go~"), p.at("app/app.go")))
		p.next("app/app.go")
	})
}

func TestNewFolders(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.write("app/one/two/three/deep.go", "package three")
		p.next("app/one/two/three/deep.go")
		p.write("app/one/two/three/deep.go", "package three // again")
		p.next("app/one/two/three/deep.go")
	})
}

func TestRenamedFolder(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.write("app/posts/inner/inner.go", "package inner")
		p.open()
		p.check(os.Rename(p.at("app/posts"), p.at("app/articles")))
		p.next("-app/posts/posts.go", "app/articles/posts.go", "-app/posts/inner/inner.go", "app/articles/inner/inner.go")
		p.write("app/articles/inner/inner.go", "package inner // it has its new name")
		p.next("app/articles/inner/inner.go")
		p.write("app/posts/other.go", "package posts")
		p.next("app/posts/other.go")
	})
}

// Two folders change their names at once: each has the watch of the other.
func TestSwappedFolders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *project) {
		// Outside the project, so that a scan in the middle of the swap sees no folder of this name.
		between := filepath.Join(t.TempDir(), "posts")
		p.write("app/tags/tags.go", "package tags")
		p.open()
		p.check(os.Rename(p.at("app/posts"), between))
		p.check(os.Rename(p.at("app/tags"), p.at("app/posts")))
		p.check(os.Rename(between, p.at("app/tags")))
		p.next("-app/posts/posts.go", "app/posts/tags.go", "-app/tags/tags.go", "app/tags/posts.go")
		p.write("app/tags/posts.go", "package tags")
		p.next("app/tags/posts.go")
	})
}

func TestRemovedAndMadeAgain(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.check(os.RemoveAll(p.at("app/posts")))
		p.next("-app/posts/posts.go")
		p.write("app/posts/posts.go", "package posts // back")
		p.next("app/posts/posts.go")
	})
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		for _, name := range []string{
			".git/index", ".covet/bin/blog", "node_modules/x/index.js", "web/node_modules/y.js", "storage/blog.db",
			"vendor/a.go", "app/.app.go.swp", "app/app.go~", "app/#app.go#", "app/4913", "app/.#app.go", ".env.swp",
			"app/app.go___jb_tmp___", "app/x.tmp",
		} {
			p.write(name, "x")
		}
		p.write(".env", "SECRET_KEY=x")
		p.next(".env")
		p.write("app/storage/storage.go", "package storage")
		p.next("app/storage/storage.go")
	})
}

func TestSymlinkLoop(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	each(t, func(_ *testing.T, p *project) {
		p.check(os.Symlink("..", p.at("app/posts/up")))
		p.check(os.Symlink("self", p.at("app/self")))
		p.open()
		p.check(os.Symlink("../..", p.at("app/posts/upper")))
		p.write("app/app.go", "package app // changed")
		p.next("app/app.go")
	})
}

// A checkout changes many files, and is one batch unless it takes longer than the bound.
func TestBurstIsBatched(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *project) {
		p.open()
		want := map[string]bool{}
		for i := range 200 {
			name := fmt.Sprintf("app/burst%d/file%d.go", i%7, i)
			p.write(name, "package burst")
			want[name] = true
		}
		batches := 0
		for len(want) > 0 {
			select {
			case batch := <-p.w.Batches():
				batches++
				for _, path := range batch.Paths() {
					delete(want, path)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("never heard of %d files", len(want))
			}
		}
		if batches > 10 {
			t.Errorf("200 files were %d batches", batches)
		}
	})
}

// Changes that keep coming do not keep the batch from being handed out.
func TestBound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *project) {
		p.open()
		deadline := time.After(10 * time.Second)
		for i := 0; ; i++ {
			p.write("app/app.go", fmt.Sprintf("package app // %d", i))
			select {
			case <-p.w.Batches():
				return
			case <-deadline:
				t.Fatal("no batch while a file keeps changing")
			default:
			}
		}
	})
}

func TestQuietly(t *testing.T) {
	t.Parallel()
	each(t, func(_ *testing.T, p *project) {
		p.open()
		p.check(p.w.Quietly(func() ([]string, error) {
			p.write("app/home_templ.go", "package app // generated")
			return []string{"app/home_templ.go"}, nil
		}))
		p.write("app/app.go", "package app // the mark")
		p.next("app/app.go")
		p.write("app/home_templ.go", "package app // by hand")
		p.next("app/home_templ.go")
	})
}

func TestRootRemoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, p *project) {
		p.root = filepath.Join(p.root, "blog")
		p.write("app/app.go", "package app")
		p.open()
		p.check(os.RemoveAll(p.root))
		deadline := time.After(10 * time.Second)
		for {
			select {
			case batch, open := <-p.w.Batches():
				if !open {
					t.Fatal("closed without a word")
				}
				if batch.Err != nil {
					if !strings.Contains(batch.Err.Error(), "watching the application") {
						t.Errorf("got %v", batch.Err)
					}
					return
				}
			case <-deadline:
				t.Fatal("the root is gone and no error is reported")
			}
		}
	})
}

func TestNoRoot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{file, filepath.Join(t.TempDir(), "gone")} {
		if _, err := watch.Open(watch.Config{Root: root}); err == nil {
			t.Errorf("%s is watched", root)
		}
	}
}

func TestUnreadableFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Log("root reads every folder; what is left of this test is that the others are watched")
	}
	each(t, func(_ *testing.T, p *project) {
		p.write("secret/file.go", "package secret")
		p.check(os.Chmod(p.at("secret"), 0))
		p.t.Cleanup(func() { _ = os.Chmod(p.at("secret"), 0o700) })
		p.open()
		p.write("app/app.go", "package app // changed")
		p.next("app/app.go")
	})
}
