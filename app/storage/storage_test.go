package storage_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/storage"
)

func TestNewKey(t *testing.T) {
	t.Parallel()
	for name, extension := range map[string]string{
		"photo.png": ".png", "PHOTO.JPG": ".jpg", "archive.tar.gz": ".gz", "noextension": "", "": "", ".png": ".png",
		"shell.php": "", "page.html": "", "drawing.svg": "", "page.xhtml": "", "run.exe": "", "a.png.php": "", "a.": "",
		"../../etc/passwd": "", `..\..\a.png`: ".png", "a.png/../../x": "", "a.png\x00.php": "", "a.p/ng": "",
		"ä.png ": "", "a." + strings.Repeat("x", 300): "",
	} {
		key := storage.NewKey("posts/cover", name)
		if !regexp.MustCompile(`^posts/cover/[a-z2-7]{26}` + regexp.QuoteMeta(extension) + `$`).MatchString(key) {
			t.Errorf("the key of %.30q is %q", name, key)
		}
		if err := storage.CheckKey(key); err != nil {
			t.Error(err)
		}
		if again := storage.NewKey("posts/cover", name); again == key {
			t.Errorf("%s comes twice", key)
		}
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"a", "0", "a.b", "a-b_c/d.png", "a..b", "com10", "console", strings.Repeat("a", 200)} {
		if err := storage.CheckKey(key); err != nil {
			t.Error(err)
		}
	}
	for _, key := range []string{
		"", ".", "..", "/a", "a/", "a//b", "a/./b", "a/../b", `a\b`, ".a", "a.", "a/.b", "Ä", "A", "a b", "a\n",
		"a\x00", "a:b", "~", "con", "nul.txt", "a/com1", "lpt9.png",
		strings.Repeat("a", 201),
	} {
		if err := storage.CheckKey(key); !errors.Is(err, storage.ErrKey) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func FuzzCheckKey(f *testing.F) {
	for _, key := range []string{"a/b.png", "../a", "a\\b", "con", ""} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if storage.CheckKey(key) != nil {
			return
		}
		if strings.HasPrefix(key, "/") || strings.ContainsAny(key, "\\:\x00 ") ||
			strings.Contains("/"+key+"/", "/../") || len(key) > 200 {
			t.Errorf("%q is accepted", key)
		}
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	for url, dir := range map[string]string{"": "storage/files", "file:///var/lib/blog/files": "/var/lib/blog/files"} {
		store, err := storage.New(storage.Config{URL: url}, "storage/files")
		if err != nil {
			t.Fatal(err)
		}
		if folder, ok := store.(*storage.Folder); !ok || folder.Path() != dir {
			t.Errorf("%q is %+v", url, store)
		}
	}
	for url, want := range map[string]string{
		"s3://key:hunter2@bucket": `no store for the scheme "s3"`, "storage/files": "expected a URL",
		"file:relative":        "absolute path",
		"file://relative/path": "absolute path", "file:///": "path is missing", "file://": "path is missing",
		"file:///a?x=1": "an absolute path only", "://": "expected a URL", "file://user:hunter2@/path": "path only",
	} {
		if _, err := storage.New(storage.Config{URL: url}, ""); !errors.Is(err, storage.ErrURL) ||
			!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
}
