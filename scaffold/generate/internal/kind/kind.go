// Package kind plans the output of each kind of generator, one file per kind.
package kind

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
)

// Kind is something that can be generated.
type Kind struct {
	// Name is the word on the command line: resource.
	Name string
	// Use shows the arguments, and Short says what is generated.
	Use, Short string
	// Example are command lines.
	Example string
	// Fields reports that fields follow the name.
	Fields bool
	// Flags are the flags that the kind takes: skip, parent, public.
	Flags []string

	plan       func(r *request) (*change.Plan, error)
	recordName func(text string) (string, error)
}

// All returns every kind, in the order of the help.
func All() []Kind {
	return []Kind{
		resourceKind(), modelKind(), apiKind(), adminKind(), policyKind(), migrationKind(), pageKind(), jobKind(), mailKind(),
		moduleKind(), commandKind(), seedKind(),
	}
}

// Flags are the options besides a name and fields.
type Flags struct {
	// Skip are the parts of a resource to leave out: html, api, admin, tests.
	Skip []string
	// Parent is the resource to nest in: posts.
	Parent string
	// Public lets everybody read a resource.
	Public bool
	// Now is the version of a migration. Defaults to the current time.
	Now time.Time
}

// ParseFlags reads flags as [Flags.List] writes them.
func ParseFlags(list []string, now time.Time) Flags {
	f := Flags{Now: now}
	for _, flag := range list {
		switch name, value, _ := strings.Cut(flag, "="); name {
		case "--skip":
			f.Skip = strings.Split(value, ",")
		case "--parent":
			f.Parent = value
		case "--public":
			f.Public = true
		}
	}
	return f
}

// List writes the flags as they are typed. It is empty if none is set.
func (f Flags) List() []string {
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

func (f Flags) options() resource.Options {
	return resource.Options{Skip: f.Skip, Parent: f.Parent, Public: f.Public}
}

// check refuses flags that the kind does not take, and unknown parts.
func (k Kind) check(f Flags) error {
	for _, flag := range f.List() {
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		if slices.Contains(k.Flags, name) {
			continue
		}
		hint := "It has no such flags."
		if len(k.Flags) > 0 {
			hint = "It has: --" + strings.Join(k.Flags, ", --") + "."
		}
		return &usage.Error{Problem: fmt.Sprintf("the kind %s has no flag --%s", k.Name, name), Hint: hint}
	}
	for _, part := range f.Skip {
		if !slices.Contains(resource.Parts(), part) {
			return &usage.UnknownError{Noun: "part to skip", Name: part, Known: resource.Parts()}
		}
	}
	return nil
}

// request is one command line.
type request struct {
	*project.Project
	renderer *render.Renderer
	name     string
	args     []string
	flags    Flags
	// own is the record of an earlier run, or nil.
	own *record.Record
}

// RecordName returns the name under which a thing of the kind is recorded.
func (k Kind) RecordName(text string) (string, error) { return k.recordName(text) }

// Plan plans a command line. Own is the record of an earlier run, or nil.
func (k Kind) Plan(p *project.Project, name string, args []string, flags Flags, own *record.Record) (*change.Plan, error) {
	if err := k.check(flags); err != nil {
		return nil, err
	}
	if len(args) > 0 && !k.Fields {
		return nil, &usage.Error{
			Problem: fmt.Sprintf("a %s has no fields: %q", k.Name, args), Hint: "Omit the fields: covet generate " + k.Name + " NAME",
		}
	}
	return k.plan(&request{p, render.New(p), name, args, flags, own})
}

// render renders files into a plan.
func (r *request) render(out *change.Plan, data any, local map[string]string, parts ...render.Part) error {
	files, err := r.renderer.Files(data, local, parts...)
	out.Files = append(out.Files, files...)
	return err
}

// records returns the records of the application.
func (r *request) records() ([]*record.Record, error) { return record.All(r.Tree) }

// lacks returns an error about a battery that the application does not use.
func (r *request) lacks(battery scaffold.Battery, problem, hint string) error {
	if r.Has(battery) {
		return nil
	}
	return &usage.Error{Problem: problem, Hint: hint}
}
