// Package storagetest tests implementations of storage.Store:
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, func(t *testing.T) storage.Store { return storage.NewFolder(t.TempDir()) })
//	}
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/covetgo/covet/app/storage"
)

// Run tests a kind of store. newStore returns an empty one.
func Run(t *testing.T, newStore func(t *testing.T) storage.Store) {
	for name, test := range map[string]func(*testing.T, storage.Store){
		"a file comes back":             readsBack,
		"a file is replaced":            isReplaced,
		"a file is deleted":             isDeleted,
		"a missing file is missing":     isMissing,
		"a failed upload is undone":     isUndone,
		"an end is noticed":             isEnded,
		"readers keep what they opened": isKept,
		"writers do not mix":            isolatesWrites,
		"keys are checked":              checksKeys,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newStore(t))
		})
	}
}

func put(t *testing.T, store storage.Store, key, content string) {
	t.Helper()
	if err := store.Put(t.Context(), key, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, store storage.Store, key string) storage.File {
	t.Helper()
	file, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

func read(t *testing.T, store storage.Store, key string) string {
	t.Helper()
	content, err := io.ReadAll(open(t, store, key))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func readsBack(t *testing.T, store storage.Store) {
	before := time.Now().Add(-time.Minute)
	for key, content := range map[string]string{
		"a": "", "b.txt": "text", "posts/cover/c-1_2.png": "\x00\xff",
		"posts/cover/" + strings.Repeat("k", 188): strings.Repeat("long ", 1<<16),
	} {
		put(t, store, key, content)
		file := open(t, store, key)
		if file.Size() != int64(len(content)) {
			t.Errorf("%s has %d bytes, want %d", key, file.Size(), len(content))
		}
		if at := file.ModTime(); at.Before(before) || at.After(time.Now().Add(time.Minute)) {
			t.Errorf("%s was stored %v", key, at)
		}
		if got, err := io.ReadAll(file); err != nil || string(got) != content {
			t.Errorf("%s holds %.20q, %v", key, got, err)
		}
		if _, err := file.Seek(int64(len(content)/2), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(file); err != nil || string(got) != content[len(content)/2:] {
			t.Errorf("the second half of %s is %.20q, %v", key, got, err)
		}
	}
}

func isReplaced(t *testing.T, store storage.Store) {
	put(t, store, "a/b", "a longer text")
	put(t, store, "a/b", "short")
	if got := read(t, store, "a/b"); got != "short" {
		t.Errorf("it holds %q", got)
	}
}

func isDeleted(t *testing.T, store storage.Store) {
	put(t, store, "a/b", "text")
	put(t, store, "a/c", "other")
	for _, key := range []string{"a/b", "a/b", "never/there", "a"} {
		if err := store.Delete(t.Context(), key); err != nil {
			t.Errorf("deleting %s: %v", key, err)
		}
	}
	if _, err := store.Open(t.Context(), "a/b"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("opening it returns %v", err)
	}
	if got := read(t, store, "a/c"); got != "other" {
		t.Errorf("the other file holds %q", got)
	}
}

func isMissing(t *testing.T, store storage.Store) {
	missing := func(key string) {
		t.Helper()
		if file, err := store.Open(t.Context(), key); !errors.Is(err, storage.ErrNotFound) || file != nil {
			t.Errorf("opening %s returns %v, %v", key, file, err)
		}
	}
	missing("a/b") // in an empty store
	put(t, store, "a/b", "text")
	for _, key := range []string{"a", "a/c", "a/b/c", "b"} {
		missing(key)
	}
}

var errBroken = errors.New("the connection broke")

func isUndone(t *testing.T, store storage.Store) {
	put(t, store, "old", "what was there")
	for _, key := range []string{"old", "new"} {
		broken := io.MultiReader(strings.NewReader("half of"), failing{})
		if err := store.Put(t.Context(), key, broken); !errors.Is(err, errBroken) {
			t.Errorf("storing %s returns %v", key, err)
		}
	}
	if got := read(t, store, "old"); got != "what was there" {
		t.Errorf("the old file holds %q", got)
	}
	if _, err := store.Open(t.Context(), "new"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("opening the new file returns %v", err)
	}
}

// failing is a reader that fails.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func isEnded(t *testing.T, store storage.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := store.Put(ctx, "a", strings.NewReader("text")); !errors.Is(err, context.Canceled) {
		t.Errorf("storing returns %v", err)
	}
	if _, err := store.Open(t.Context(), "a"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("opening it returns %v", err)
	}
	if _, err := store.Open(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("opening after the end returns %v", err)
	}
	if err := store.Delete(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("deleting after the end returns %v", err)
	}
}

func isKept(t *testing.T, store storage.Store) {
	put(t, store, "a", "first")
	file := open(t, store, "a")
	put(t, store, "a", "second, and longer")
	if err := store.Delete(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(file); err != nil || string(got) != "first" {
		t.Errorf("it holds %q, %v", got, err)
	}
}

func isolatesWrites(t *testing.T, store storage.Store) {
	var wg sync.WaitGroup
	for _, letter := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			if err := store.Put(t.Context(), "shared/file", strings.NewReader(strings.Repeat(letter, 1<<18))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	content := []byte(read(t, store, "shared/file"))
	if len(content) != 1<<18 || len(bytes.Trim(content, string(content[:1]))) != 0 {
		t.Errorf("%d bytes, of several writers", len(content))
	}
}

// Threat: keys that lead out of the store.
func checksKeys(t *testing.T, store storage.Store) {
	for _, key := range []string{
		"", "/", "/etc/passwd", "..", "../a", "a/../../b", `..\a`, "a//b", "a/",
		".hidden", "A", "a\x00b", "c:/a", strings.Repeat("a", 300),
	} {
		if err := store.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, storage.ErrKey) {
			t.Errorf("storing %.20q returns %v", key, err)
		}
		if _, err := store.Open(t.Context(), key); !errors.Is(err, storage.ErrKey) {
			t.Errorf("opening %.20q returns %v", key, err)
		}
		if err := store.Delete(t.Context(), key); !errors.Is(err, storage.ErrKey) {
			t.Errorf("deleting %.20q returns %v", key, err)
		}
	}
}
