package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/web"
)

const pngFile = "\x89PNG\r\n\x1a\nand so on"

// serveFile answers a request for a stored file, behind the middleware of every application.
func serveFile(t *testing.T, store storage.Store, key string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	e := echo.New()
	e.Use(middleware.Request(middleware.Proxies{}), middleware.Gzip(), middleware.SecureHeaders(middleware.Headers{}))
	e.HTTPErrorHandler = func(err error, c echo.Context) { c.Response().WriteHeader(problem.From(err).Status) }
	e.GET("/file", func(c echo.Context) error { return web.ServeFile(c, store, key) })
	r := httptest.NewRequest(http.MethodGet, "/file", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func storeWith(t *testing.T, files map[string]string) storage.Store {
	t.Helper()
	store := storage.NewFolder(t.TempDir())
	for key, content := range files {
		if err := store.Put(t.Context(), key, strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// Threat: what is uploaded as a picture is a page that runs as this site.
func TestServeFile(t *testing.T) {
	t.Parallel()
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for _, tt := range []struct{ key, content, contentType, disposition string }{
		{"a/photo.png", pngFile, "image/png", "inline"},
		{"a/photo", "\xff\xd8\xff and so on", "image/jpeg", "inline"},
		{"a/page.html", "GIF89a and so on", "image/gif", "inline"}, // the name says nothing
		{"a/b.webp", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "inline"},
		{"a/b.avif", "\x00\x00\x00\x1cftypavif\x00\x00", "image/avif", "inline"},
		{
			"attack/page.png", "<!DOCTYPE html><script>alert(1)</script>", "text/html; charset=utf-8",
			`attachment; filename="page.png"`,
		},
		{"attack/drawing.png", svg, "text/plain; charset=utf-8", `attachment; filename="drawing.png"`},
		{"attack/xml.png", `<?xml version="1.0"?>` + svg, "text/xml; charset=utf-8", `attachment; filename="xml.png"`},
		{"attack/script.png", "alert(1)", "text/plain; charset=utf-8", `attachment; filename="script.png"`},
		{"doc.pdf", "%PDF-1.7", "application/pdf", `attachment; filename="doc.pdf"`},
		{"empty", "", "text/plain; charset=utf-8", `attachment; filename="empty"`},
		{"bytes", "\x00\x01\x02", "application/octet-stream", `attachment; filename="bytes"`},
	} {
		w := serveFile(t, storeWith(t, map[string]string{tt.key: tt.content}), tt.key)
		if w.Code != http.StatusOK || w.Body.String() != tt.content {
			t.Errorf("%s: status %d, %.20q", tt.key, w.Code, w.Body)
		}
		for name, want := range map[string]string{
			"Content-Type": tt.contentType, "Content-Disposition": tt.disposition, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache",
		} {
			if got := w.Header().Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s is %q, want %q", tt.key, name, got, want)
			}
		}
	}
}

func TestServeFileInParts(t *testing.T) {
	t.Parallel()
	store := storeWith(t, map[string]string{"a": pngFile + strings.Repeat(".", 4096)})

	part := serveFile(t, store, "a", "Range", "bytes=1-3", "Accept-Encoding", "gzip")
	if part.Code != http.StatusPartialContent || part.Body.String() != "PNG" ||
		part.Header().Get("Content-Range") != "bytes 1-3/4113" {
		t.Errorf("status %d, %q, %v", part.Code, part.Body, part.Header())
	}
	if got := serveFile(t, store, "a", "Range", "bytes=9000-").Code; got != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range beyond the end: status %d", got)
	}
	tag := part.Header().Get("ETag")
	if again := serveFile(t, store, "a", "If-None-Match", tag); again.Code != http.StatusNotModified ||
		again.Body.Len() != 0 {
		t.Errorf("status %d with %d bytes", again.Code, again.Body.Len())
	}
	// The rest of a file that the client has compressed would be the rest of something else.
	if whole := serveFile(t, store, "a", "Range", "bytes=1-3", "If-Range", tag); whole.Code != http.StatusOK {
		t.Errorf("status %d for the rest of a file", whole.Code)
	}
	if err := store.Put(t.Context(), "a", strings.NewReader(pngFile)); err != nil {
		t.Fatal(err)
	}
	if changed := serveFile(t, store, "a", "If-None-Match", tag); changed.Code != http.StatusOK {
		t.Errorf("status %d for another file", changed.Code)
	}
}

func TestServeFileThatIsNotThere(t *testing.T) {
	t.Parallel()
	store := storeWith(t, map[string]string{"a/b": "text"})
	for _, key := range []string{"", "a", "b", "a/b/c", "../a/b", "/etc/passwd", `..\..\secret`, "a/b\x00"} {
		if w := serveFile(t, store, key); w.Code != http.StatusNotFound || w.Header().Get("Content-Disposition") != "" {
			t.Errorf("%q: status %d, %v", key, w.Code, w.Header())
		}
	}
	if w := serveFile(t, brokenStore{store}, "a/b"); w.Code != http.StatusInternalServerError {
		t.Errorf("a broken store: status %d", w.Code)
	}
}

// brokenStore is a store of files that cannot be read.
type brokenStore struct{ storage.Store }

func (b brokenStore) Open(c context.Context, key string) (storage.File, error) {
	file, err := b.Store.Open(c, key)
	return unreadableFile{file}, err
}

type unreadableFile struct{ storage.File }

func (unreadableFile) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
