package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
)

// shownInPlace are the types of files that browsers display inline: images that cannot contain scripts.
var shownInPlace = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true,
	"image/webp": true, "image/avif": true,
}

// filePolicy is the Content-Security-Policy of stored files: even if a browser displays one as a page, it runs and
// loads nothing.
const filePolicy = "sandbox; default-src 'none'"

// minRate is the minimum rate, in bytes per second, at which a client must receive a file.
const minRate = 32 << 10

// ServeFile sends a stored file, whole or in the requested ranges (RFC 9110 §14), or 304 if the client has it. The
// handler must have authorized the request. The type is detected from the first bytes, not the name: PNG, JPEG, GIF,
// WebP and AVIF images are displayed inline, everything else is downloaded. Browsers may cache the file and revalidate
// it each time. The error for an unknown key is a 404.
//
// Threats: a page or an SVG image, uploaded as a picture, that runs a script of this site; a private file in a shared
// cache.
func ServeFile(c echo.Context, store storage.Store, key string) error {
	file, err := store.Open(c.Request().Context(), key)
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrKey):
		return problem.NotFound("").WithCause(err)
	case err != nil:
		return fmt.Errorf("serving a file: %w", err)
	}
	defer func() { _ = file.Close() }()
	contentType, err := storedType(file)
	if err != nil {
		return fmt.Errorf("serving file %q: %w", key, err)
	}
	h := c.Response().Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", "inline")
	if !shownInPlace[contentType] {
		h.Set("Content-Disposition", `attachment; filename="`+path.Base(key)+`"`) // keys need no quoting
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", filePolicy)
	if !identity.Shown(c.Request().Context()) { // otherwise it is not cached at all, like other responses to users
		h.Set("Cache-Control", "private, no-cache")
	}
	// It is weak because the response may be compressed: ranges of one encoding are not ranges of the other.
	h.Set("ETag", fmt.Sprintf(`W/"%x-%x"`, file.ModTime().UnixNano(), file.Size()))
	// A large file takes longer than http.write_timeout. Writers without deadlines return an error.
	patience := time.Minute + time.Duration(file.Size()/minRate)*time.Second
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(patience))
	http.ServeContent(c.Response(), c.Request(), "", file.ModTime(), file)
	return nil
}

// storedType detects the type of a file by its first bytes (WHATWG MIME Sniffing, and AVIF), and seeks back to its
// start.
func storedType(file io.ReadSeeker) (string, error) {
	start := make([]byte, 512)
	n, err := io.ReadFull(file, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	start = start[:n]
	if n >= 12 && strings.HasPrefix(string(start[4:]), "ftypavif") {
		return "image/avif", nil
	}
	return http.DetectContentType(start), nil
}
