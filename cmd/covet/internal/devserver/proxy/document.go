package front

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

// wantsDocument reports whether the answer to a request may be a page that gets the script: somebody goes to a page, on
// this machine, in a window and not in a frame.
func (f *Front) wantsDocument(r *http.Request) bool {
	if f.cfg.NoReload || r.Method == http.MethodHead || !navigates(r) || !local(r) {
		return false
	}
	dest := r.Header.Get("Sec-Fetch-Dest")
	return dest == "" || dest == "document"
}

// askForDocument makes the request for a page one whose answer can be read here, and is whole: what the browser has
// kept holds the script of an earlier moment.
func askForDocument(h http.Header) {
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

// inject adds the script to a response that is a whole page. Everything else stays as it is.
func (f *Front) inject(v *visit, res *http.Response) {
	if !f.wantsDocument(v.request) || !isPage(res) {
		return
	}
	h := res.Header
	enforced, reported := parsePolicies(h.Values(policyHeader)), parsePolicies(h.Values(reportHeader))
	if enforced.sandboxed() {
		return
	}
	body := res.Body
	i, unzip := &injector{source: body}, (*unzipper)(nil)
	if h.Get("Content-Encoding") == "gzip" {
		unzip = &unzipper{source: body}
		i.source = unzip
	}
	if !i.sniff() {
		var begin io.Reader = bytes.NewReader(i.begin)
		if unzip != nil {
			begin = bytes.NewReader(unzip.read)
		} else if i.err != nil {
			body = bodyOf{failing{i.err}, body}
		}
		res.Body = bodyOf{io.MultiReader(begin, body), body}
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
		h.Del(name) // they tell of other bytes
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
		reader = &zipper{source: i}
	}
	res.Body = bodyOf{reader, body}
}

const (
	policyHeader = "Content-Security-Policy"
	reportHeader = "Content-Security-Policy-Report-Only"
)

// isPage reports whether a response is HTML that can be read here.
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

// tag returns the script's element, and changes the policies so that they allow it.
func tag(v *visit, enforced, reported policies) string {
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

// failing is a reader that has an error to tell.
type failing struct{ err error }

// Read implements [io.Reader].
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// bodyOf is a body that is read through something.
type bodyOf struct {
	io.Reader
	io.Closer
}

// unzipper decompresses, as soon as enough has come, and keeps what it has read until its content is known.
type unzipper struct {
	source io.Reader
	reader *gzip.Reader
	read   []byte
	known  bool
}

// Read implements [io.Reader].
func (u *unzipper) Read(p []byte) (int, error) {
	if u.reader == nil {
		reader, err := gzip.NewReader(recorder{u})
		if err != nil {
			return 0, err
		}
		u.reader = reader
	}
	return u.reader.Read(p)
}

type recorder struct{ u *unzipper }

func (r recorder) Read(p []byte) (int, error) {
	n, err := r.u.source.Read(p)
	if !r.u.known {
		r.u.read = append(r.u.read, p[:n]...)
	}
	return n, err
}

// zipper compresses what it reads, piece by piece, so that what was flushed stays flushed.
type zipper struct {
	source io.Reader
	writer *gzip.Writer
	buffer bytes.Buffer
	chunk  []byte
	err    error
}

// Read implements [io.Reader].
func (z *zipper) Read(p []byte) (int, error) {
	if z.writer == nil {
		z.writer, z.chunk = gzip.NewWriter(&z.buffer), make([]byte, 32<<10)
	}
	for z.buffer.Len() == 0 {
		if z.err != nil {
			return 0, z.err
		}
		z.step()
	}
	return z.buffer.Read(p)
}

func (z *zipper) step() {
	n, err := z.source.Read(z.chunk)
	z.err = err
	if _, werr := z.writer.Write(z.chunk[:n]); werr != nil {
		z.err = werr
		return
	}
	finish := z.writer.Flush
	if err == io.EOF {
		finish = z.writer.Close
	} else if n == 0 {
		return
	}
	if werr := finish(); werr != nil {
		z.err = werr
	}
}
