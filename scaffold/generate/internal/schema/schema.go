// Package schema reads the tables and columns that the migrations of an application create.
//
// It reads what it knows and guesses nothing: a table that a statement changes in a way it does not read is incomplete,
// and after a statement that may do anything, such as a block of PL/pgSQL, nothing is known to be absent.
package schema

import (
	"slices"
	"strings"
)

// Schema is the tables that the migrations for one database create, as far as they can be read.
type Schema struct {
	tables map[string]*Table
	// mentioned has every name that statements contain, and texts every text and body.
	mentioned map[string]bool
	texts     []string
	unknown   bool
}

// Table is a table that exists after the migrations.
type Table struct {
	// Name is its name, and File the migration that creates it, or the first one that changes it.
	Name, File string
	// Created reports that File creates it.
	Created bool
	// columns are the columns with the migrations that add them.
	columns map[string]string
	// complete reports that there are no other columns.
	complete bool
}

// New returns a schema without tables.
func New() *Schema { return &Schema{tables: map[string]*Table{}, mentioned: map[string]bool{}} }

// Apply applies a migration. Migrations are applied in the order of their versions.
func (s *Schema) Apply(file, content string) {
	if unreadable(content) {
		s.unknown = true
		s.forgetAll()
		return
	}
	for _, statement := range statements(tokens(content)) {
		for _, t := range statement {
			if t.kind == literal {
				s.texts = append(s.texts, t.name)
			}
		}
		s.apply(&reader{tokens: statement}, file)
		for _, t := range statement {
			if t.kind == word || t.kind == quoted {
				s.mentioned[t.name] = true
			}
		}
	}
}

// unreadable reports whether a migration has names from the environment, comments that MySQL runs, or texts whose end
// depends on the database.
func unreadable(content string) bool {
	return strings.Contains(strings.ToUpper(content), "+GOOSE ENVSUB") || strings.Contains(content, "/*!") ||
		strings.Contains(content, `\'`)
}

// Table returns a table that exists.
func (s *Schema) Table(name string) (Table, bool) {
	t, ok := s.tables[strings.ToLower(name)]
	if !ok {
		return Table{}, false
	}
	return *t, true
}

// Tables returns the names of the tables that exist, sorted.
func (s *Schema) Tables() []string {
	var names []string
	for name := range s.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Lacks reports that there is certainly no such table: no migration mentions it, and none does what cannot be read.
func (s *Schema) Lacks(name string) bool {
	name = strings.ToLower(name)
	if _, ok := s.tables[name]; ok || s.unknown || s.mentioned[name] {
		return false
	}
	return !slices.ContainsFunc(s.texts, func(text string) bool { return strings.Contains(text, name) })
}

// Column returns the migration that adds a column of the table, or false if none is known to.
func (t Table) Column(name string) (file string, ok bool) {
	file, ok = t.columns[strings.ToLower(name)]
	return file, ok
}

// Columns returns the known columns of the table, sorted.
func (t Table) Columns() []string {
	var names []string
	for name := range t.columns {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Lacks reports that the table certainly has no such column.
func (t Table) Lacks(column string) bool {
	_, ok := t.Column(column)
	return t.complete && !ok
}

// forget marks what a statement mentions as incomplete.
func (s *Schema) forget(statement []token) {
	for _, t := range statement {
		if table := s.tables[t.name]; table != nil {
			table.complete, table.columns = false, map[string]string{}
		}
	}
}
