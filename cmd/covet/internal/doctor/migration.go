package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/covetgo/covet/scaffold"
)

const writeMigrations = "see docs/database.md of Covet for the format"

// folders returns the names of the migrations of the application, sorted, by the dialect of their folder.
func (in *inspection) folders() (map[scaffold.Dialect][]string, error) {
	found := map[scaffold.Dialect][]string{}
	for _, dialect := range scaffold.Dialects() {
		entries, err := os.ReadDir(filepath.Join(in.Root, "migrations", string(dialect)))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading migrations: %w", err)
		}
		found[dialect] = []string{}
		for _, entry := range entries {
			if !entry.IsDir() && path.Ext(entry.Name()) == ".sql" {
				found[dialect] = append(found[dialect], entry.Name())
			}
		}
	}
	return found, nil
}

func checkMigrations(_ context.Context, p *inspection) outcome {
	folders, err := p.folders()
	if err != nil {
		return failed(err.Error(), "make the folder readable")
	}
	if faults := versionFaults(folders); len(faults) > 0 {
		return failed(abbreviate(faults), "rename them, as in 20261123090000_create_posts.sql, the same in each folder")
	}
	if missing := missingFiles(folders); len(missing) > 0 {
		return failed("missing for one database: there is no "+abbreviate(missing), "write "+abbreviate(missing))
	}
	if len(folders) == 0 {
		return passed("the application has none")
	}
	dialects := slices.Sorted(maps.Keys(folders))
	if s, err := p.settings(); err == nil {
		dialect := dialectOf(s.Database.URL)
		if _, ok := folders[dialect]; dialect != "" && !ok {
			folder := "migrations/" + string(dialect)
			return failed("the configured database is "+string(dialect)+", but there is no folder "+folder,
				"mkdir "+folder+", then add the migrations of migrations/"+string(dialects[0])+
					"; covet migrate create writes into each folder")
		}
	}
	return passed(count(len(folders[dialects[0]]), "version", "versions") + " for " + scaffold.List(dialects))
}

// dialectOf returns the database of a URL, or "".
func dialectOf(url string) scaffold.Dialect {
	scheme, _, _ := strings.Cut(url, ":")
	switch strings.ToLower(scheme) {
	case "sqlite":
		return scaffold.SQLite
	case "postgres", "postgresql":
		return scaffold.Postgres
	case "mysql", "mariadb":
		return scaffold.MySQL
	default:
		return ""
	}
}

// versionFaults finds names without a version, and versions that two files of a folder share.
func versionFaults(folders map[scaffold.Dialect][]string) []string {
	var faults []string
	for _, dialect := range slices.Sorted(maps.Keys(folders)) {
		taken := map[int64]string{}
		for _, name := range folders[dialect] {
			number, _, _ := strings.Cut(name, "_")
			version, err := strconv.ParseInt(number, 10, 64)
			switch other := taken[version]; {
			case err != nil || version < 1 || !strings.Contains(name, "_"):
				faults = append(faults, fmt.Sprintf("%s/%s does not start with a version", dialect, name))
			case other != "":
				faults = append(faults, fmt.Sprintf("%s/%s and %s have the same version", dialect, other, name))
			default:
				taken[version] = name
			}
		}
	}
	return faults
}

// missingFiles returns the files that one folder has and another does not.
func missingFiles(folders map[scaffold.Dialect][]string) []string {
	all := map[string]bool{}
	for _, names := range folders {
		for _, name := range names {
			all[name] = true
		}
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, dialect := range slices.Sorted(maps.Keys(folders)) {
			if !slices.Contains(folders[dialect], name) {
				missing = append(missing, "migrations/"+string(dialect)+"/"+name)
			}
		}
	}
	return missing
}

func checkMigrationFiles(ctx context.Context, p *inspection) outcome {
	folders, err := p.folders()
	if err != nil {
		return failed(err.Error(), "make the folder readable")
	}
	var faults []string
	read := 0
	for _, dialect := range slices.Sorted(maps.Keys(folders)) {
		for _, name := range folders[dialect] {
			file := "migrations/" + string(dialect) + "/" + name
			text, err := p.read(file)
			if err == nil {
				err = checkStatements(string(text))
			}
			if err != nil {
				faults = append(faults, file+": "+err.Error())
			}
			read++
			if ctx.Err() != nil {
				return warning("not checked: there are too many", "covet migrate status")
			}
		}
	}
	if len(faults) > 0 {
		return failed(abbreviate(faults), "correct it; "+writeMigrations)
	}
	return passed(count(read, "file", "files") + " can be read")
}

// reader parses a migration file line by line: goose's parser is too large to link for this.
type reader struct {
	section   string // "", Up or Down
	block     bool   // between StatementBegin and StatementEnd
	statement bool   // a statement has begun and not ended
}

// checkStatements returns an error with the line number if a migration cannot be split into statements.
func checkStatements(text string) error {
	r := reader{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		if err := r.line(strings.TrimRight(line, "\r\n")); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	switch {
	case r.section == "":
		return errors.New(`there is no line "-- +goose Up"`)
	case r.block:
		return errors.New(`the line "-- +goose StatementEnd" is missing`)
	case r.statement:
		return errors.New("the last statement does not end with a semicolon")
	}
	return nil
}

func (r *reader) line(line string) error {
	trimmed := strings.TrimSpace(line)
	comment := strings.HasPrefix(trimmed, "--")
	switch {
	case comment && strings.Contains(trimmed, "+goose"):
		if line[0] != '-' {
			return errors.New("an annotation must start its line")
		}
		return r.annotation(strings.TrimSpace(strings.Replace(strings.ReplaceAll(trimmed, "--", ""), "+goose", "", 1)))
	case trimmed == "", comment && !r.statement:
	case r.section == "":
		return errors.New(`a statement stands before "-- +goose Up"`)
	case r.block:
		r.statement = true
	default:
		r.statement = !endsStatement(line)
	}
	return nil
}

// endsStatement reports whether a line ends with a semicolon, ignoring comments.
func endsStatement(line string) bool {
	last := ""
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "--") {
			break
		}
		last = word
	}
	return strings.HasSuffix(last, ";")
}

func (r *reader) annotation(name string) error {
	switch strings.ToLower(name) {
	case "up":
		if r.section != "" {
			return errors.New(`"-- +goose Up" is there twice, or behind Down`)
		}
		r.section = "Up"
	case "down":
		if r.section != "Up" || r.block {
			return errors.New(`"-- +goose Down" has to stand once, behind Up and its statements`)
		}
		if r.statement {
			return errors.New("the statement above does not end with a semicolon")
		}
		r.section = "Down"
	case "statementbegin":
		if r.section == "" || r.block {
			return errors.New(`"-- +goose StatementBegin" has to stand below Up or Down, and not in another`)
		}
		r.block = true
	case "statementend":
		if !r.block {
			return errors.New(`"-- +goose StatementEnd" has no StatementBegin above it`)
		}
		r.block, r.statement = false, false
	case "no transaction", "envsub on", "envsub off":
	default:
		return fmt.Errorf("unknown goose annotation %q", name)
	}
	return nil
}
