package kind

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/schema"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
)

// existing is what is known of the tables of one database.
type existing struct {
	*schema.Schema
	// modeled are the tables of the models.
	modeled []string
	// open reports that there may be tables which neither migrations nor models name.
	open bool
}

// verify applies a check to the tables of every database of the application.
func (r *request) verify(t ddl.Table, check func(existing, ddl.Table) error) error {
	for _, dialect := range r.Dialects {
		s, err := r.existing(string(dialect))
		if err != nil {
			return err
		}
		if err := check(s, t); err != nil {
			return err
		}
	}
	return nil
}

// tableName returns the name of the table that a migration is about: that of its model, the name as it is written if
// migrations have such a table, or else the plural.
func (r *request) tableName(written, plural string, m project.Model) (string, error) {
	if m.Table != "" && m.Table != project.UnknownTable {
		return m.Table, nil
	}
	for _, dialect := range r.Dialects {
		s, err := r.existing(string(dialect))
		if err != nil {
			return "", err
		}
		_, asWritten := s.Table(written)
		if _, asPlural := s.Table(plural); asWritten && !asPlural {
			return written, nil
		}
	}
	return plural, nil
}

// existing reads the migrations for a database, without those of an earlier run of the same command.
func (r *request) existing(dialect string) (existing, error) {
	known := existing{Schema: schema.New()}
	dir := path.Join("migrations", dialect)
	entries, err := r.Tree.ReadDir(dir)
	if err != nil {
		return known, err
	}
	for _, entry := range entries {
		name := path.Join(dir, entry.Name())
		if entry.IsDir() || r.own.Hash(name) != "" {
			continue
		}
		if path.Ext(name) != ".sql" {
			known.open = known.open || path.Ext(name) == ".go" // a migration in Go may do anything
			continue
		}
		content, err := r.Tree.ReadFile(name)
		if err != nil {
			return known, fmt.Errorf("reading %s: %w", name, err)
		}
		known.Apply(name, string(content))
	}
	models, err := r.Models()
	if err != nil {
		return known, err
	}
	for name, m := range models {
		switch {
		case m.Table == project.UnknownTable:
			known.open = true
		case m.Table != "":
			known.modeled = append(known.modeled, m.Table)
		default:
			if n, err := inflect.ParseModel(name); err == nil {
				known.modeled = append(known.modeled, n.Table)
			}
		}
	}
	return known, nil
}

// known returns a table, or an error if there is certainly none of the name.
func (s existing) known(name string) (schema.Table, error) {
	table, ok := s.Table(name)
	if ok || s.open || strings.HasPrefix(name, "covet_") || slices.Contains(s.modeled, name) || !s.Lacks(name) {
		return table, nil
	}
	tables := append(s.Tables(), s.modeled...)
	slices.Sort(tables)
	return table, &usage.UnknownError{Noun: "table", Name: name, Known: slices.Compact(tables)}
}

// add refuses fields of a table that does not exist, or that has them.
func (s existing) add(t ddl.Table) error {
	table, err := s.known(t.Name.Table)
	if err != nil {
		return err
	}
	for _, f := range t.Fields {
		if f.Type == field.Many {
			if err := s.absent(t.JoinTable(f)); err != nil {
				return err
			}
			continue
		}
		if file, ok := table.Column(f.Column); ok {
			return &usage.Error{
				Problem: fmt.Sprintf("the table %s already has a column %s: %s adds it", t.Name.Table, f.Column, file),
				Hint:    "Omit the field or choose another name.",
			}
		}
	}
	return nil
}

// remove refuses fields of a table that does not exist, or that lacks them.
func (s existing) remove(t ddl.Table) error {
	table, err := s.known(t.Name.Table)
	if err != nil {
		return err
	}
	for _, f := range t.Fields {
		switch {
		case f.Type == field.Many:
			if _, err := s.known(t.JoinTable(f)); err != nil {
				return err
			}
		case table.Lacks(f.Column):
			return &usage.UnknownError{Noun: "column of " + t.Name.Table, Name: f.Column, Known: table.Columns()}
		}
	}
	return nil
}

// create refuses a table that exists.
func (s existing) create(t ddl.Table) error {
	if err := s.absent(t.Name.Table); err != nil {
		return err
	}
	for _, f := range t.Fields {
		if f.Type != field.Many {
			continue
		}
		if err := s.absent(t.JoinTable(f)); err != nil {
			return err
		}
	}
	return nil
}

// absent refuses the name of a table that a migration creates.
func (s existing) absent(name string) error {
	table, ok := s.Table(name)
	if !ok || !table.Created {
		return nil
	}
	return &usage.Error{
		Problem: fmt.Sprintf("the table %s already exists: %s creates it", name, table.File),
		Hint:    fmt.Sprintf("Choose another name, or run covet generate migration add_…_to_%s with the new fields.", name),
	}
}
