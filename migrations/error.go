package migrations

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"github.com/covetgo/covet/app/database"
)

// Error is a failed migration. Its text contains the source, the file and the statement, and says what was applied.
type Error struct {
	// Source is the name of the source and File the name of the file.
	Source, File string
	// Line is the line in the file of the fault, or of the begin of the statement if the database does not report the
	// position. It is zero if the fault is not in a statement.
	Line int
	// Direction is "up" or "down".
	Direction string
	// Partial reports whether statements of the file may have taken effect nevertheless.
	Partial bool
	// Err is the error of the database.
	Err error

	before string // what was applied, and the next step
}

func (e *Error) Error() string {
	place := path.Join(e.Source, e.File)
	if e.Line > 0 {
		place += " line " + strconv.Itoa(e.Line)
	}
	return fmt.Sprintf("migrating %s %s: %s; %s", e.Direction, place, e.Err, e.before)
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// failure explains an error of goose.
func (r *Runner) failure(source Source, partial *goose.PartialError, statements *recorder) *Error {
	f := fileOf(partial.Failed.Source)
	e := &Error{
		Source:    source.Name,
		File:      f.base,
		Direction: partial.Failed.Direction,
		Err:       withoutRollbackError(partial.Err),
	}
	content, err := fs.ReadFile(source.FS, path.Join(r.db.Dialect(), f.base))
	if err != nil {
		content = nil // without the file there is no line to report
	}
	run := statements.statementsOf(f.base)
	if lines := locate(string(content), run); len(lines) > 0 && !errors.Is(e.Err, database.ErrDanglingReference) {
		e.Line = lines[len(lines)-1] + r.lineWithin(run[len(run)-1], e.Err)
	}
	noTransaction := noTransactionAnnotation.Match(content)
	n := committed(r.db.Dialect(), noTransaction, run)
	e.Partial = n > 0
	e.before = "nothing of this file was applied: correct it and migrate again"
	if n > 0 && e.Direction == "up" {
		e.before = fmt.Sprintf("%s took effect, up to: %s; %s", counted(n), short(run[n-1]), continueHint)
	} else if n > 0 {
		e.before = fmt.Sprintf("%s took effect, up to: %s; undo or finish the rest by hand", counted(n), short(run[n-1]))
	}
	return e
}

var noTransactionAnnotation = regexp.MustCompile(`(?m)^\s*--\s*\+goose NO TRANSACTION\s*$`)

// withoutRollbackError removes what goose adds to an error when rolling back a finished transaction fails.
func withoutRollbackError(err error) error {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var kept []error
	for _, e := range several.Unwrap() {
		if !errors.Is(e, sql.ErrTxDone) {
			kept = append(kept, e)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return err
}

var atLine = regexp.MustCompile(`at line (\d+)$`)

// lineWithin returns the line of err within statement, counted from 0. PostgreSQL reports the character, MySQL the
// line.
func (r *Runner) lineWithin(statement string, err error) int {
	if position := r.db.ErrorPosition(err); position > 0 {
		runes := []rune(statement)
		return strings.Count(string(runes[:min(position-1, len(runes))]), "\n")
	}
	if match := atLine.FindStringSubmatch(err.Error()); match != nil {
		if n, err := strconv.Atoi(match[1]); err == nil && n > 0 {
			return n - 1
		}
	}
	return 0
}

// fileOf splits the file name of a migration.
func fileOf(source *goose.Source) file {
	base := path.Base(source.Path)
	_, name, _ := strings.Cut(strings.TrimSuffix(base, ".sql"), "_")
	return file{version: source.Version, name: name, base: base}
}
