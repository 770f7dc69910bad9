package generate

import (
	"github.com/covetgo/covet/scaffold/generate/internal/change"
	"github.com/covetgo/covet/scaffold/generate/internal/render"
)

// Template is one of the texts that code is generated from.
type Template struct {
	// Name is the kind and the file: "resource/model.go". Those of the folder partial are used by others.
	Name string
	// Overridden reports that the application has its own.
	Overridden bool
}

// Templates returns all templates, sorted by name.
func (p *Project) Templates() []Template {
	var list []Template
	for _, name := range render.Names() {
		list = append(list, Template{Name: name, Overridden: p.project.Tree.Exists(render.File(name))})
	}
	return list
}

// Customize returns a change that copies templates into the application, where users can edit them.
func (p *Project) Customize(names ...string) (*Change, error) {
	b, err := change.New(p.project, "templates")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := render.Original(name)
		if err != nil {
			return nil, &UnknownError{Noun: "template", Name: name, Known: render.Names()}
		}
		if err := b.Put(render.File(name), text, ""); err != nil {
			return nil, err
		}
	}
	return b.Change, nil
}
