package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// edited is a folder of assets, and the assets that follow it. They were embedded as css and img, and one file at the
// top.
func edited(t *testing.T) (*web.Assets, string) {
	t.Helper()
	embedded := fstest.MapFS{
		"css/app.css": {Data: []byte("old{}")}, "img/a.svg": {Data: []byte("<svg/>")},
		"img/_all.svg": {Data: []byte("<svg/>")}, "robots.txt": {Data: []byte("old")},
	}
	dir := filepath.Join(t.TempDir(), "app", "assets")
	for name, file := range embedded {
		writeAsset(t, dir, name, string(file.Data))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	assets := web.MustAssets(embedded, "/assets/")
	if !assets.Follow(root) {
		t.Fatal("the folder is not followed")
	}
	return assets, dir
}

func writeAsset(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// serveAsset asks for a path and returns status, caching and content.
func serveAsset(assets *web.Assets, path string) (status int, caching, content string) {
	c, w := newContext(nil, httptest.NewRequest(http.MethodGet, "/", nil))
	c.Request().URL.Path = path
	if err := assets.Serve(c); err != nil {
		return problem.From(err).Status, "", ""
	}
	return w.Code, w.Header().Get("Cache-Control"), w.Body.String()
}

func TestFollowedAssetsAreThoseOnDisk(t *testing.T) {
	t.Parallel()
	assets, dir := edited(t)
	before, err := assets.URL("css/app.css")
	if err != nil {
		t.Fatal(err)
	}
	if status, caching, content := serveAsset(assets, before); status != 200 || content != "old{}" ||
		!strings.Contains(caching, "immutable") {
		t.Errorf("%s: %d %s %q", before, status, caching, content)
	}
	writeAsset(t, dir, "css/app.css", "changed{}")
	after, err := assets.URL("css/app.css")
	if err != nil || after == before {
		t.Errorf("URL = %q, %v", after, err)
	}
	for path, wanted := range map[string]string{
		after: "immutable", before: "no-cache",
		"/assets/css/app.css": "no-cache",
	} {
		if status, caching, content := serveAsset(assets, path); status != 200 || content != "changed{}" ||
			!strings.Contains(caching, wanted) {
			t.Errorf("%s: %d %s %q", path, status, caching, content)
		}
	}

	writeAsset(t, dir, "css/deep/new.css", "new{}")
	if url, err := assets.URL("css/deep/new.css"); err != nil {
		t.Error(err)
	} else if _, _, content := serveAsset(assets, url); content != "new{}" {
		t.Errorf("%s is %q", url, content)
	}
	if err := os.Remove(filepath.Join(dir, "img", "a.svg")); err != nil {
		t.Fatal(err)
	}
	if _, err := assets.URL("img/a.svg"); !errors.Is(err, web.ErrNoAsset) {
		t.Errorf("a removed file: %v", err)
	}
	if status, _, _ := serveAsset(assets, "/assets/img/a.svg"); status != http.StatusNotFound {
		t.Errorf("a removed file: %d", status)
	}
	if _, err := assets.URL("img/_all.svg"); err != nil {
		t.Errorf("what was embedded by name is gone: %v", err)
	}
}

// The attacks: paths and symbolic links to what is no asset.
func TestFollowedAssetsStayInTheirFolder(t *testing.T) {
	t.Parallel()
	assets, dir := edited(t)
	secret := filepath.Join(filepath.Dir(filepath.Dir(dir)), ".env")
	writeAsset(t, filepath.Dir(secret), ".env", "SECRET_KEY=x")
	writeAsset(t, dir, "assets.go", "package assets")
	writeAsset(t, dir, "css/.hidden", "x")
	writeAsset(t, dir, "css/_partial.css", "x")
	writeAsset(t, dir, "new/a.css", "x")
	for _, link := range []struct{ name, target string }{
		{"css/absolute.css", secret}, {"css/relative.css", "../../../.env"}, {"img/up", "../../.."},
	} {
		if err := os.Symlink(link.target, filepath.Join(dir, filepath.FromSlash(link.name))); err != nil &&
			runtime.GOOS != "windows" { // where links take a right; names without a file are refused, too
			t.Fatal(err)
		}
	}
	for _, name := range []string{
		"", ".", "..", "../../.env", "css/../../../.env", "css/../assets.go", `css\..\assets.go`, "css//app.css",
		"/css/app.css", "css/./app.css",
		"assets.go", "css/.hidden", "css/_partial.css", "new/a.css", "css", "css/", "css/app.css/", "css/absolute.css",
		"css/relative.css", "img/up/.env",
		"img/up/app/assets/css/app.css", secret, "robots.txt/x", "css/app.css\x00", "C:/x", "css:app.css",
	} {
		if status, _, content := serveAsset(assets, "/assets/"+name); status != http.StatusNotFound {
			t.Errorf("%q: %d %q", name, status, content)
		}
		if url, err := assets.URL(name); !errors.Is(err, web.ErrNoAsset) {
			t.Errorf("%q has the address %q, %v", name, url, err)
		}
	}
	if status, _, _ := serveAsset(assets, "/assets/css/app.css"); status != http.StatusOK {
		t.Errorf("the stylesheet: %d", status)
	}
}

// Assets that were embedded from elsewhere are not those of the folder.
func TestForeignFoldersAreNotFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeAsset(t, dir, "assets.go", "package assets")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	assets := web.MustAssets(fstest.MapFS{"app.css": {Data: []byte("embedded{}")}}, "/assets/")
	if assets.Follow(root) {
		t.Error("the folder is followed")
	}
	if _, _, content := serveAsset(assets, "/assets/app.css"); content != "embedded{}" {
		t.Errorf("the content is %q", content)
	}
}

func FuzzFollowedName(f *testing.F) {
	for _, name := range []string{"css/app.css", "../.env", "css/..", "css/app.AAAAAAAA.css", "a.AAAAAAAA", ".AAAAAAAA"} {
		f.Add(name)
	}
	dir := filepath.Join(f.TempDir(), "assets")
	if err := os.MkdirAll(filepath.Join(dir, "css"), 0o755); err != nil {
		f.Fatal(err)
	}
	for name, content := range map[string]string{"css/app.css": "public", "../secret": "secret", "assets.go": "secret"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(content), 0o644); err != nil {
			f.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = root.Close() })
	assets := web.MustAssets(fstest.MapFS{"css/app.css": {Data: []byte("public")}}, "/assets/")
	assets.Follow(root)
	f.Fuzz(func(t *testing.T, name string) {
		if _, _, content := serveAsset(assets, "/assets/"+name); content != "" && content != "public" {
			t.Errorf("%q: %q", name, content)
		}
	})
}
