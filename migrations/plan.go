package migrations

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Reversal is a migration that Down would revert.
type Reversal struct {
	// Source is the name of the source.
	Source string
	// Version and Name are the version and the name of the file.
	Version int64
	Name    string
	// Removes lists the statements of the file that remove something: "DROP TABLE posts".
	Removes []string
}

// PlanDown returns what Down(ctx, n) would revert, in that order. It changes nothing and takes no lock.
func (r *Runner) PlanDown(ctx context.Context, n int) ([]Reversal, error) {
	if len(r.sources) == 0 {
		return nil, nil
	}
	if err := r.validate(); err != nil {
		return nil, err
	}
	source := r.sources[len(r.sources)-1]
	history, err := r.history(ctx, source)
	if err != nil {
		return nil, err
	}
	found, err := source.forDialect(r.db.Dialect())
	if err != nil {
		return nil, err
	}
	var plan []Reversal
	for i := len(history) - 1; i >= 0 && len(plan) < n; i-- {
		reversal := Reversal{Source: source.Name, Version: history[i].VersionID}
		for _, f := range found {
			if f.version != reversal.Version {
				continue
			}
			content, err := fs.ReadFile(source.FS, path.Join(r.db.Dialect(), f.base))
			if err != nil {
				return nil, fmt.Errorf("reading the migrations of %s: %w", source.Name, err)
			}
			reversal.Name, reversal.Removes = f.name, removals(string(content))
		}
		plan = append(plan, reversal)
	}
	return plan, nil
}

var (
	comment = regexp.MustCompile(`(?m)--.*$`)
	removal = regexp.MustCompile(`(?is)^(DROP|TRUNCATE|DELETE|UPDATE|ALTER\s+TABLE\s+\S+\s+DROP)\s`)
)

// removals returns the statements under "-- +goose Down" that remove or overwrite something, shortened to one line
// each.
func removals(content string) []string {
	at := downAnnotation.FindStringIndex(content)
	if at == nil {
		return nil
	}
	var list []string
	for statement := range strings.SplitSeq(comment.ReplaceAllString(content[at[1]:], ""), ";") {
		statement = strings.Join(strings.Fields(statement), " ")
		if removal.MatchString(statement) {
			if len(statement) > 100 {
				statement = statement[:99] + "…"
			}
			list = append(list, statement)
		}
	}
	return list
}
