package generate

import (
	"slices"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/insert"
)

// NamedPlace is a place in the code of people that generators insert code into.
type NamedPlace struct {
	// Name says what goes there: routes, policies, admin, navigation, seeds, commands, modules, jobs.
	Name string
	// Hint says where the place is, and Want what it has to look like.
	Hint, Want string

	edit insert.Edit
}

// Places returns every place that generators insert code into, as far as the batteries of the application need it.
func (p *Project) Places() []NamedPlace {
	probe := insert.Import{Path: p.Module + "/app/covetprobe", Name: "covetprobe"}
	list := []NamedPlace{{Name: "routes", Want: "func routes(a *covet.App)", edit: routesEdit("{pkg}.Routes({var})", probe)}}
	resource := &resource{Module: p.Module, Auth: p.Has(scaffold.Auth), Admin: p.Has(scaffold.Admin)}
	for _, edit := range resource.edits() {
		switch edit.Prefer {
		case "accounts.go":
			list = append(list, NamedPlace{Name: "policies", Want: "p := identity.NewPolicies()", edit: edit})
		case "admin.go":
			list = append(list, NamedPlace{Name: "admin", Want: "p := admin.New(…)", edit: edit})
		}
	}
	list = append(list,
		NamedPlace{Name: "navigation", Want: "return []link{…}", edit: navigationEdit("/covetprobe", "Probe")},
		NamedPlace{Name: "seeds", Want: "return []covet.Seed{…}", edit: seedEdit("covetprobe", "Probe")},
		NamedPlace{Name: "commands", Want: "return []command.Constructor{…}", edit: commandEdit("covetprobe")},
		NamedPlace{Name: "modules", Want: "a, err := covet.New(…), then a.Use(…)", edit: moduleEdit("{pkg}.New()", probe)},
		NamedPlace{Name: "jobs", Want: "func Register(client *covetjobs.Client, deps Deps)", edit: jobEdit("covetprobe")},
	)
	for i := range list {
		list[i].Hint = list[i].edit.Hint
	}
	return list
}

// MissingPlaces returns the places that the application does not have: generators can only print what belongs there.
func (p *Project) MissingPlaces() ([]NamedPlace, error) {
	var missing []NamedPlace
	for _, place := range p.Places() {
		result, err := place.edit.Add(p.tree)
		if err != nil {
			return nil, err
		}
		if result.Outcome == insert.Unable {
			missing = append(missing, place)
		}
	}
	return missing, nil
}

// Disconnected is code that a generator inserted and that is not there any more.
type Disconnected struct {
	// Kind and Name are what was generated: resource, post.
	Kind, Name string
	// Code is what is missing, Import the package that it needs, and Hint says where it belongs.
	Code, Import, Hint string
}

// Disconnected returns what was inserted for everything generated, and is gone. Nothing of which all files are gone
// counts.
func (p *Project) Disconnected() ([]Disconnected, error) {
	all, err := p.records()
	if err != nil {
		return nil, err
	}
	var list []Disconnected
	for _, r := range all {
		if !p.remains(r) {
			continue
		}
		for _, recorded := range r.Edits {
			edit := recorded.edit()
			result, err := edit.Remove(p.tree)
			if err != nil {
				return nil, err
			}
			if result.Outcome == insert.Already {
				edit.Place = insert.Function{Example: "…"}
				list = append(list, Disconnected{r.Kind, r.Name, edit.Snippet(), edit.Package.Path, edit.Hint})
			}
		}
	}
	return list, nil
}

// remains reports whether a file of what was generated is there.
func (p *Project) remains(r *record) bool {
	files := make([]string, 0, len(r.Files))
	for file := range r.Files {
		files = append(files, file)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		_, err := p.tree.ReadFile(file)
		return err == nil
	})
}
