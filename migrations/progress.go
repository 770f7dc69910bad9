package migrations

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Resume says how Up handles a file of which an earlier run applied a part, because it failed or was killed. That
// happens on MySQL, which commits each CREATE, ALTER and DROP immediately, and in files without a transaction.
type Resume int

const (
	// RefuseResume returns an error that says which statements were applied. It is the default.
	RefuseResume Resume = iota
	// ContinueResume continues after the last applied statement. The applied statements must still be in the file.
	ContinueResume
	// RestartResume runs the whole file again, after the applied statements have been undone manually.
	RestartResume
)

// progressTable stores the statements of partly applied files. It is created when it is first needed.
const progressTable = "covet_migration_progress"

// progress is the list of applied statements of a partly applied file.
type progress struct {
	Source     string
	Version    int64
	Statements string // JSON
}

func (progress) TableName() string { return progressTable }

// saveProgress stores the applied statements of a file.
func (r *Runner) saveProgress(ctx context.Context, source Source, version int64, statements []string) error {
	text, err := json.Marshal(statements)
	if err != nil {
		return err
	}
	kind := "TEXT"
	if r.db.Dialect() == "mysql" {
		kind = "LONGTEXT"
	}
	db := r.db.With(ctx)
	if err := db.Exec("CREATE TABLE IF NOT EXISTS " + progressTable +
		" (source VARCHAR(40) NOT NULL, version BIGINT NOT NULL, " +
		"statements " + kind + " NOT NULL, PRIMARY KEY (source, version))").Error; err != nil {
		return err
	}
	row := progress{source.Name, version, string(text)}
	changed := db.Model(&progress{}).Where("source = ? AND version = ?", row.Source, row.Version).
		Update("statements", row.Statements)
	if changed.Error != nil || changed.RowsAffected > 0 {
		return changed.Error
	}
	return db.Create(&row).Error
}

// loadProgress returns the applied statements by the versions of their files.
func (r *Runner) loadProgress(ctx context.Context, source Source) (map[int64][]string, error) {
	db := r.db.With(ctx)
	if !db.Migrator().HasTable(progressTable) {
		return nil, nil
	}
	var rows []progress
	if err := db.Where("source = ?", source.Name).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("reading which migrations of %s were applied in part: %w", source.Name, err)
	}
	found := map[int64][]string{}
	for _, row := range rows {
		var statements []string
		if err := json.Unmarshal([]byte(row.Statements), &statements); err != nil {
			return nil, fmt.Errorf("reading which statements of migration %d were applied: %w", row.Version, err)
		}
		found[row.Version] = statements
	}
	return found, nil
}

// forgetProgress deletes the stored statements of a file that has been applied or will be run from its start.
func (r *Runner) forgetProgress(ctx context.Context, source Source, version int64) error {
	return r.db.With(ctx).Where("source = ? AND version = ?", source.Name, version).Delete(&progress{}).Error
}

// resume returns the source with what remains of its pending files. With RefuseResume, a partly applied file is an
// *Error.
func (r *Runner) resume(ctx context.Context, source Source, found []file) (Source, map[int64][]string, error) {
	done, err := r.loadProgress(ctx, source)
	if err != nil || len(done) == 0 {
		return source, nil, err
	}
	rest := overlay{source.FS, map[string]string{}}
	for _, f := range found {
		statements, ok := done[f.version]
		if !ok {
			continue
		}
		if r.Resume == RestartResume {
			if err := r.forgetProgress(ctx, source, f.version); err != nil {
				return source, nil, err
			}
			delete(done, f.version)
			continue
		}
		name := path.Join(r.db.Dialect(), f.base)
		content, err := fs.ReadFile(source.FS, name)
		if err != nil {
			return source, nil, fmt.Errorf("reading the migrations of %s: %w", source.Name, err)
		}
		remaining, line, err := without(string(content), statements)
		failure := &Error{Source: source.Name, File: f.base, Line: line, Direction: "up", Partial: true, Err: err}
		switch {
		case err != nil:
			failure.before = fmt.Sprintf("restore its first %d statements and run migrate up --continue, "+
				"or undo them manually and run migrate up --restart", len(statements))
			return source, nil, failure
		case r.Resume == RefuseResume:
			failure.Err = errors.New("an earlier run applied " + counted(len(statements)) +
				", up to: " + short(statements[len(statements)-1]))
			failure.before = continueHint
			return source, nil, failure
		}
		rest.changed[name] = remaining
	}
	return Source{Name: source.Name, FS: rest}, done, nil
}

const continueHint = "correct the statements after it and run migrate up --continue, " +
	"or undo the applied statements manually and run migrate up --restart"

func counted(n int) string {
	if n == 1 {
		return "1 statement of this file"
	}
	return fmt.Sprintf("%d statements of this file", n)
}

// short returns a statement in one line of at most 100 characters.
func short(statement string) string {
	text := []rune(strings.Join(strings.Fields(statement), " "))
	if len(text) > 100 {
		return string(text[:99]) + "…"
	}
	return string(text)
}

var errChanged = errors.New("statements that an earlier run applied were changed in the file")

// without returns content without its first statements, with the same number of lines, and the line of the last of
// them.
func without(content string, statements []string) (rest string, line int, err error) {
	lines := locate(content, statements)
	if len(lines) != len(statements) {
		return "", 0, errChanged
	}
	from := 0
	var b strings.Builder
	for _, statement := range statements {
		statement = strings.TrimSpace(statement)
		start := from + strings.Index(content[from:], statement)
		end := start + len(statement)
		if begin := annotationBefore.FindStringIndex(content[from:start]); begin != nil {
			start = from + begin[0]
			if after := annotationAfter.FindStringIndex(content[end:]); after != nil {
				end += after[1]
			}
		} else if after := semicolon.FindStringIndex(content[end:]); after != nil {
			end += after[1]
		}
		b.WriteString(content[from:start])
		b.WriteString(strings.Repeat("\n", strings.Count(content[start:end], "\n")))
		from = end
	}
	b.WriteString(content[from:])
	return b.String(), lines[len(lines)-1], nil
}

var (
	annotationBefore = regexp.MustCompile(`(?m)^\s*--\s*\+goose\s+StatementBegin\s*\z`)
	annotationAfter  = regexp.MustCompile(`\A\s*--\s*\+goose\s+StatementEnd`)
	semicolon        = regexp.MustCompile(`\A\s*;`)
)

// overlay is a file system that replaces the content of some files.
type overlay struct {
	fs.FS
	changed map[string]string
}

// Open opens a file.
func (o overlay) Open(name string) (fs.File, error) {
	file, err := o.FS.Open(name)
	content, ok := o.changed[name]
	if err != nil || !ok {
		return file, err
	}
	return changedFile{file, strings.NewReader(content)}, nil
}

// changedFile is a file with another content.
type changedFile struct {
	fs.File
	content io.Reader
}

func (f changedFile) Read(p []byte) (int, error) { return f.content.Read(p) }

// committed returns how many of the started statements have taken effect permanently when the last of them starts: none
// in a transaction, all before it without one. On MySQL a statement that commits ends the transaction, so that it and
// the statements before and after it take effect.
func committed(dialect string, noTransaction bool, statements []string) int {
	if len(statements) == 0 || !noTransaction &&
		(dialect != "mysql" || !slices.ContainsFunc(statements, commits.MatchString)) {
		return 0
	}
	return len(statements) - 1
}

// commits matches statements that commit implicitly (MySQL's manual, "Statements That Cause an Implicit Commit").
var commits = regexp.MustCompile(`(?is)^\s*(?:--[^\n]*\n\s*)*(?:ALTER|CREATE|DROP|RENAME|TRUNCATE|GRANT|REVOKE|ANALYZE|OPTIMIZE|` +
	`REPAIR|CACHE|FLUSH|RESET|LOCK|UNLOCK|BEGIN|COMMIT|START\s+TRANSACTION)\s`)

// saveTimeout limits the storing of progress.
const saveTimeout = 10 * time.Second
