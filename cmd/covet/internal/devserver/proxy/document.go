package proxy

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// wantsDocument reports whether the response may be a page that gets the script: the request is a navigation in a
// window, not a frame, on this machine.
func (px *Proxy) wantsDocument(r *http.Request) bool {
	if px.cfg.NoReload || r.Method == http.MethodHead || !navigates(r) || !local(r) {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// requestDocument changes the request for a page so that its response is complete and can be decoded here: a cached
// page contains an old version of the script.
func requestDocument(h http.Header) {
	encoding := "identity"
	if accepts(h.Values("Accept-Encoding"), "gzip") {
		encoding = "gzip"
	}
	h.Set("Accept-Encoding", encoding)
	h.Del("If-None-Match")
	h.Del("If-Modified-Since")
}

// accepts reports whether an Accept-Encoding header names an encoding, with a weight above zero (RFC 9110 §12.5.3).
func accepts(values []string, encoding string) bool {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, weight, _ := strings.Cut(strings.ToLower(item), ";")
		if strings.TrimSpace(name) != encoding {
			continue
		}
		_, q, found := strings.Cut(strings.ReplaceAll(weight, " ", ""), "q=")
		if !found {
			return true
		}
		value, err := strconv.ParseFloat(q, 64)
		return err == nil && value > 0
	}
	return false
}

// inject adds the script to a response that is a whole page, and leaves other responses unchanged.
func (px *Proxy) inject(v *exchange, res *http.Response) {
	if !px.wantsDocument(v.request) || !isPage(res) {
		return
	}
	h := res.Header
	enforced, reported := parsePolicies(h.Values(policyHeader)), parsePolicies(h.Values(reportHeader))
	if enforced.sandboxed() {
		return
	}
	body := res.Body
	i, unzip := &injector{source: body}, (*decompressor)(nil)
	if h.Get("Content-Encoding") == "gzip" {
		unzip = &decompressor{source: body}
		i.source = unzip
	}
	if !i.sniff() {
		var begin io.Reader = bytes.NewReader(i.begin)
		if unzip != nil {
			begin = bytes.NewReader(unzip.read)
		} else if i.err != nil {
			body = wrappedBody{errorReader{i.err}, body}
		}
		res.Body = wrappedBody{io.MultiReader(begin, body), body}
		return
	}
	i.tag = tag(v, enforced, reported)
	for name, list := range map[string]policies{policyHeader: enforced, reportHeader: reported} {
		if list.changed() {
			h[name] = list.values()
		}
	}
	for _, name := range []string{
		"Etag", "Last-Modified", "Content-Md5", "Digest", "Content-Digest",
		"Repr-Digest", "Accept-Ranges",
	} {
		h.Del(name) // they describe the original bytes
	}
	if res.ContentLength >= 0 && unzip == nil {
		res.ContentLength += int64(len(i.tag))
		h.Set("Content-Length", strconv.FormatInt(res.ContentLength, 10))
	} else {
		res.ContentLength = -1
		h.Del("Content-Length")
	}
	var reader io.Reader = i
	if unzip != nil {
		unzip.known, unzip.read = true, nil
		reader = &compressor{source: i}
	}
	res.Body = wrappedBody{reader, body}
}

const (
	policyHeader = "Content-Security-Policy"
	reportHeader = "Content-Security-Policy-Report-Only"
)

// isPage reports whether a response is HTML that can be decoded here.
func isPage(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusNoContent, http.StatusPartialContent, http.StatusNotModified:
		return false
	}
	kind, parameters, err := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if err != nil || kind != "text/html" || strings.HasPrefix(strings.ToLower(parameters["charset"]), "utf-16") {
		return false
	}
	if strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
		return false
	}
	switch encoding := res.Header.Get("Content-Encoding"); encoding {
	case "", "gzip":
		return res.ContentLength != 0
	}
	return false
}

// tag returns the script's element, and changes the policies to allow it.
func tag(v *exchange, enforced, reported policies) string {
	origin := "http://" + strings.ToLower(v.request.Host)
	nonce := enforced.nonce()
	if nonce == "" {
		nonce = reported.nonce()
	}
	nonce = append(append(policies{}, enforced...), reported...).admit(origin, nonce)
	attribute := ""
	if nonce != "" {
		attribute = ` nonce="` + templ.EscapeString(nonce) + `"`
	}
	return fmt.Sprintf(`<script src="%s"%s data-covet="%s" async></script>`,
		scriptPath, attribute, templ.EscapeString(v.at.attribute(v.request.Method, false)))
}

// errorReader returns an error from Read.
type errorReader struct{ err error }

// Read implements [io.Reader].
func (f errorReader) Read([]byte) (int, error) { return 0, f.err }

// wrappedBody is a body that is read through another reader.
type wrappedBody struct {
	io.Reader
	io.Closer
}

// decompressor decompresses as data arrives, and buffers it until the type of the content is known.
type decompressor struct {
	source io.Reader
	reader *gzip.Reader
	read   []byte
	known  bool
}

// Read implements [io.Reader].
func (d *decompressor) Read(p []byte) (int, error) {
	if d.reader == nil {
		reader, err := gzip.NewReader(recorder{d})
		if err != nil {
			return 0, err
		}
		d.reader = reader
	}
	return d.reader.Read(p)
}

type recorder struct{ u *decompressor }

func (r recorder) Read(p []byte) (int, error) {
	n, err := r.u.source.Read(p)
	if !r.u.known {
		r.u.read = append(r.u.read, p[:n]...)
	}
	return n, err
}

// compressor compresses in pieces, so that flushed data stays flushed.
type compressor struct {
	source io.Reader
	writer *gzip.Writer
	buffer bytes.Buffer
	chunk  []byte
	err    error
}

// Read implements [io.Reader].
func (c *compressor) Read(p []byte) (int, error) {
	if c.writer == nil {
		c.writer, c.chunk = gzip.NewWriter(&c.buffer), make([]byte, 32<<10)
	}
	for c.buffer.Len() == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.step()
	}
	return c.buffer.Read(p)
}

func (c *compressor) step() {
	n, err := c.source.Read(c.chunk)
	c.err = err
	if _, werr := c.writer.Write(c.chunk[:n]); werr != nil {
		c.err = werr
		return
	}
	finish := c.writer.Flush
	if err == io.EOF {
		finish = c.writer.Close
	} else if n == 0 {
		return
	}
	if werr := finish(); werr != nil {
		c.err = werr
	}
}
