package sqlite

import "strings"

// route is where a statement goes.
type route int

const (
	toWriter      route = iota // one statement that may write
	toReader                   // reads only
	toWriterBatch              // several statements in one string
	refused                    // BEGIN and the like, outside of database/sql's transactions
)

// readingPragmas answer something about the schema or the file and change nothing, with an argument or without.
var readingPragmas = map[string]bool{
	"TABLE_INFO": true, "TABLE_XINFO": true, "TABLE_LIST": true, "INDEX_LIST": true, "INDEX_INFO": true,
	"INDEX_XINFO": true, "FOREIGN_KEY_LIST": true, "FOREIGN_KEY_CHECK": true, "DATABASE_LIST": true,
	"COLLATION_LIST": true, "FUNCTION_LIST": true, "MODULE_LIST": true, "PRAGMA_LIST": true,
	"COMPILE_OPTIONS": true, "INTEGRITY_CHECK": true, "QUICK_CHECK": true,
}

// classify returns the route of query. In doubt it is the writer, and a statement wrongly sent to a reader fails
// there without harm, because readers are query_only.
func classify(query string) route {
	s := scanner{text: query}
	first := s.next()
	for first == ";" || first == "(" {
		first = s.next()
	}
	found := toWriter
	switch strings.ToUpper(first) {
	case "SELECT", "VALUES", "EXPLAIN":
		found = toReader
	case "WITH":
		return classifyWith(&s)
	case "PRAGMA":
		found = classifyPragma(&s)
	case "BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE":
		found = refused
	}
	if s.anotherStatement() {
		return toWriterBatch
	}
	return found
}

// classifyWith finds the statement that common table expressions belong to: the first of these words that is in no
// parentheses.
func classifyWith(s *scanner) route {
	found := toReader
	depth := 0
	for token := s.next(); token != ""; token = s.next() {
		switch strings.ToUpper(token) {
		case "(":
			depth++
		case ")":
			depth--
		case "INSERT", "UPDATE", "DELETE":
			if depth == 0 {
				found = toWriter
			}
		case "REPLACE":
			if depth == 0 && strings.EqualFold(s.peek(), "INTO") {
				found = toWriter
			}
		case ";":
			if s.peek() != "" {
				return toWriterBatch
			}
		}
	}
	return found
}

func classifyPragma(s *scanner) route {
	name := s.next()
	if s.peek() == "." {
		s.next()
		name = s.next()
	}
	if readingPragmas[strings.ToUpper(name)] {
		return toReader
	}
	return toWriter
}

// scanner takes SQL apart into words and single characters, leaving out spaces, comments and literals.
type scanner struct {
	text string
	pos  int
}

// anotherStatement skips the rest of the statement and reports whether another follows.
func (s *scanner) anotherStatement() bool {
	for token := s.next(); token != ""; token = s.next() {
		if token == ";" {
			for token == ";" {
				token = s.next()
			}
			return token != ""
		}
	}
	return false
}

func (s *scanner) peek() string {
	ahead := *s
	return ahead.next()
}

// next returns the next word or character, "" at the end.
func (s *scanner) next() string {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == 0xEF || c == 0xBB || c == 0xBF:
			s.pos++
		case strings.HasPrefix(s.text[s.pos:], "--"):
			s.skipPast("\n")
		case strings.HasPrefix(s.text[s.pos:], "/*"):
			s.pos += 2
			s.skipPast("*/")
		case c == '\'' || c == '"' || c == '`':
			s.pos++
			s.skipPast(string(c)) // a doubled quote reads as two literals, which is the same here
			return "'"
		case c == '[':
			s.skipPast("]")
			return "'"
		case isWordByte(c):
			start := s.pos
			for s.pos < len(s.text) && isWordByte(s.text[s.pos]) {
				s.pos++
			}
			return s.text[start:s.pos]
		default:
			s.pos++
			return s.text[s.pos-1 : s.pos]
		}
	}
	return ""
}

func (s *scanner) skipPast(end string) {
	if i := strings.Index(s.text[s.pos:], end); i >= 0 {
		s.pos += i + len(end)
		return
	}
	s.pos = len(s.text)
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
