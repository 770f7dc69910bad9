package proxy

import (
	"bytes"
	"io"
	"strings"
)

// byteOrderMark is the byte order mark of UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// maxHeadOffset is the maximum number of bytes that are buffered to find the place for the script.
const maxHeadOffset = 16 << 10

// findHead reports whether bytes begin a whole HTML document, and where its head begins. It is called with longer and
// longer beginnings of the document until it reports known.
//
//	whole    the bytes begin with a doctype or with <html>, after white space and comments: no fragment does
//	at       where the script goes: behind <head>, or where a head would begin
//	known    more bytes make no difference
func findHead(data []byte) (whole bool, at int, known bool) {
	p := parser{data: data}
	if bytes.HasPrefix(data, []byte(byteOrderMark)) {
		p.pos = len(byteOrderMark)
	} else if strings.HasPrefix(byteOrderMark, string(data)) {
		return false, 0, false
	}
	for _, element := range []string{"<!doctype", "<html", "<head"} {
		if !p.skip() {
			return whole, p.pos, false // an incomplete comment or white space
		}
		switch found, sure := p.has(element); {
		case !sure:
			return whole, p.pos, false
		case found:
			whole = true
			if !p.tag() {
				return whole, p.pos, false // an incomplete tag
			}
		case element == "<html" && !whole:
			return false, p.pos, true
		}
	}
	return true, p.pos, true
}

// parser skips what may precede a head (HTML §13.1).
type parser struct {
	data []byte
	pos  int
}

// skip skips white space and comments. It returns false if more may follow.
func (p *parser) skip() bool {
	for {
		for p.pos < len(p.data) && space(p.data[p.pos]) {
			p.pos++
		}
		rest := p.data[p.pos:]
		const open, end = "<!--", "-->"
		if !bytes.HasPrefix(rest, []byte(open)) {
			return len(rest) > 0 && (len(rest) >= len(open) || !strings.HasPrefix(open, string(rest)))
		}
		length := bytes.Index(rest, []byte(end))
		if length < 0 {
			return false
		}
		p.pos += length + len(end)
	}
}

// has reports whether an element begins here, and whether that is certain.
func (p *parser) has(element string) (found, sure bool) {
	rest := p.data[p.pos:]
	n := min(len(rest), len(element))
	if !bytes.EqualFold(rest[:n], []byte(element)[:n]) {
		return false, true
	}
	if len(rest) <= len(element) {
		return false, false
	}
	next := rest[len(element)]
	return space(next) || next == '>' || next == '/', true
}

// tag skips a tag, and returns false if it is incomplete. Quoted attributes may contain ">".
func (p *parser) tag() bool {
	var quote byte
	for i := p.pos; i < len(p.data); i++ {
		switch c := p.data[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			p.pos = i + 1
			return true
		}
	}
	return false
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// injector adds a tag to a document while it is read.
type injector struct {
	source io.Reader
	tag    string
	begin  []byte // read from source, not yet returned
	err    error  // of source, returned after begin
	done   bool   // the tag is inserted, or has no place
}

// sniff reads until it is known whether a whole document begins, and reports it.
func (i *injector) sniff() bool {
	for {
		whole, _, known := findHead(i.begin)
		if whole || known || i.err != nil || len(i.begin) >= maxHeadOffset {
			return whole
		}
		i.fill()
	}
}

func (i *injector) fill() {
	chunk := make([]byte, 4096)
	n, err := i.source.Read(chunk)
	i.begin, i.err = append(i.begin, chunk[:n]...), err
}

// Read implements [io.Reader].
func (i *injector) Read(p []byte) (int, error) {
	for !i.done {
		whole, at, known := findHead(i.begin)
		switch {
		case !known && i.err == nil && len(i.begin) < maxHeadOffset:
			i.fill()
			continue
		case whole:
			i.begin = bytes.Join([][]byte{i.begin[:at], []byte(i.tag), i.begin[at:]}, nil)
		}
		i.done = true
	}
	if len(i.begin) > 0 {
		n := copy(p, i.begin)
		i.begin = i.begin[n:]
		return n, nil
	}
	if i.err != nil {
		return 0, i.err
	}
	return i.source.Read(p)
}
