package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// ParseJSON reads one JSON text (RFC 8259), and nothing behind it. Unlike
// encoding/json it refuses names that occur twice, invalid UTF-8, lone surrogates
// and deep nesting. The error is a [*SyntaxError], or [ErrTooMany].
//
// Threats: parsers that disagree about the same text; exhausted stacks.
func ParseJSON(data []byte) (Value, error) {
	p := parser{data: data}
	v, ok := p.value(0)
	if ok {
		if p.space(); p.at < len(data) {
			p.path = p.path[:0]
			ok = p.fail("syntax.trailing")
		}
	}
	if p.count > MaxValues {
		return Value{}, ErrTooMany
	}
	if !ok {
		return Value{}, Syntax(p.pointer(), p.fault)
	}
	return v, nil
}

// parser reads one text. Its methods return false after a fault.
type parser struct {
	data  []byte
	at    int
	count int    // of values
	path  []step // to the value being read
	fault string // the key of a text
}

// step is one step of a path: into a member, or to an item.
type step struct {
	name  string
	index int // -1 for a name
}

func (p *parser) pointer() string {
	var b []byte
	for _, s := range p.path {
		b = append(b, '/')
		if s.index >= 0 {
			b = strconv.AppendInt(b, int64(s.index), 10)
		} else {
			b = append(b, Escape(s.name)...)
		}
	}
	return string(b)
}

func (p *parser) fail(key string) bool {
	p.fault = key
	return false
}

func (p *parser) space() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\t', '\r', '\n':
			p.at++
		default:
			return
		}
	}
}

// next skips space and returns the byte behind it, or 0 at the end.
func (p *parser) next() byte {
	p.space()
	if p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

func (p *parser) value(depth int) (Value, bool) {
	if depth > MaxDepth {
		return Value{}, p.fail("syntax.depth")
	}
	if p.count++; p.count > MaxValues {
		return Value{}, false
	}
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		text, ok := p.text()
		return Value{Kind: String, Text: text}, ok
	case c == '-' || (c >= '0' && c <= '9'):
		return p.number()
	case c == 0 && p.at >= len(p.data):
		return Value{}, p.fail("syntax.end")
	}
	return p.literal()
}

func (p *parser) literal() (Value, bool) {
	for _, l := range [...]struct {
		text  string
		value Value
	}{{"true", Value{Kind: Bool, Bool: true}}, {"false", Value{Kind: Bool}}, {"null", Value{}}} {
		if end := p.at + len(l.text); end <= len(p.data) && string(p.data[p.at:end]) == l.text {
			p.at = end
			return l.value, true
		}
	}
	return Value{}, p.fail("syntax.json")
}

func (p *parser) object(depth int) (Value, bool) {
	v := Value{Kind: Object}
	p.at++
	if p.next() == '}' {
		p.at++
		return v, true
	}
	var names names
	for {
		if p.next() != '"' {
			return v, p.failAtEnd()
		}
		name, ok := p.text()
		if !ok {
			return v, false
		}
		p.path = append(p.path, step{name, -1})
		if names.add(v.Members, name) {
			return v, p.fail("syntax.duplicate")
		}
		if p.next() != ':' {
			return v, p.failAtEnd()
		}
		p.at++
		member, ok := p.value(depth + 1)
		if !ok {
			return v, false
		}
		p.path = p.path[:len(p.path)-1]
		if v.Members == nil {
			v.Members = make([]Member, 0, 8)
		}
		v.Members = append(v.Members, Member{name, member})
		if more, ok := p.more('}'); !ok || !more {
			return v, ok
		}
	}
}

// smallObject is up to how many members an object is searched one by one for a name.
const smallObject = 16

// names are those of an object with many members; nil for one with few.
type names map[string]struct{}

// add reports whether the name is that of one of the members, and notes it.
func (n *names) add(members []Member, name string) bool {
	if len(members) < smallObject {
		for i := range members {
			if members[i].Name == name {
				return true
			}
		}
		return false
	}
	if *n == nil {
		*n = make(names, 2*smallObject)
		for i := range members {
			(*n)[members[i].Name] = struct{}{}
		}
	}
	before := len(*n)
	(*n)[name] = struct{}{}
	return len(*n) == before
}

func (p *parser) list(depth int) (Value, bool) {
	v := Value{Kind: List}
	p.at++
	if p.next() == ']' {
		p.at++
		return v, true
	}
	for {
		p.path = append(p.path, step{index: len(v.Members)})
		item, ok := p.value(depth + 1)
		if !ok {
			return v, false
		}
		p.path = p.path[:len(p.path)-1]
		v.Members = append(v.Members, Member{Value: item})
		if more, ok := p.more(']'); !ok || !more {
			return v, ok
		}
	}
}

// more reads what stands between two members: a comma, or the end.
func (p *parser) more(end byte) (more, ok bool) {
	switch p.next() {
	case ',':
		p.at++
		return true, true
	case end:
		p.at++
		return false, true
	}
	return false, p.failAtEnd()
}

func (p *parser) failAtEnd() bool {
	if p.at >= len(p.data) {
		return p.fail("syntax.end")
	}
	return p.fail("syntax.json")
}

// number reads a number by the grammar of RFC 8259 §6.
func (p *parser) number() (Value, bool) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	switch c := p.peek(); {
	case c == '0':
		p.at++
	case c >= '1' && c <= '9':
		p.digits()
	default:
		return Value{}, p.failAtEnd()
	}
	if p.peek() == '.' {
		p.at++
		if !p.digits() {
			return Value{}, p.failAtEnd()
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return Value{}, p.failAtEnd()
		}
	}
	return Value{Kind: Number, Text: string(p.data[start:p.at])}, true
}

func (p *parser) peek() byte {
	if p.at < len(p.data) {
		return p.data[p.at]
	}
	return 0
}

// digits reads digits and reports whether there was one.
func (p *parser) digits() bool {
	start := p.at
	for p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '9' {
		p.at++
	}
	return p.at > start
}

// text reads a string.
func (p *parser) text() (string, bool) {
	p.at++
	start := p.at
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			return string(p.data[start : p.at-1]), true
		case c == '\\' || c >= utf8.RuneSelf:
			return p.longText(start)
		case c < ' ':
			return "", p.fail("syntax.control")
		}
		p.at++
	}
	return "", p.fail("syntax.end")
}

// longText reads the rest of a string with escapes or beyond ASCII.
func (p *parser) longText(start int) (string, bool) {
	var b []byte // what was unescaped so far, up to start
	for p.at < len(p.data) {
		switch c := p.data[p.at]; {
		case c == '"':
			p.at++
			if b == nil {
				return string(p.data[start : p.at-1]), true
			}
			return string(append(b, p.data[start:p.at-1]...)), true
		case c == '\\':
			b = append(b, p.data[start:p.at]...)
			var ok bool
			if b, ok = p.escaped(b); !ok {
				return "", false
			}
			start = p.at
		case c < ' ':
			return "", p.fail("syntax.control")
		case c < utf8.RuneSelf:
			p.at++
		default:
			r, size := utf8.DecodeRune(p.data[p.at:])
			if r == utf8.RuneError && size == 1 {
				return "", p.fail("syntax.utf8")
			}
			p.at += size
		}
	}
	return "", p.fail("syntax.end")
}

// escaped reads an escape sequence and appends what it means.
func (p *parser) escaped(b []byte) ([]byte, bool) {
	if p.at+1 >= len(p.data) {
		return b, p.fail("syntax.end")
	}
	c := p.data[p.at+1]
	p.at += 2
	switch c {
	case '"', '\\', '/':
		return append(b, c), true
	case 'b':
		return append(b, '\b'), true
	case 'f':
		return append(b, '\f'), true
	case 'n':
		return append(b, '\n'), true
	case 'r':
		return append(b, '\r'), true
	case 't':
		return append(b, '\t'), true
	case 'u':
		r, ok := p.hex()
		if !ok {
			return b, p.fail("syntax.json")
		}
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if p.at+1 < len(p.data) && p.data[p.at] == '\\' && p.data[p.at+1] == 'u' {
				p.at += 2
				low, _ = p.hex()
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return b, p.fail("syntax.surrogate")
			}
		}
		return utf8.AppendRune(b, r), true
	}
	return b, p.fail("syntax.json")
}

// hex reads four hexadecimal digits.
func (p *parser) hex() (rune, bool) {
	if p.at+4 > len(p.data) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(p.data[p.at:p.at+4]), 16, 16)
	p.at += 4
	return rune(n), err == nil //nolint:gosec // 16 bits
}
