package generate

import (
	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/kind"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/insert"
)

// Place is a place in the user's code that generators insert code into.
type Place struct {
	// Name says what goes there: routes, policies, admin, navigation, seeds, commands, modules, jobs.
	Name string
	// Hint says where the place is, and Want what it has to look like.
	Hint, Want string
}

// MissingPlaces returns the places that the application does not have, as far as its batteries need them: for these,
// generators can only print what to insert.
func (p *Project) MissingPlaces() ([]Place, error) {
	var missing []Place
	for _, place := range kind.Places(p.project.Module) {
		if place.Battery != "" && !p.project.Has(scaffold.Battery(place.Battery)) {
			continue
		}
		result, err := place.Edit.Add(p.project.Tree)
		if err != nil {
			return nil, err
		}
		if result.Outcome == insert.Unable {
			missing = append(missing, Place{Name: place.Name, Hint: place.Edit.Hint, Want: place.Want})
		}
	}
	return missing, nil
}

// Disconnected is code that a generator inserted and that is missing now.
type Disconnected struct {
	// Kind and Name are what was generated: resource, post.
	Kind, Name string
	// Code is what is missing, Import the package that it needs, and Hint says where it belongs.
	Code, Import, Hint string
}

// Disconnected returns the missing insertions of everything generated of which a file is left.
func (p *Project) Disconnected() ([]Disconnected, error) {
	all, err := record.All(p.project.Tree)
	if err != nil {
		return nil, err
	}
	var list []Disconnected
	for _, r := range all {
		if !r.Remains(p.project.Tree) {
			continue
		}
		for _, recorded := range r.Edits {
			edit := recorded.Insertion()
			result, err := edit.Remove(p.project.Tree)
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
