package web_test

import (
	"errors"
	"io"
	"testing"

	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/web"
)

// uploaded is a file as Bind hands it out.
func uploaded(t *testing.T) *web.File {
	t.Helper()
	c, _ := newContext(&web.Renderer{}, parts(t, map[string]string{"cover:new.png": png}))
	var form struct {
		Cover *web.File `form:"cover"`
	}
	if errs, err := web.Bind(c, &form); err != nil || len(errs) > 0 {
		t.Fatal(errs, err)
	}
	return form.Cover
}

// exists reports whether a store has a file.
func exists(t *testing.T, store storage.Store, key string) bool {
	t.Helper()
	file, err := store.Open(t.Context(), key)
	if errors.Is(err, storage.ErrNotFound) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Close() == nil
}

// Of the old and the new file the one stays that the row speaks of.
func TestUploads(t *testing.T) {
	t.Parallel()
	failure := errors.New("the row was not saved")
	for _, test := range []struct {
		name          string
		file, remove  bool
		saved         error
		old, replaced bool // whether the old file stays, and whether the key is another
	}{
		{name: "nothing", old: true},
		{name: "another file", file: true, replaced: true},
		{name: "another file, and the row fails", file: true, saved: failure, old: true, replaced: true},
		{name: "removed", remove: true, replaced: true},
		{name: "removed, and the row fails", remove: true, saved: failure, old: true, replaced: true},
		{name: "a new file wins over removal", file: true, remove: true, replaced: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			store := storeWith(t, map[string]string{"posts/old.png": "old"})
			key := "posts/old.png"
			var file *web.File
			if test.file {
				file = uploaded(t)
			}
			uploads := web.NewUploads(store)
			if err := uploads.Replace(t.Context(), &key, "posts", file, test.remove); err != nil {
				t.Fatal(err)
			}
			if err := uploads.Finish(t.Context(), test.saved); !errors.Is(err, test.saved) {
				t.Errorf("the error is %v", err)
			}
			if got := exists(t, store, "posts/old.png"); got != test.old {
				t.Errorf("the old file is there: %v", got)
			}
			if (key != "posts/old.png") != test.replaced {
				t.Errorf("the key is %q", key)
			}
			if test.file && exists(t, store, key) != (test.saved == nil) {
				t.Errorf("the new file is there: %v", test.saved != nil)
			}
		})
	}
}

func TestUploadsKeepTheContent(t *testing.T) {
	t.Parallel()
	store, key := storage.NewFolder(t.TempDir()), ""
	uploads := web.NewUploads(store)
	err := uploads.Replace(t.Context(), &key, "posts", uploaded(t), false)
	if err := uploads.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	file, err := store.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(file)
	if closeErr := file.Close(); err != nil || closeErr != nil || string(content) != png {
		t.Errorf("content %q, %v, %v", content, err, closeErr)
	}
}
