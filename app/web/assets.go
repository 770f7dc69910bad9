package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
)

// Assets are the static files of an application: stylesheets, scripts, images. The name of each contains a hash of its
// content, "css/app.3kTMd9x0.css", so that browsers may cache it forever. Assets do not change after [NewAssets],
// unless they follow a folder, and are safe for concurrent use.
type Assets struct {
	prefix string
	urls   map[string]string // name → URL
	files  map[string]*asset // path without the prefix, hashed and plain → file
	folder atomic.Pointer[folder]
}

type asset struct {
	name, contentType, etag string
	content                 []byte
}

// NewAssets reads all files of fsys, to be served with the path prefix ("/assets/"). References from one file to
// another, as in url() of a stylesheet, use the plain names, which are also served and revalidated at each use.
func NewAssets(fsys fs.FS, prefix string) (*Assets, error) {
	a := &Assets{
		prefix: "/" + strings.Trim(prefix, "/") + "/",
		urls:   map[string]string{}, files: map[string]*asset{},
	}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		return a.add(fsys, name)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the assets: %w", err)
	}
	return a, nil
}

// MustAssets is like [NewAssets] and panics on an error, which for embedded files is a bug.
func MustAssets(fsys fs.FS, prefix string) *Assets {
	a, err := NewAssets(fsys, prefix)
	if err != nil {
		panic(err)
	}
	return a
}

func (a *Assets) add(fsys fs.FS, name string) error {
	content, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	file := newAsset(name, content)
	hashed := file.hashed()
	a.urls[name] = a.prefix + hashed
	a.files[name], a.files[hashed] = file, file
	return nil
}

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	contentType := contentTypeOf(path.Ext(name))
	if contentType == "" {
		contentType = http.DetectContentType(content)
	}
	etag := `"` + base64.RawURLEncoding.EncodeToString(sum[:6]) + `"`
	return &asset{name: name, contentType: contentType, etag: etag, content: content}
}

// hashed returns the name with the hash of the content.
func (f *asset) hashed() string {
	ext := path.Ext(f.name)
	return strings.TrimSuffix(f.name, ext) + "." + strings.Trim(f.etag, `"`) + ext
}

// ErrNoAsset is returned for an unknown name.
var ErrNoAsset = errors.New("there is no such asset")

// URL returns the address of the asset with this name, such as "css/app.css". Use it in templ directly: a wrong name
// becomes an error of the page, not a missing stylesheet.
//
//	<link rel="stylesheet" href={ assets.URL("css/app.css") }/>
func (a *Assets) URL(name string) (string, error) {
	if folder := a.folder.Load(); folder != nil {
		if file := folder.find(name); file != nil {
			return a.prefix + file.hashed(), nil
		}
		return "", fmt.Errorf("asset %q: %w", name, ErrNoAsset)
	}
	url, ok := a.urls[name]
	if !ok {
		return "", fmt.Errorf("asset %q: %w", name, ErrNoAsset)
	}
	return url, nil
}

// Prefix returns the path prefix of the assets, with slashes at both ends.
func (a *Assets) Prefix() string { return a.prefix }

// find returns the file with a name, plain or with a hash, or nil.
func (a *Assets) find(name string) *asset {
	if folder := a.folder.Load(); folder != nil {
		return folder.findHashed(name)
	}
	return a.files[name]
}

// Serve responds to a request for an asset: hashed names may be cached for a year, plain ones are revalidated by their
// ETag. It supports HEAD, ranges and conditional requests (RFC 9110).
func (a *Assets) Serve(c echo.Context) error {
	name := strings.TrimPrefix(c.Request().URL.Path, a.prefix)
	file := a.find(name)
	if file == nil {
		return problem.NotFound("")
	}
	h := c.Response().Header()
	h.Set("Content-Type", file.contentType)
	h.Set("ETag", file.etag)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if name != file.hashed() { // the plain name, or, under the dev server, that of former content
		h.Set("Cache-Control", "no-cache")
	}
	if strings.HasPrefix(file.contentType, "text/javascript") {
		// A worker uses the policy of its script, not of the page.
		h.Set("Content-Security-Policy", "default-src 'self'")
	}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, bytes.NewReader(file.content))
	return nil
}
