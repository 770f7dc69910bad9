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

// shownInPlace are the types of files that browsers show in place: images that can hold no script.
var shownInPlace = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true,
	"image/webp": true, "image/avif": true,
}

// filePolicy is the Content-Security-Policy of stored files: even one that a browser is led to show as a page runs and
// loads nothing.
const filePolicy = "sandbox; default-src 'none'"

// minRate is the rate, in bytes a second, at which a client has to take a file.
const minRate = 32 << 10

// ServeFile sends a stored file, whole or in the ranges that are asked for (RFC 9110 §14), or 304 when the client has
// it. The handler has made sure that the client may read it. What kind of file it is, its first bytes say, not its
// name: PNG, JPEG, GIF, WebP and AVIF images are shown in place, everything else is downloaded. Browsers may keep the
// file and ask each time whether that is still right. The error for a key that no file has is a 404.
//
// Threats: a page or an SVG image, uploaded as a picture, that runs a script as this site; a private file in a shared
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
	if !identity.Shown(c.Request().Context()) { // otherwise it is not stored at all, as nothing is that a user asks for
		h.Set("Cache-Control", "private, no-cache")
	}
	// It is weak because the response may be compressed: ranges of the one are no ranges of the other.
	h.Set("ETag", fmt.Sprintf(`W/"%x-%x"`, file.ModTime().UnixNano(), file.Size()))
	// A large file takes longer than http.write_timeout. Writers that know no deadline have none.
	patience := time.Minute + time.Duration(file.Size()/minRate)*time.Second
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(patience))
	http.ServeContent(c.Response(), c.Request(), "", file.ModTime(), file)
	return nil
}

// storedType tells the type of a file by its first bytes (WHATWG MIME Sniffing, and AVIF besides), and goes back to its
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
