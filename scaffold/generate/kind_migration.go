package generate

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/inflect"
)

func migrationKind() Kind {
	return Kind{
		Name: "migration", Use: "NAME [FIELD…]", Fields: true,
		Short: "a migration: add_…_to_TABLE, remove_…_from_TABLE and create_TABLE with fields, or an empty one",
		Example: `  covet generate migration add_rating_to_posts rating:int
  covet generate migration remove_rating_from_posts rating:int
  covet generate migration create_votes value:int post:belongs_to:post
  covet generate migration backfill_slugs`,
		name: migrationName, plan: planMigration,
	}
}

// migrationName is the name in files. Go does not compile them, so that any ending will do.
func migrationName(text string) (string, error) {
	if problem := spelling(text); problem != "" {
		return "", refuseWord("migration", text, problem)
	}
	return strings.Join(inflect.Words(text), "_"), nil
}

// migrationForms are the names that say what is to be done with fields.
var migrationForms = []struct {
	pattern *regexp.Regexp
	check   func(t ddl.Table, dialects ...ddl.Dialect) error
	write   func(t ddl.Table, d ddl.Dialect) string
}{
	{regexp.MustCompile(`^add_.+_to_(.+)$`), ddl.Table.CheckAdd, ddl.AddColumns},
	{regexp.MustCompile(`^remove_.+_from_(.+)$`), ddl.Table.Check, ddl.RemoveColumns},
	{regexp.MustCompile(`^create_(.+)$`), ddl.Table.Check, ddl.CreateTable},
}

func planMigration(p *Project, r request) (*plan, error) {
	snake, err := migrationName(r.name)
	if err != nil {
		return nil, err
	}
	if err := p.refuseMigration(snake, r.own); err != nil {
		return nil, err
	}
	fields, err := field.Parse(r.args)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return p.planMigrations(r, snake, ddl.Empty, "Next: write it, in each folder; then covet migrate up")
	}
	for _, form := range migrationForms {
		match := form.pattern.FindStringSubmatch(snake)
		if match == nil {
			continue
		}
		t, err := p.changed(match[1], fields)
		if err != nil {
			return nil, err
		}
		if err := form.check(t, p.dialects()...); err != nil {
			return nil, err
		}
		write := func(d ddl.Dialect) string { return form.write(t, d) }
		return p.planMigrations(r, snake, write, append(p.modelNotes(snake, t), "Next: covet migrate up")...)
	}
	return nil, &UsageError{
		Problem: fmt.Sprintf("the name %s does not say what to do with the fields", snake),
		Hint:    fmt.Sprintf("Name it add_%s_to_TABLE, remove_%s_from_TABLE or create_TABLE; or leave the fields out.", fields[0].Name, fields[0].Name),
	}
}

// refuseMigration refuses the name of a migration that there is.
func (p *Project) refuseMigration(snake string, own *record) error {
	for _, dialect := range p.Dialects {
		dir := path.Join("migrations", string(dialect))
		entries, err := p.tree.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := path.Join(dir, entry.Name())
			if _, base, _ := strings.Cut(entry.Name(), "_"); base == snake+".sql" && own.hash(name) == "" {
				return &UsageError{Problem: name + " has that name already", Hint: "Say more precisely what the new one does, as in " + snake + "_again."}
			}
		}
	}
	return nil
}

// changed is the table of that name with the fields that a migration is about.
func (p *Project) changed(table string, fields []field.Field) (ddl.Table, error) {
	n, err := inflect.ParseModel(table)
	if err != nil {
		return ddl.Table{}, err
	}
	found, err := p.models()
	if err != nil {
		return ddl.Table{}, err
	}
	for _, f := range fields {
		if _, ok := found[f.Target.Type]; !ok && f.Target.Type != "" && f.Target.Type != n.Type {
			return ddl.Table{}, &MissingModelError{Field: f.Name, Target: f.Target, Known: slices.Sorted(maps.Keys(found))}
		}
	}
	return ddl.Table{Name: n, Fields: fields, Owned: owned(found)}, nil
}

// planMigrations writes a migration for every database.
func (p *Project) planMigrations(r request, snake string, write func(d ddl.Dialect) string, notes ...string) (*plan, error) {
	version, err := p.version(r)
	if err != nil {
		return nil, err
	}
	out := &plan{notes: notes}
	for _, dialect := range p.Dialects {
		out.files = append(out.files, scaffold.File{
			Path:    path.Join("migrations", string(dialect), version+"_"+snake+".sql"),
			Content: []byte(write(ddl.Dialect(dialect))),
		})
	}
	return out, nil
}

// modelNotes say what becomes of the model.
func (p *Project) modelNotes(snake string, t ddl.Table) []string {
	found, err := p.models()
	m, ok := found[t.Name.Type]
	switch {
	case err != nil || !ok:
		return nil
	case strings.HasPrefix(snake, "remove_"):
		return []string{"Take the fields out of the struct " + t.Name.Type + " in " + m.file + "."}
	case strings.HasPrefix(snake, "create_"):
		return nil
	}
	lines := []string{"Add to the struct " + t.Name.Type + " in " + m.file + ":"}
	for _, f := range t.Fields {
		c := column{Field: f, Human: human(f.Label()), resource: t.Name.Table, JoinTable: t.JoinTable(f)}
		if c.IsMany() {
			lines = append(lines, fmt.Sprintf("    %s []%s `gorm:\"many2many:%s\" json:\"-\"`", c.GoName, c.Target.Type, c.JoinTable))
			continue
		}
		lines = append(lines, fmt.Sprintf("    %s %s `%s`", c.Member(), c.ModelType(), c.ModelTag()))
		if c.IsBelongsTo() {
			lines = append(lines, fmt.Sprintf("    %s *%s `json:\"-\"`", c.GoName, c.Target.Type))
		}
	}
	return []string{strings.Join(lines, "\n")}
}
