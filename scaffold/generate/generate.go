package generate

import (
	"maps"
	"path"

	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/kind"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/typecheck"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

// The vocabulary of the parts.
type (
	// Kind is something that can be generated.
	Kind = kind.Kind
	// Flags are the options besides a name and fields.
	Flags = kind.Flags
	// Change is what a generator is about to do.
	Change = change.Change
	// FileChange is one file of a [Change].
	FileChange = change.File
	// Status is what writing a file means.
	Status = change.Status
	// Insertion is code that was inserted, or has to be inserted by hand.
	Insertion = change.Insertion
)

// The statuses of a [FileChange].
const (
	Create   = change.Create
	Same     = change.Same
	Update   = change.Update
	Conflict = change.Conflict
	Remove   = change.Remove
)

// The errors of generators.
type (
	// UsageError reports a request that cannot be fulfilled.
	UsageError = usage.Error
	// UnknownError reports a name that does not exist.
	UnknownError = usage.UnknownError
	// MissingModelError reports a relation to a model that does not exist.
	MissingModelError = resource.MissingModelError
	// CodeError reports code that would not compile.
	CodeError = typecheck.CodeError
	// RecordError reports a record that no generator wrote.
	RecordError = record.Error
)

// ErrConflict is returned by [Change.Write] if a user has changed a file that would be overwritten.
var ErrConflict = change.ErrConflict

// Kinds returns everything that can be generated, in the order of the help.
func Kinds() []Kind { return kind.All() }

// Find returns the kind of a name, or an [*UnknownError].
func Find(name string) (Kind, error) {
	var known []string
	for _, k := range Kinds() {
		if k.Name == name {
			return k, nil
		}
		known = append(known, k.Name)
	}
	return Kind{}, &UnknownError{Noun: "generator", Name: name, Known: known}
}

// Parts returns the parts of a resource that can be left out.
func Parts() []string { return resource.Parts() }

// A Project is an application on disk. Its methods do not write: they return a [Change]. Open it again for each change.
type Project struct{ project *project.Project }

// Open reads the application in a folder.
func Open(root string) (*Project, error) {
	p, err := project.Open(root)
	if err != nil {
		return nil, err
	}
	return &Project{p}, nil
}

// Generate returns what a command line changes. Without arguments and flags it repeats those of the earlier run.
func (p *Project) Generate(k Kind, name string, args []string, flags Flags) (*Change, error) {
	recorded, err := k.RecordName(name)
	if err != nil {
		return nil, err
	}
	before, err := record.Read(p.project.Tree, k.Name, recorded)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 && len(flags.List()) == 0 && before != nil {
		args, flags = before.Args, kind.ParseFlags(before.Flags, flags.Now)
	}
	plan, err := k.Plan(p.project, name, args, flags, before)
	if err != nil {
		return nil, err
	}
	if err := checkDeclarations(p.project, plan, before); err != nil {
		return nil, err
	}
	b, err := change.New(p.project, k.Name+" "+recorded)
	if err != nil {
		return nil, err
	}
	after := &record.Record{Kind: k.Name, Name: recorded, Args: args, Flags: flags.List()}
	if err := b.Apply(plan, before, after); err != nil {
		return nil, err
	}
	return b.Change, p.check(b.Change)
}

// check type-checks a change.
func (p *Project) check(c *Change) error {
	changed, generated := map[string]bool{}, map[string]bool{}
	for _, f := range c.Files {
		if path.Ext(f.Path) == ".go" && f.Status != Same && f.After != nil {
			changed[f.Path] = true
		}
	}
	all, err := record.All(p.project.Tree)
	if err != nil || c.Empty() {
		return err
	}
	for _, r := range all {
		for file := range maps.Keys(r.Files) {
			if path.Ext(file) == ".go" {
				generated[file] = true
			}
		}
	}
	return typecheck.Check(p.project, changed, generated)
}
