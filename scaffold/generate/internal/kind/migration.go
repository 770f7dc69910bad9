package kind

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/ddl"
	"github.com/covetgo/covet/scaffold/field"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/noun"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
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
		recordName: migrationName, plan: planMigration,
	}
}

// migrationName is the name in files. Go does not compile them, so that any ending is fine.
func migrationName(text string) (string, error) {
	if problem := noun.Misspelling(text); problem != "" {
		return "", noun.Refuse("migration", text, problem)
	}
	return strings.Join(inflect.Words(text), "_"), nil
}

// migrationForms are the names that say what to do with fields.
var migrationForms = []struct {
	pattern *regexp.Regexp
	check   func(t ddl.Table, dialects ...ddl.Dialect) error
	write   func(t ddl.Table, d ddl.Dialect) string
	// verify refuses what the migrations of the application are known to have, or not to have.
	verify func(s existing, t ddl.Table) error
	// note reports that the fields have to be added to the model, removal that they have to be removed.
	note, removal bool
}{
	{pattern: regexp.MustCompile(`^add_.+_to_(.+)$`), check: ddl.Table.CheckAdd, write: ddl.AddColumns, verify: existing.add, note: true},
	{pattern: regexp.MustCompile(`^remove_.+_from_(.+)$`), check: ddl.Table.Check, write: ddl.RemoveColumns, verify: existing.remove, removal: true},
	{pattern: regexp.MustCompile(`^create_(.+)$`), check: ddl.Table.Check, write: ddl.CreateTable, verify: existing.create},
}

func planMigration(r *request) (*change.Plan, error) {
	snake, err := migrationName(r.name)
	if err != nil {
		return nil, err
	}
	if err := r.refuseMigration(snake); err != nil {
		return nil, err
	}
	fields, err := field.Parse(r.args)
	if err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		files, err := r.migrations(snake, ddl.Empty)
		return &change.Plan{Files: files, Notes: []string{"Next: write the statements in each folder, then run: covet migrate up"}}, err
	}
	for _, form := range migrationForms {
		match := form.pattern.FindStringSubmatch(snake)
		if match == nil {
			continue
		}
		t, m, err := r.table(match[1], fields)
		if err != nil {
			return nil, err
		}
		if err := r.verify(t, form.verify); err != nil {
			return nil, err
		}
		if err := form.check(t, resource.Dialects(r.Project)...); err != nil {
			return nil, err
		}
		out := &change.Plan{}
		switch {
		case m.File == "":
		case form.removal:
			out.Notes = []string{"Remove the fields from the struct " + t.Name.Type + " in " + m.File + "."}
		case form.note:
			note, err := r.modelNote(t, m)
			if err != nil {
				return nil, err
			}
			out.Notes = []string{note}
		}
		out.Notes = append(out.Notes, "Next: covet migrate up")
		out.Files, err = r.migrations(snake, func(d ddl.Dialect) string { return form.write(t, d) })
		return out, err
	}
	return nil, &usage.Error{
		Problem: fmt.Sprintf("the name %s does not determine what to do with the fields", snake),
		Hint:    fmt.Sprintf("Name it add_%s_to_TABLE, remove_%s_from_TABLE or create_TABLE, or omit the fields.", fields[0].Name, fields[0].Name),
	}
}

// refuseMigration refuses the name of an existing migration.
func (r *request) refuseMigration(snake string) error {
	for _, dialect := range r.Dialects {
		dir := path.Join("migrations", string(dialect))
		entries, err := r.Tree.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			name := path.Join(dir, entry.Name())
			if _, base, _ := strings.Cut(entry.Name(), "_"); base == snake+".sql" && r.own.Hash(name) == "" {
				return &usage.Error{Problem: name + " already has that name", Hint: "Use a more specific name, such as " + snake + "_again."}
			}
		}
	}
	return nil
}

// table returns a table with the fields that a migration is about, and its model if there is one.
func (r *request) table(name string, fields []field.Field) (ddl.Table, project.Model, error) {
	n, err := inflect.ParseModel(name)
	if err != nil {
		return ddl.Table{}, project.Model{}, err
	}
	found, err := r.Models()
	if err != nil {
		return ddl.Table{}, project.Model{}, err
	}
	for i := range fields {
		if f := &fields[i]; f.Target.Type != "" && f.Target.Type != n.Type {
			if _, err := resource.FindTarget(found, f); err != nil {
				return ddl.Table{}, project.Model{}, err
			}
		}
	}
	if n.Table, err = r.tableName(name, n.Table, found[n.Type]); err != nil {
		return ddl.Table{}, project.Model{}, err
	}
	return ddl.Table{Name: n, Fields: fields, Owned: project.Owned(found)}, found[n.Type], nil
}

// modelNote says which fields to add to a model.
func (r *request) modelNote(t ddl.Table, m project.Model) (string, error) {
	data := struct {
		Type, File string
		Fields     []resource.Column
	}{Type: t.Name.Type, File: m.File}
	for _, f := range t.Fields {
		c := resource.NewColumn(f, t.Name.Table)
		c.JoinTable = t.JoinTable(f)
		data.Fields = append(data.Fields, c)
	}
	text, err := r.renderer.Text("migration/model_note.txt", data)
	return strings.ReplaceAll(strings.TrimSpace(text), "\t", "    "), err
}

// migrations returns a migration for every database of the application.
func (r *request) migrations(name string, write func(d ddl.Dialect) string) ([]scaffold.File, error) {
	version, err := r.version()
	if err != nil {
		return nil, err
	}
	var files []scaffold.File
	for _, dialect := range r.Dialects {
		files = append(files, scaffold.File{
			Path:    path.Join("migrations", string(dialect), version+"_"+name+".sql"),
			Content: []byte(write(ddl.Dialect(dialect))),
		})
	}
	return files, nil
}

// versionFormat is how the time becomes the version of a migration.
const versionFormat = "20060102150405"

// version returns the version of an earlier run, or else one that sorts after the existing migrations.
func (r *request) version() (string, error) {
	if earlier := r.own.Version(); earlier != "" {
		return earlier, nil
	}
	now := r.flags.Now
	if now.IsZero() {
		now = time.Now()
	}
	latest := ""
	for _, dialect := range r.Dialects {
		entries, err := r.Tree.ReadDir("migrations/" + string(dialect))
		if err != nil {
			return "", err
		}
		for _, entry := range entries {
			if name := entry.Name(); len(name) > 14 && digits(name[:14]) && name[:14] > latest && path.Ext(name) == ".sql" {
				latest = name[:14]
			}
		}
	}
	version := now.UTC().Format(versionFormat)
	if version <= latest {
		number, err := strconv.ParseInt(latest, 10, 64)
		if err != nil {
			return "", fmt.Errorf("numbering a migration after %s: %w", latest, err)
		}
		version = fmt.Sprintf("%014d", number+1)
	}
	return version, nil
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }
