package schema

import "slices"

// reader reads a statement from left to right.
type reader struct {
	tokens []token
	pos    int
}

func (r *reader) done() bool { return r.pos >= len(r.tokens) }

func (r *reader) peek() token {
	if r.done() {
		return token{kind: symbol}
	}
	return r.tokens[r.pos]
}

// is reports whether the next token is one of the keywords or characters.
func (r *reader) is(texts ...string) bool {
	next := r.peek()
	return (next.kind == word || next.kind == symbol) && slices.Contains(texts, next.text)
}

// take skips the keywords or characters if they come next.
func (r *reader) take(texts ...string) bool {
	start := r.pos
	for _, text := range texts {
		if !r.is(text) {
			r.pos = start
			return false
		}
		r.pos++
	}
	return true
}

// name reads a name, of which it leaves out the schema: public.posts.
func (r *reader) name() string {
	next := r.peek()
	if next.kind != word && next.kind != quoted {
		return ""
	}
	r.pos++
	if r.take(".") {
		return r.name()
	}
	return next.name
}

// until reads up to a character outside of parentheses, or to the end, and skips the character.
func (r *reader) until(stops ...string) *reader {
	start, depth := r.pos, 0
	for ; !r.done(); r.pos++ {
		switch {
		case depth == 0 && r.is(stops...):
			read := &reader{tokens: r.tokens[start:r.pos]}
			r.pos++
			return read
		case r.is("("):
			depth++
		case r.is(")"):
			depth--
		}
	}
	return &reader{tokens: r.tokens[start:]}
}

// harmless begin statements that neither create tables nor change their columns.
var harmless = []string{
	"INSERT", "UPDATE", "DELETE", "REPLACE", "COMMENT", "PRAGMA", "SET", "ANALYZE", "VACUUM", "REINDEX", "GRANT", "REVOKE",
	"TRUNCATE", "LOCK", "UNLOCK",
}

// objects are what else statements create, change and drop.
var objects = []string{
	"INDEX", "TRIGGER", "FUNCTION", "PROCEDURE", "EXTENSION", "TYPE", "SEQUENCE", "DOMAIN", "POLICY", "VIEW", "MATERIALIZED",
	"VIRTUAL", "TEMP", "TEMPORARY",
}

// apply applies a statement.
func (s *Schema) apply(r *reader, file string) {
	all := r.tokens
	switch {
	case r.is(harmless...):
	case r.take("CREATE"):
		if r.take("OR") {
			r.pos++ // REPLACE
		}
		for r.is("UNIQUE", "GLOBAL", "LOCAL", "UNLOGGED", "FULLTEXT", "SPATIAL", "CONSTRAINT") {
			r.pos++
		}
		switch {
		case r.is(objects...):
		case r.take("TABLE"):
			s.create(r, file)
		default:
			s.unknown = true
		}
	case r.take("ALTER", "TABLE"):
		s.alter(r, file)
	case r.take("DROP", "TABLE"):
		r.take("IF", "EXISTS")
		for name := r.name(); name != ""; name = r.name() {
			delete(s.tables, name)
			if !r.take(",") {
				break
			}
		}
	case r.take("RENAME", "TABLE"):
		for !r.done() {
			change := r.until(",")
			from := change.name()
			change.take("TO")
			s.rename(from, change.name(), file)
		}
	case r.take("DROP") || r.take("ALTER"):
		if !r.is(objects...) {
			s.unknown = true
			s.forget(all)
		}
	default:
		s.unknown = true
		s.forgetAll()
	}
	if slices.ContainsFunc(all, token.isEnd) && !creates(all, objects) {
		s.unknown = true // several statements in a block
		s.forgetAll()
	}
}

// creates reports whether a statement creates one of the objects, whose body may have statements.
func creates(statement []token, objects []string) bool {
	for _, t := range statement[:min(len(statement), 5)] {
		if t.kind == word && slices.Contains(objects, t.text) {
			return true
		}
	}
	return false
}

func (s *Schema) forgetAll() {
	for _, t := range s.tables {
		t.complete, t.columns = false, map[string]string{}
	}
}

// create reads CREATE TABLE behind these words.
func (s *Schema) create(r *reader, file string) {
	unless := r.take("IF", "NOT", "EXISTS")
	name := r.name()
	if old, exists := s.tables[name]; name == "" || (exists && unless) {
		if exists {
			old.complete = false
		}
		return
	}
	t := &Table{Name: name, File: file, Created: true, columns: map[string]string{}, complete: true}
	s.tables[name] = t
	if !r.take("(") {
		t.complete = false // AS SELECT, LIKE, PARTITION OF
		return
	}
	t.define(r.until(")"), file)
	for ; !r.done(); r.pos++ {
		if r.is("AS", "SELECT", "LIKE", "INHERITS") {
			t.complete = false
		}
	}
}

// constraints begin a part of a table that is not a column, unless they are names in quotes.
var constraints = []string{
	"CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "INDEX", "KEY", "FULLTEXT", "SPATIAL", "EXCLUDE", "PERIOD",
}

// define reads the parts of a table between its parentheses.
func (t *Table) define(r *reader, file string) {
	for !r.done() {
		part := r.until(",")
		switch {
		case part.is("LIKE"):
			t.complete = false
		case part.is("INDEX", "KEY", "PERIOD"):
			t.complete = false // SQLite and PostgreSQL have columns of these names
		case part.is(constraints...):
		default:
			t.add(part.name(), file)
		}
	}
}

func (t *Table) add(column, file string) {
	if column == "" {
		t.complete = false
		return
	}
	if _, exists := t.columns[column]; !exists {
		t.columns[column] = file
	}
}

// alter reads ALTER TABLE behind these words.
func (s *Schema) alter(r *reader, file string) {
	r.take("IF", "EXISTS")
	r.take("ONLY")
	name := r.name()
	if name == "" {
		return
	}
	r.take("*")
	if s.tables[name] == nil {
		s.tables[name] = &Table{Name: name, File: file, columns: map[string]string{}}
	}
	t := s.tables[name]
	for !r.done() {
		change := r.until(",")
		if change.take("RENAME") && !change.is("COLUMN", "CONSTRAINT", "INDEX", "KEY") {
			if to := change.renamed(); to != "" {
				s.rename(name, to, file)
				continue
			}
		}
		change.pos = 0
		t.change(change, file)
	}
}

// renamed reads the new name of a table behind RENAME, or returns "" for that of a column.
func (r *reader) renamed() string {
	if r.take("TO") || r.take("AS") {
		return r.name()
	}
	if len(r.tokens) == r.pos+1 {
		return r.name()
	}
	return ""
}

func (s *Schema) rename(from, to, file string) {
	t := s.tables[from]
	if to == "" {
		return
	}
	if t == nil {
		t = &Table{File: file, columns: map[string]string{}}
	}
	delete(s.tables, from)
	t.Name = to
	s.tables[to] = t
}

// unrelated begin changes of a table that leave the names of its columns.
var unrelated = []string{
	"ALTER", "MODIFY", "OWNER", "ENABLE", "DISABLE", "SET", "RESET", "VALIDATE", "ENGINE", "CONVERT", "CHARACTER", "COMMENT",
	"DEFAULT", "AUTO_INCREMENT", "ROW_FORMAT", "ALGORITHM", "LOCK", "FORCE", "CLUSTER", "REPLICA",
}

// change applies one change of ALTER TABLE.
func (t *Table) change(r *reader, file string) {
	switch {
	case r.is(unrelated...):
	case r.take("ADD"):
		if !r.take("COLUMN") && r.is(constraints...) {
			return
		}
		r.take("IF", "NOT", "EXISTS")
		if r.take("(") {
			t.define(r.until(")"), file)
			return
		}
		t.add(r.name(), file)
	case r.take("DROP"):
		if !r.take("COLUMN") && r.is(constraints...) {
			return
		}
		r.take("IF", "EXISTS")
		delete(t.columns, r.name())
	case r.take("RENAME"):
		if r.is("CONSTRAINT", "INDEX", "KEY") {
			return
		}
		r.take("COLUMN")
		from := r.name()
		r.take("TO")
		delete(t.columns, from)
		t.add(r.name(), file)
	case r.take("CHANGE"):
		r.take("COLUMN")
		delete(t.columns, r.name())
		t.add(r.name(), file)
	default:
		t.complete, t.columns = false, map[string]string{}
	}
}
