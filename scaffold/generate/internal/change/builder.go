package change

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/insert"
)

// Plan is what a kind generates.
type Plan struct {
	// Files belong to this run alone.
	Files []scaffold.File
	// Shared are files that several runs have in common: the first writes them, and users may change them.
	Shared []scaffold.File
	// Edits insert code into the user's files.
	Edits []insert.Edit
	// Requires are modules that go.mod has to require.
	Requires []string
	// Notes are for the user.
	Notes []string
}

// Share adds a shared file.
func (p *Plan) Share(name string, content []byte) {
	p.Shared = append(p.Shared, scaffold.File{Path: name, Content: content})
}

// Builder makes a [Change]. Each step sees the files as the steps before left them.
type Builder struct {
	*Change
	project *project.Project
	records []*record.Record
}

// New returns a builder of an empty change.
func New(p *project.Project, title string) (*Builder, error) {
	records, err := record.All(p.Tree)
	if err != nil {
		return nil, err
	}
	return &Builder{Change: &Change{Title: title, root: p.Root}, project: p, records: records}, nil
}

// Apply adds everything that is planned, and removes what an earlier run left and this one does not. It completes
// after, the record of the run; before is that of the earlier one, or nil.
func (b *Builder) Apply(plan *Plan, before, after *record.Record) error {
	b.Notes = plan.Notes
	after.Files = map[string]string{}
	for _, f := range sorted(plan.Files) {
		if other := record.Owner(b.records, f.Path, after); other != nil {
			return &usage.Error{
				Problem: fmt.Sprintf("%s belongs to the generated %s %s", f.Path, other.Kind, other.Name),
				Hint:    fmt.Sprintf("Remove that first: covet destroy %s %s", other.Kind, other.Name),
			}
		}
		if err := b.Put(f.Path, f.Content, before.Hash(f.Path)); err != nil {
			return err
		}
		after.Files[f.Path] = record.Hash(f.Content)
	}
	for _, f := range sorted(plan.Shared) {
		if err := b.share(f, after); err != nil {
			return err
		}
	}
	if err := b.insert(plan.Edits, after); err != nil {
		return err
	}
	if err := b.removeStale(before, after); err != nil {
		return err
	}
	if err := b.require(plan.Requires, before, after); err != nil {
		return err
	}
	text, err := after.Encode()
	if err != nil {
		return err
	}
	return b.Put(after.Path(), text, before.OwnHash())
}

// Put adds a file that belongs to a generator. Recorded is the hash that it had when it was generated last, or "".
func (b *Builder) Put(path string, content []byte, recorded string) error {
	before, err := b.project.Tree.ReadFile(path)
	status := Conflict
	switch {
	case errors.Is(err, fs.ErrNotExist):
		status, before = Create, nil
	case err != nil:
		return err
	case bytes.Equal(before, content):
		status = Same
	case recorded == record.Hash(before) && !record.IsMigration(path):
		status = Update
	}
	b.set(File{Path: path, Status: status, Before: before, After: content})
	return nil
}

// share adds a file that several runs have in common, unless it exists. It goes with the last of them.
func (b *Builder) share(f scaffold.File, after *record.Record) error {
	if !b.project.Tree.Exists(f.Path) {
		after.Files[f.Path] = record.Hash(f.Content)
		return b.Put(f.Path, f.Content, "")
	}
	for _, r := range b.records {
		if recorded := r.Hash(f.Path); recorded != "" {
			after.Files[f.Path] = recorded
		}
	}
	return nil
}

// insert adds code to the user's files.
func (b *Builder) insert(edits []insert.Edit, after *record.Record) error {
	for _, edit := range edits {
		result, err := edit.Add(b.project.Tree)
		if err != nil {
			return err
		}
		b.Insertions = append(b.Insertions, Insertion{edit, result.Outcome})
		after.Edits = append(after.Edits, record.NewEdit(edit))
		if result.Outcome != insert.Done {
			continue
		}
		if err := b.edit(result.Path, result.Content); err != nil {
			return err
		}
	}
	return nil
}

// removeStale removes what an earlier run left and this one does not: the pages of a resource without pages now.
func (b *Builder) removeStale(before, after *record.Record) error {
	if before == nil {
		return nil
	}
	for _, file := range slices.Sorted(maps.Keys(before.Files)) {
		if _, still := after.Files[file]; still || record.Owner(b.records, file, before) != nil {
			continue
		}
		if err := b.drop(file, before.Hash(file)); err != nil {
			return err
		}
	}
	for _, edit := range before.Edits {
		inserts := func(r *record.Record) bool { return r.Path() != before.Path() && r.Inserts(edit) }
		if after.Inserts(edit) || slices.ContainsFunc(b.records, inserts) {
			continue
		}
		if _, err := b.takeOut(edit); err != nil {
			return err
		}
	}
	return nil
}

// Destroy removes everything that a record names, and the record.
func (b *Builder) Destroy(r *record.Record) error {
	for file, recorded := range r.Files {
		if record.Owner(b.records, file, r) != nil {
			continue // shared: it goes with the last
		}
		if err := b.drop(file, recorded); err != nil {
			return err
		}
	}
	for _, edit := range r.Edits {
		outcome, err := b.takeOut(edit)
		if err != nil {
			return err
		}
		b.Insertions = append(b.Insertions, Insertion{edit.Insertion(), outcome})
	}
	if text, err := b.project.Tree.ReadFile(r.Path()); err == nil {
		b.set(File{Path: r.Path(), Status: Remove, Before: text})
	}
	return b.release(r)
}

// drop adds the removal of a file that belongs to a generator.
func (b *Builder) drop(path, recorded string) error {
	before, err := b.project.Tree.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	status := Remove
	if recorded != record.Hash(before) {
		status = Conflict
	}
	b.set(File{Path: path, Status: status, Before: before})
	return nil
}

// takeOut removes code that was inserted, if it is found.
func (b *Builder) takeOut(edit record.Edit) (insert.Outcome, error) {
	result, err := edit.Insertion().Remove(b.project.Tree)
	if err == nil && result.Outcome == insert.Done {
		err = b.edit(result.Path, result.Content)
	}
	return result.Outcome, err
}

// edit adds a change of a user's file.
func (b *Builder) edit(path string, content []byte) error {
	before, err := b.project.Tree.ReadFile(path)
	if err != nil {
		return err
	}
	status := Update
	if bytes.Equal(before, content) {
		status = Same
	}
	b.set(File{Path: path, Status: status, Before: before, After: content})
	return nil
}

func (b *Builder) set(f File) {
	b.project.Tree.Change(f.Path, f.After)
	b.add(f)
}

func sorted(files []scaffold.File) []scaffold.File {
	slices.SortFunc(files, func(a, b scaffold.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
