package middleware_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
)

// serve runs one request through middleware and a handler.
func serve(t *testing.T, r *http.Request, handler echo.HandlerFunc,
	chain ...echo.MiddlewareFunc,
) *httptest.ResponseRecorder {
	t.Helper()
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		p := problem.From(err)
		if !c.Response().Committed {
			_ = c.JSON(p.Status, p)
		}
	}
	e.Pre(chain...)
	e.Any("/*", handler)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func ok(c echo.Context) error { return c.String(http.StatusOK, "ok") }

func proxies(t *testing.T, list ...string) middleware.Proxies {
	t.Helper()
	p, err := middleware.ParseProxies(list)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Threat: a client writes into our log, or uses the id of another request.
func TestRequestID(t *testing.T) {
	t.Parallel()
	trusted := proxies(t, "192.0.2.0/24") // httptest's peer is 192.0.2.1
	tests := []struct {
		name  string
		peers middleware.Proxies
		given string
		kept  bool
	}{
		{"none given", trusted, "", false},
		{"by a trusted proxy", trusted, "7d1c-AB_9", true},
		{"by anybody", middleware.Proxies{}, "7d1c-AB_9", false},
		{"forged line", trusted, "x\nlevel=ERROR", false},
		{"too long", trusted, strings.Repeat("x", 129), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header[middleware.HeaderRequestID] = []string{tt.given}
			var seen string
			w := serve(t, r, func(c echo.Context) error {
				seen = middleware.RequestID(c.Request().Context())
				return ok(c)
			}, middleware.Request(tt.peers))
			if answered := w.Header().Get(middleware.HeaderRequestID); answered != seen || len(seen) < 9 {
				t.Errorf("answered %q, handler saw %q", answered, seen)
			}
			if (seen == tt.given) != tt.kept {
				t.Errorf("id = %q, kept = %v, want %v", seen, !tt.kept, tt.kept)
			}
		})
	}
}

func TestOutsideOfARequest(t *testing.T) {
	t.Parallel()
	if id, nonce := middleware.RequestID(t.Context()), middleware.Nonce(t.Context()); id != "" || nonce != "" {
		t.Errorf("id %q, nonce %q, want none", id, nonce)
	}
}

// Threat: the disk is filled with uploads that nobody deletes.
func TestUploadsAreDeleted(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, err := writer.CreateFormFile("file", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, strings.Repeat("x", 1000))
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", writer.FormDataContentType())
	var name string
	w := serve(t, r, func(c echo.Context) error {
		if err := c.Request().ParseMultipartForm(0); err != nil { // nothing in memory
			return err
		}
		file, err := c.Request().MultipartForm.File["file"][0].Open()
		if err != nil {
			return err
		}
		if f, ok := file.(*os.File); ok {
			name = f.Name()
		}
		return errors.Join(file.Close(), ok(c))
	}, middleware.Request(middleware.Proxies{}))
	if _, err := os.Stat(name); w.Code != http.StatusOK || name == "" || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%d: the upload %q is still there: %v", w.Code, name, err)
	}
}

// Threat: X-Forwarded-For chooses the address that throttling and audit see.
func TestClientAddress(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		trusted  []string
		peer     string
		forward  []string
		ip       string
		scheme   string
		wantHTTP string
	}{
		{"nobody is trusted", nil, "192.0.2.1:1", []string{"203.0.113.9"}, "192.0.2.1", "https", "http"},
		{"other proxy", []string{"10.0.0.0/8"}, "192.0.2.1:1", []string{"203.0.113.9"}, "192.0.2.1", "https", "http"},
		{"trusted", []string{"192.0.2.1"}, "192.0.2.1:1", []string{"203.0.113.9"}, "203.0.113.9", "https", "https"},
		{"client adds hops", []string{"private"}, "10.1.1.1:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9", "", "http"},
		{
			"chain of proxies",
			[]string{"private"},
			"10.1.1.1:1",
			[]string{"203.0.113.9", "10.2.2.2"},
			"203.0.113.9", "HTTPS", "https",
		},
		{"nonsense", []string{"private"}, "10.1.1.1:1", []string{"203.0.113.9, <script>"}, "10.1.1.1", "", "http"},
		{"IPv6", []string{"private"}, "[::1]:1", []string{"2001:db8::1"}, "2001:db8::1", "", "http"},
		{"IPv4 in IPv6", []string{"10.0.0.0/8"}, "[::ffff:10.1.1.1]:1", []string{"203.0.113.9"}, "203.0.113.9", "", "http"},
		{"all are proxies", []string{"private"}, "10.1.1.1:1", []string{"10.3.3.3, 10.2.2.2"}, "10.3.3.3", "", "http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := echo.New()
			proxies(t, tt.trusted...).Install(e)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = tt.peer
			r.Header["X-Forwarded-For"] = tt.forward
			r.Header.Set("X-Forwarded-Proto", tt.scheme)
			c := e.NewContext(r, httptest.NewRecorder())
			if got := c.RealIP(); got != tt.ip {
				t.Errorf("address = %s, want %s", got, tt.ip)
			}
			if got := c.Scheme(); got != tt.wantHTTP {
				t.Errorf("scheme = %s, want %s", got, tt.wantHTTP)
			}
		})
	}
}

func TestProxiesThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, item := range []string{"", "example.com", "10.0.0.0/40", "10.0.0"} {
		if _, err := middleware.ParseProxies([]string{item}); err == nil || !strings.Contains(err.Error(), "10.0.0.0/8") {
			t.Errorf("%q: %v, want an error with an example", item, err)
		}
	}
}

func TestRecover(t *testing.T) {
	t.Parallel()
	w := serve(t, httptest.NewRequest(http.MethodGet, "/", nil),
		func(echo.Context) error { panic("secret") }, middleware.Recover())
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	defer func() {
		if value := recover(); value != http.ErrAbortHandler { //nolint:errorlint // panic values are compared, as net/http does
			t.Errorf("recovered %v, want ErrAbortHandler to pass", value)
		}
	}()
	serve(t, httptest.NewRequest(http.MethodGet, "/", nil),
		func(echo.Context) error { panic(http.ErrAbortHandler) }, middleware.Recover())
}

// A range of a compressed response would be one of other bytes (RFC 9110 §14).
func TestRangesAreNotCompressed(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	r.Header.Set("Range", "bytes=0-4999")
	w := serve(t, r, func(c echo.Context) error {
		http.ServeContent(c.Response(), c.Request(), "a.css", time.Time{}, strings.NewReader(strings.Repeat("covet ", 2000)))
		return nil
	}, middleware.Gzip())
	if w.Code != http.StatusPartialContent || w.Header().Get("Content-Encoding") != "" || w.Body.Len() != 5000 {
		t.Errorf("%d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		handler echo.HandlerFunc
		want    map[string]any
	}{
		{"fine", ok, map[string]any{"level": "INFO", "status": 200.0, "bytes": 2.0, "method": "GET", "path": "/a"}},
		{
			"refused", func(echo.Context) error { return problem.Forbidden("").WithCause(errors.New("other origin")) },
			map[string]any{"level": "INFO", "status": 403.0, "error": "403 forbidden: other origin"},
		},
		{
			"not found", func(echo.Context) error { return problem.NotFound("") },
			map[string]any{"level": "INFO", "status": 404.0},
		},
		{
			"broken", func(echo.Context) error { return errors.New("disk full") },
			map[string]any{"level": "ERROR", "status": 500.0, "error": "disk full"},
		},
		{"broken half-way", func(c echo.Context) error {
			_ = ok(c)
			return errors.New("disk full")
		}, map[string]any{"level": "ERROR", "status": 200.0, "error": "disk full"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			func() {
				defer func() { // a response that failed half-way is cut off
					if value := recover(); (value != nil) != (tt.name == "broken half-way") {
						t.Errorf("panic: %v", value)
					}
				}()
				serve(t, httptest.NewRequest(http.MethodGet, "/a?token=secret", nil), tt.handler,
					middleware.AccessLog(slog.New(slog.NewJSONHandler(&out, nil))))
			}()
			if strings.Contains(out.String(), "secret") || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("log = %s, want one line without the query", &out)
			}
			var line map[string]any
			if err := json.Unmarshal(out.Bytes(), &line); err != nil {
				t.Fatal(err)
			}
			got := map[string]any{}
			for key := range tt.want {
				got[key] = line[key]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}
