package middleware_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	echomw "github.com/labstack/echo/v4/middleware"

	"github.com/covetgo/covet/app/middleware"
)

var long = strings.Repeat("covet ", 400)

// gunzip returns the body of a response, which must be compressed exactly once if its Content-Encoding is gzip.
func gunzip(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	body := io.Reader(w.Body)
	if w.Header().Get("Content-Encoding") == "gzip" {
		reader, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = reader
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGzip(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, accept, kind string
		header               map[string]string // of the response
		body                 string
		compressed           bool
	}{
		"long":                 {kind: "text/html; charset=utf-8", body: long, compressed: true},
		"sniffed":              {body: long, compressed: true},
		"short":                {kind: "text/html", body: "covet"},
		"empty":                {kind: "text/html"},
		"JSON":                 {kind: "application/problem+json", body: long, compressed: true},
		"SVG":                  {kind: "image/svg+xml", body: long, compressed: true},
		"image":                {kind: "image/png", body: long},
		"archive":              {kind: "application/zip", body: long},
		"event stream":         {kind: "text/event-stream", body: long},
		"HEAD":                 {method: http.MethodHead, kind: "text/html", body: long},
		"not accepted":         {accept: "br", kind: "text/html", body: long},
		"refused":              {accept: "gzip;q=0, *;q=1", kind: "text/html", body: long},
		"refused, with spaces": {accept: "br, gzip ; q = 0.0", kind: "text/html", body: long},
		"weighted":             {accept: "br;q=1.0, gzip;q=0.8, *;q=0.1", kind: "text/html", body: long, compressed: true},
		"anything":             {accept: "*", kind: "text/html", body: long, compressed: true},
		"upper case":           {accept: "GZIP", kind: "TEXT/HTML", body: long, compressed: true},
		"encoded already":      {kind: "text/css", header: map[string]string{"Content-Encoding": "br"}, body: long},
		"no-transform": {
			kind: "text/css", header: map[string]string{"Cache-Control": "public, no-transform"},
			body: long,
		},
		"weak tag": {kind: "text/css", header: map[string]string{"ETag": `W/"a"`}, body: long, compressed: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.method == "" {
				c.method = http.MethodGet
			}
			if c.accept == "" {
				c.accept = "gzip, deflate, br"
			}
			r := httptest.NewRequest(c.method, "/", nil)
			r.Header.Set("Accept-Encoding", c.accept)
			w := serve(t, r, func(ec echo.Context) error {
				h := ec.Response().Header()
				if c.kind != "" {
					h.Set("Content-Type", c.kind)
				}
				for name, value := range c.header {
					h.Set(name, value)
				}
				ec.Response().WriteHeader(http.StatusCreated)
				_, err := io.WriteString(ec.Response(), c.body)
				return err
			}, middleware.Gzip())
			if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.compressed {
				t.Fatalf("compressed is %t", got)
			}
			if got := gunzip(t, w); got != c.body || w.Code != http.StatusCreated {
				t.Errorf("status %d, body %.20q…", w.Code, got)
			}
			if c.method != http.MethodHead && w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary is %q", w.Header().Get("Vary"))
			}
			if c.compressed && w.Header().Get("Content-Length") != "" {
				t.Errorf("Content-Length is %q", w.Header().Get("Content-Length"))
			}
		})
	}
}

func TestGzipWeakensTags(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := serve(t, r, func(c echo.Context) error {
		c.Response().Header().Set("ETag", `"a"`)
		http.ServeContent(c.Response(), c.Request(), "a.css", time.Time{}, strings.NewReader(long))
		return nil
	}, middleware.Gzip())
	if w.Header().Get("ETag") != `W/"a"` || gunzip(t, w) != long {
		t.Errorf("headers are %v", w.Header())
	}
}

func TestGzipFlushes(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	serve(t, r, func(c echo.Context) error {
		w := c.Response()
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "first")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("flushing: %v", err)
		}
		w.Flush()
		return nil
	}, middleware.Gzip())
}

// A response that is cut off must not look complete.
func TestGzipLeavesAbortedResponsesIncomplete(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	e := echo.New()
	e.Pre(middleware.Gzip())
	e.GET("/", func(c echo.Context) error {
		_, _ = io.WriteString(c.Response(), strings.Repeat("x", 5000))
		panic(http.ErrAbortHandler)
	})
	w := httptest.NewRecorder()
	func() {
		defer func() { _ = recover() }()
		e.ServeHTTP(w, r)
	}()
	reader, err := gzip.NewReader(w.Body)
	if err == nil {
		_, err = io.ReadAll(reader)
	}
	if err == nil {
		t.Error("the response has the trailer of a complete one")
	}
}

// Middleware of echo that does once more what Covet's does leaves responses intact.
func TestMiddlewareOfEchoInside(t *testing.T) {
	t.Parallel()
	for name, inside := range map[string]echo.MiddlewareFunc{
		"Gzip":      echomw.Gzip(),
		"RequestID": echomw.RequestID(),
		"Recover":   echomw.Recover(),
		"Secure":    echomw.Secure(),
		"BodyLimit": echomw.BodyLimit("1M"),
		"CORS":      echomw.CORS(),
		"ours":      middleware.Gzip(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			var id string
			w := serve(t, r, func(c echo.Context) error {
				id = middleware.RequestID(c.Request().Context())
				return c.HTML(http.StatusOK, long)
			}, middleware.Request(middleware.Proxies{}), middleware.Gzip(), middleware.Recover(),
				middleware.SecureHeaders(middleware.Headers{}), inside)
			if got := gunzip(t, w); got != long {
				t.Errorf("body is %.40q…", got)
			}
			if got := w.Header().Values("X-Request-Id"); len(got) != 1 || got[0] != id {
				t.Errorf("X-Request-Id is %q, and the log has %q", got, id)
			}
			if got := w.Header().Values("Content-Encoding"); len(got) != 1 {
				t.Errorf("Content-Encoding is %q", got)
			}
		})
	}
}
