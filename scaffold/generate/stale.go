package generate

import (
	"maps"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold/insert"
)

// dropStale takes back what an earlier run left and this one does not: the pages of a resource that has none any longer.
func (c *Change) dropStale(before, after *record, all []*record) error {
	if before == nil {
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(before.Files)) {
		if _, still := after.Files[file]; still || owner(all, file, before) != nil {
			continue
		}
		if err := c.drop(file, before.hash(file)); err != nil {
			return err
		}
	}
	for _, edit := range before.Edits {
		if after.inserts(edit) || slices.ContainsFunc(all, func(r *record) bool { return r.path() != before.path() && r.inserts(edit) }) {
			continue
		}
		if _, err := c.takeOut(edit); err != nil {
			return err
		}
	}
	return nil
}

// takeOut removes code that was inserted, if it is where it can be removed.
func (c *Change) takeOut(edit recordedEdit) (insert.Outcome, error) {
	result, err := edit.edit().Remove(c.project.tree)
	if err == nil && result.Outcome == insert.Done {
		err = c.edit(result.Path, result.Content)
	}
	return result.Outcome, err
}

// inserts reports whether a run inserted some code. What has a key is the same code whatever else it says.
func (r *record) inserts(edit recordedEdit) bool {
	return slices.ContainsFunc(r.Edits, func(own recordedEdit) bool {
		return own.Dir == edit.Dir && own.Key == edit.Key && own.Import == edit.Import && (own.Key != "" || own.Code == edit.Code)
	})
}

// isMigration reports whether a file is a migration. A database that has applied it would never see another text.
func isMigration(file string) bool { return strings.HasPrefix(file, "migrations/") }
