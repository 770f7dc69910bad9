package middleware

import (
	"compress/gzip"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// minCompressed is the minimum length in bytes of compressed responses.
const minCompressed = 1024

// Gzip compresses responses of a kilobyte or more, of compressible types, for clients that accept it (RFC 9110
// §12.5.3). It does not change responses that the handler or inner middleware has compressed, event streams, responses
// to HEAD, ranges, and responses with "Cache-Control: no-transform".
func Gzip() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r, response := c.Request(), c.Response()
			// A range is part of the original bytes: it cannot be compressed afterwards (RFC 9110 §14).
			if r.Method == http.MethodHead || r.Header.Get("Range") != "" || r.Header.Get("Upgrade") != "" {
				return next(c)
			}
			response.Header().Add("Vary", "Accept-Encoding")
			if !acceptsGzip(r.Header.Values("Accept-Encoding")) {
				return next(c)
			}
			w := &compressWriter{ResponseWriter: response.Writer, context: c}
			response.Writer = w
			defer func() { response.Writer = w.ResponseWriter }()
			err := next(c)
			w.close() // not after a panic, which aborts the response
			return err
		}
	}
}

// NoCompression sends the responses of a route or a group uncompressed: for a page that shows a secret next to text of
// the request (BREACH), or a stream that is already compressed.
func NoCompression() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(plainKey, true)
			return next(c)
		}
	}
}

const plainKey = "covet.no_compression"

// acceptsGzip reports whether the header Accept-Encoding allows gzip.
func acceptsGzip(header []string) bool {
	wildcard := false
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
			allowed := true
			if q, ok := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(parameters), " ", ""), "q="); ok {
				weight, err := strconv.ParseFloat(q, 64)
				allowed = err == nil && weight > 0
			}
			switch strings.ToLower(strings.TrimSpace(coding)) {
			case "gzip", "x-gzip":
				return allowed
			case "*":
				wildcard = allowed
			}
		}
	}
	return wildcard
}

// compressWriter buffers a response until it is known whether to compress it: when it is long enough, flushed, or
// complete. It is not safe for concurrent use.
type compressWriter struct {
	http.ResponseWriter
	context echo.Context
	status  int
	held    []byte
	decided bool
	gzip    *gzip.Writer // nil unless the response is compressed
}

var gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// WriteHeader delays the status until the decision. Informational responses are sent at once.
func (w *compressWriter) WriteHeader(status int) {
	switch {
	case status >= 100 && status < 200, w.decided:
		w.ResponseWriter.WriteHeader(status)
	case w.status == 0:
		w.status = status
		if status == http.StatusNoContent || status == http.StatusNotModified || status == http.StatusSwitchingProtocols {
			_ = w.decide(false) // nothing is buffered, so nothing is written
		}
	}
}

// Write implements [http.ResponseWriter].
func (w *compressWriter) Write(p []byte) (int, error) {
	if !w.decided {
		if w.status == 0 {
			w.status = http.StatusOK
		}
		w.held = append(w.held, p...)
		if len(w.held) < minCompressed {
			return len(p), nil
		}
		if err := w.decide(true); err != nil {
			return 0, err
		}
		return len(p), nil
	}
	if w.gzip != nil {
		return w.gzip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// decide sends the header and the buffered data, compressed if that is worthwhile and allowed.
func (w *compressWriter) decide(worth bool) error {
	w.decided = true
	h := w.Header()
	if h.Get("Content-Type") == "" && len(w.held) > 0 {
		h.Set("Content-Type", http.DetectContentType(w.held))
	}
	if worth && w.context.Get(plainKey) == nil && h.Get("Content-Encoding") == "" && h.Get("Content-Range") == "" &&
		!strings.Contains(h.Get("Cache-Control"), "no-transform") && shrinks(h.Get("Content-Type")) {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		if etag := h.Get("ETag"); etag != "" && !strings.HasPrefix(etag, "W/") {
			h.Set("ETag", "W/"+etag) // the same content in other bytes (RFC 9110 §8.8.1)
		}
		w.gzip = gzipWriters.Get().(*gzip.Writer) // the pool holds nothing else
		w.gzip.Reset(w.ResponseWriter)
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	held := w.held
	w.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := w.Write(held)
	return err
}

// shrunk are compressible types besides those of text.
var shrunk = []string{"json", "xml", "javascript", "wasm", "cbor", "font/ttf", "font/otf", "image/bmp", "image/x-icon"}

func shrinks(contentType string) bool {
	contentType = strings.ToLower(contentType)
	if strings.HasPrefix(contentType, "text/") {
		return !strings.HasPrefix(contentType, "text/event-stream")
	}
	return slices.ContainsFunc(shrunk, func(part string) bool { return strings.Contains(contentType, part) })
}

// FlushError sends the buffered data. http.ResponseController calls it.
func (w *compressWriter) FlushError() error {
	if !w.decided {
		if err := w.decide(len(w.held) > 0); err != nil {
			return err
		}
	}
	if w.gzip != nil {
		if err := w.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Flush implements [http.Flusher].
func (w *compressWriter) Flush() { _ = w.FlushError() }

// Unwrap returns the underlying writer, for http.ResponseController.
func (w *compressWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// close ends the response. Errors of a disconnected client are ignored.
func (w *compressWriter) close() {
	if !w.decided && (w.status != 0 || len(w.held) > 0) {
		_ = w.decide(false)
	}
	if w.gzip != nil {
		_ = w.gzip.Close()
		w.gzip.Reset(nil)
		gzipWriters.Put(w.gzip)
		w.gzip = nil
	}
}
