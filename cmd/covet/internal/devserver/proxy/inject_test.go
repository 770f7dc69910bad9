package proxy_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

var scriptTag = regexp.MustCompile(
	`<script src="/dev/loop/script\.js"( nonce="([^"]*)")? data-covet="[\w-]+\.\d+ (GET|POST) page" async></script>`)

const document = "<!DOCTYPE html>\n<html lang=en>\n" +
	"<head data-x='>'><meta charset=utf-8></head><body>hello</body></html>"

// answering starts a process that answers with headers, given as pairs, and a body.
func answering(t *testing.T, status int, body string, headers ...string) string {
	t.Helper()
	return address(application(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Add(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, text) // into memory
	_ = w.Close()                  // into memory
	return b.String()
}

func TestScriptIsAddedToPages(t *testing.T) {
	t.Parallel()
	const html = "text/html; charset=utf-8"
	for name, test := range map[string]struct {
		status  int
		body    string
		headers []string // of the response
		request []string // besides a navigation
		want    bool
	}{
		"page":            {200, document, []string{"Content-Type", html}, nil, true},
		"problem page":    {422, document, []string{"Content-Type", html}, nil, true},
		"no head":         {200, "<!doctype html><title>x</title>", []string{"Content-Type", html}, nil, true},
		"html only":       {200, "<html><body>x", []string{"Content-Type", html}, nil, true},
		"doctype only":    {200, "<!doctype html>", []string{"Content-Type", html}, nil, true},
		"comments first":  {200, "\xef\xbb\xbf <!-- > --> " + document, []string{"Content-Type", html}, nil, true},
		"fragment":        {200, "<li>one</li>", []string{"Content-Type", html}, nil, false},
		"header, no head": {200, "<header>x</header>", []string{"Content-Type", html}, nil, false},
		"text":            {200, document, []string{"Content-Type", "text/plain"}, nil, false},
		"download": {
			200, document,
			[]string{"Content-Type", html, "Content-Disposition", "attachment"},
			nil, false,
		},
		"part":             {206, document, []string{"Content-Type", html}, nil, false},
		"UTF-16":           {200, document, []string{"Content-Type", "text/html; charset=UTF-16LE"}, nil, false},
		"unknown encoding": {200, document, []string{"Content-Type", html, "Content-Encoding", "br"}, nil, false},
		"sandboxed": {200, document, []string{
			"Content-Type", html, "Content-Security-Policy",
			"sandbox; default-src 'none'",
		}, nil, false},
		"fetch":        {200, document, []string{"Content-Type", html}, []string{"Sec-Fetch-Mode", "cors"}, false},
		"frame":        {200, document, []string{"Content-Type", html}, []string{"Sec-Fetch-Dest", "iframe"}, false},
		"another host": {200, document, []string{"Content-Type", html}, []string{"Host", "blog.example"}, false},
		"through a tunnel": {
			200, document,
			[]string{"Content-Type", html},
			[]string{"X-Forwarded-For", "203.0.113.7"},
			false,
		},
		"htmx, an older browser": {
			200, document,
			[]string{"Content-Type", html},
			[]string{"Sec-Fetch-Mode", "", "Hx-Request", "true"},
			false,
		},
		"an older browser": {
			200, document,
			[]string{"Content-Type", html},
			[]string{"Sec-Fetch-Mode", "", "Sec-Fetch-Dest", ""},
			true,
		},
		"a program": {
			200, document,
			[]string{"Content-Type", html},
			[]string{"Sec-Fetch-Mode", "", "Accept", "*/*"},
			false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			d.Serve(answering(t, test.status, test.body, append(test.headers, "Etag", `"1"`)...))
			res, body := d.get(t, "/", append(navigation[:len(navigation):len(navigation)], test.request...)...)
			tags := scriptTag.FindAllString(body, -1)
			if want := map[bool]int{true: 1}[test.want]; len(tags) != want || strings.Contains(body, "/dev/loop") != test.want {
				t.Errorf("%d tags in %q", len(tags), body)
			}
			if rest := scriptTag.ReplaceAllString(body, ""); rest != test.body {
				t.Errorf("without the tag %q", rest)
			}
			if length := res.Header.Get("Content-Length"); length != "" && length != fmt.Sprint(len(body)) {
				t.Errorf("Content-Length %s of %d bytes", length, len(body))
			}
			if (res.Header.Get("Etag") == "") != test.want {
				t.Errorf("ETag = %q", res.Header.Get("Etag"))
			}
		})
	}
}

func TestScriptComesFirstInTheHead(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html"))
	_, body := d.get(t, "/", navigation...)
	if before, _, _ := strings.Cut(body, "<script"); !strings.HasSuffix(before, "<head data-x='>'>") {
		t.Errorf("page = %s", body)
	}
}

func TestNoReloadLeavesPagesAlone(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{NoReload: true})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html", "ETag", `"1"`))
	if res, body := d.get(t, "/", navigation...); body != document || res.Header.Get("ETag") == "" {
		t.Errorf("%v %s", res.Header, body)
	}
}

func TestPagesAreAskedForWhole(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	got := make(chan http.Header, 1)
	d.Serve(address(application(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header })))
	conditional := []string{"If-None-Match", `"1"`, "If-Modified-Since", "Sat, 01 Jan 2022 00:00:00 GMT"}
	for accepted, want := range map[string]string{
		"gzip, deflate, br, zstd": "gzip",
		"br":                      "identity", "gzip;q=0, br": "identity", "*": "identity",
	} {
		d.get(t, "/", append(append(conditional, "Accept-Encoding", accepted), navigation...)...)
		h := <-got
		if h.Get("Accept-Encoding") != want || h.Get("If-None-Match") != "" || h.Get("If-Modified-Since") != "" {
			t.Errorf("%q: %v", accepted, h)
		}
	}
	d.get(t, "/app.css", append(conditional, "Accept-Encoding", "br", "Sec-Fetch-Mode", "no-cors")...)
	if h := <-got; h.Get("Accept-Encoding") != "br" || h.Get("If-None-Match") == "" {
		t.Errorf("an asset: %v", h)
	}
}

func TestCompressedPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		want bool
	}{
		"page":     {zipped(document), true},
		"fragment": {zipped("<li>one</li>"), false},
		"no gzip":  {"what is this", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			d.Serve(answering(t, 200, test.body, "Content-Type", "text/html", "Content-Encoding", "gzip"))
			res, body := d.get(t, "/", append(navigation[:len(navigation):len(navigation)], "Accept-Encoding", "gzip, br")...)
			if res.Header.Get("Content-Encoding") != "gzip" {
				t.Errorf("header = %v", res.Header)
			}
			if !test.want {
				if body != test.body {
					t.Errorf("body = %q", body)
				}
				return
			}
			r, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil || scriptTag.ReplaceAllString(string(text), "") != document || !scriptTag.Match(text) {
				t.Errorf("page = %q, %v", text, err)
			}
		})
	}
}

// What the application flushes arrives, in pages too, and compressed ones.
func TestStreamedPages(t *testing.T) {
	t.Parallel()
	for _, compressed := range []bool{false, true} {
		t.Run(fmt.Sprint("compressed ", compressed), func(t *testing.T) {
			t.Parallel()
			d := newTestProxy(t, proxy.Config{})
			next := make(chan struct{})
			pieces := []string{"<!doctype html><html><he", "ad><title>a</title>", "<p>b", "<p>c"}
			d.Serve(address(application(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				out, flush := io.Writer(w), func() error { return nil }
				if compressed {
					w.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(w)
					defer z.Close()
					out, flush = z, z.Flush
				}
				for _, piece := range pieces {
					fmt.Fprint(out, piece)
					_ = flush()                               // the client may be gone
					_ = http.NewResponseController(w).Flush() // the client may be gone
					<-next
				}
			})))
			go func() { next <- struct{}{} }() // the first piece does not tell where the script goes
			_, reader := d.stream(t, "/", append(navigation[:len(navigation):len(navigation)], "Accept-Encoding", "gzip")...)
			if compressed {
				z, err := gzip.NewReader(reader)
				if err != nil {
					t.Fatal(err)
				}
				reader = bufio.NewReader(z)
			}
			var got strings.Builder
			for _, piece := range []string{"</title>", "<p>b", "<p>c"} {
				for !strings.HasSuffix(got.String(), piece) {
					b, err := reader.ReadByte()
					if err != nil {
						t.Fatalf("%v after %q", err, got.String())
					}
					got.WriteByte(b)
				}
				next <- struct{}{}
			}
			if text := got.String(); !scriptTag.MatchString(text) ||
				scriptTag.ReplaceAllString(text, "") != strings.Join(pieces, "") {
				t.Errorf("page = %s", text)
			}
		})
	}
}

func FuzzInject(f *testing.F) {
	for _, seed := range []string{
		document, "<!doctype html>", "<!-- x --><!doctype html><html><!-- y --><head/>",
		"<li>", "<!doctype html><html a='>'", "\xef\xbb",
	} {
		f.Add([]byte(seed), 7)
	}
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		const tag = "<TAG>"
		whole, err := io.ReadAll(proxy.Inject(bytes.NewReader(data), tag))
		if err != nil {
			t.Fatal(err)
		}
		if removed := bytes.Replace(whole, []byte(tag), nil, 1); !bytes.Equal(removed, data) &&
			!bytes.Contains(data, []byte(tag)) {
			t.Fatalf("%q became %q", data, whole)
		}
		for _, reader := range []io.Reader{
			iotest.OneByteReader(bytes.NewReader(data)), iotest.DataErrReader(bytes.NewReader(data)),
			io.MultiReader(bytes.NewReader(data[:min(max(size, 0), len(data))]),
				bytes.NewReader(data[min(max(size, 0), len(data)):])),
		} {
			pieces, err := io.ReadAll(proxy.Inject(reader, tag))
			if err != nil || !bytes.Equal(whole, pieces) {
				t.Fatalf("%q in one piece, %q in several, %v", whole, pieces, err)
			}
		}
	})
}
