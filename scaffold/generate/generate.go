package generate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/insert"
)

// Flags are what can be said besides a name and fields. The zero value is a choice.
type Flags struct {
	// Skip are parts of a resource that are left out: html, api, admin, tests.
	Skip []string
	// Parent is what a resource is nested in: posts.
	Parent string
	// Public lets everybody read a resource.
	Public bool
	// Now is the version of a migration. Defaults to the current time.
	Now time.Time
}

// named are the flags that say something, as they are typed.
func (f Flags) named() []string {
	var names []string
	for name, said := range map[string]bool{"skip": len(f.Skip) > 0, "parent": f.Parent != "", "public": f.Public} {
		if said {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// check refuses flags that say nothing about a kind, and parts that there are not.
func (f Flags) check(kind Kind) error {
	for _, name := range f.named() {
		if !slices.Contains(kind.Flags, name) {
			hint := "It has none of these flags."
			if len(kind.Flags) > 0 {
				hint = "It has: --" + strings.Join(kind.Flags, ", --") + "."
			}
			return &UsageError{Problem: fmt.Sprintf("the kind %s has no flag --%s", kind.Name, name), Hint: hint}
		}
	}
	for _, part := range f.Skip {
		if !slices.Contains(Parts(), part) {
			return &UnknownError{Noun: "part to skip", Name: part, Known: Parts()}
		}
	}
	return nil
}

func (f Flags) skips(part string) bool { return slices.Contains(f.Skip, part) }

// list writes the flags as they are typed.
func (f Flags) list() []string {
	var list []string
	if len(f.Skip) > 0 {
		list = append(list, "--skip="+strings.Join(f.Skip, ","))
	}
	if f.Parent != "" {
		list = append(list, "--parent="+f.Parent)
	}
	if f.Public {
		list = append(list, "--public")
	}
	return list
}

// A plan is what a kind generates: files of its own, and code in those of people.
type plan struct {
	files []scaffold.File
	// shared are files that several runs have in common: the first writes them, and people may change them.
	shared   []scaffold.File
	edits    []insert.Edit
	requires []string // modules that go.mod has to require
	notes    []string
}

func (out *plan) share(name string, content []byte) {
	out.shared = append(out.shared, scaffold.File{Path: name, Content: content})
}

// Kind is something that can be generated.
type Kind struct {
	// Name is the word on the command line: resource.
	Name string
	// Use shows the arguments, and Short says what comes of it.
	Use, Short string
	// Example are command lines.
	Example string
	// Fields reports that fields follow the name.
	Fields bool
	// Flags are the flags that say something about it: skip, parent, public.
	Flags []string

	plan func(p *Project, r request) (*plan, error)
	// name returns the name under which the result is recorded.
	name func(text string) (string, error)
}

// request is one command line.
type request struct {
	name  string
	args  []string
	flags Flags
	// own is the record of an earlier run, or nil.
	own *record
}

// Kinds returns everything that can be generated, in the order in which people should read of it.
func Kinds() []Kind {
	return []Kind{
		resourceKind(), modelKind(), apiKind(), adminKind(), policyKind(), migrationKind(), pageKind(), jobKind(), mailKind(),
		moduleKind(), commandKind(), seedKind(),
	}
}

// Find returns the kind of a name.
func Find(name string) (Kind, error) {
	var known []string
	for _, kind := range Kinds() {
		if kind.Name == name {
			return kind, nil
		}
		known = append(known, kind.Name)
	}
	return Kind{}, &UnknownError{Noun: "generator", Name: name, Known: known}
}

// Generate renders what a kind makes of a name and its arguments, and says what writing it means.
func (p *Project) Generate(kind Kind, name string, args []string, flags Flags) (*Change, error) {
	recorded, err := kind.name(name)
	if err != nil {
		return nil, err
	}
	before, err := p.readRecord(kind.Name, recorded)
	if err != nil {
		return nil, err
	}
	if len(args) == 0 && len(flags.named()) == 0 && before != nil { // again means the same again
		args, flags = before.Args, before.flags(flags.Now)
	}
	if err := flags.check(kind); err != nil {
		return nil, err
	}
	r := request{name: name, args: args, flags: flags, own: before}
	plan, err := kind.plan(p, r)
	if err != nil {
		return nil, err
	}
	c := &Change{Title: kind.Name + " " + recorded, Notes: plan.notes, project: p}
	after := &record{Kind: kind.Name, Name: recorded, Args: args, Flags: flags.list(), Files: map[string]string{}}
	if err := c.apply(plan, before, after); err != nil {
		return nil, err
	}
	return c, p.check(c)
}

// apply adds everything that is planned to the change.
func (c *Change) apply(plan *plan, before, after *record) error {
	all, err := c.project.records()
	if err != nil {
		return err
	}
	for _, f := range sorted(plan.files) {
		if other := owner(all, f.Path, after); other != nil {
			return &UsageError{
				Problem: fmt.Sprintf("%s belongs to %s %s, which was generated before", f.Path, other.Kind, other.Name),
				Hint:    fmt.Sprintf("Take that back first: covet destroy %s %s", other.Kind, other.Name),
			}
		}
		if err := c.put(f.Path, f.Content, before.hash(f.Path)); err != nil {
			return err
		}
		after.Files[f.Path] = hash(f.Content)
	}
	for _, f := range sorted(plan.shared) {
		if err := c.share(f, all, after); err != nil {
			return err
		}
	}
	if err := c.insert(plan.edits, after); err != nil {
		return err
	}
	if err := c.dropStale(before, after, all); err != nil {
		return err
	}
	if err := c.require(plan.requires, before, after); err != nil {
		return err
	}
	text, err := after.encode()
	if err != nil {
		return err
	}
	return c.put(after.path(), text, before.selfHash())
}

// insert adds code to files that people edit.
func (c *Change) insert(edits []insert.Edit, after *record) error {
	for _, edit := range edits {
		result, err := edit.Add(c.project.tree)
		if err != nil {
			return err
		}
		c.Insertions = append(c.Insertions, Insertion{edit, result.Outcome})
		after.Edits = append(after.Edits, recordEdit(edit))
		if result.Outcome != insert.Done {
			continue
		}
		if err := c.edit(result.Path, result.Content); err != nil {
			return err
		}
	}
	return nil
}

// share adds a file that several runs have in common, unless it is there. It goes with the last of them.
func (c *Change) share(f scaffold.File, all []*record, after *record) error {
	if _, err := c.project.tree.ReadFile(f.Path); err != nil {
		after.Files[f.Path] = hash(f.Content)
		return c.put(f.Path, f.Content, "")
	}
	for _, r := range all {
		if recorded := r.hash(f.Path); recorded != "" {
			after.Files[f.Path] = recorded
		}
	}
	return nil
}

// Parts are what can be left out of a resource.
func Parts() []string { return []string{"html", "api", "admin", "tests"} }

// A UsageError says what cannot be generated as it was asked for.
type UsageError struct {
	// Problem says what is wrong, and Hint what to do.
	Problem, Hint string
}

// Error is the problem.
func (e *UsageError) Error() string { return e.Problem }
