package generate

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/templates"
)

// templateDir is where an application keeps its own templates.
const templateDir = ".covet/templates"

// A Template is one of the texts that code is generated from.
type Template struct {
	// Name is the kind and the file: "resource/model.go".
	Name string
	// Overridden reports that the application has its own.
	Overridden bool
}

// Templates lists the templates, sorted by name.
func (p *Project) Templates() ([]Template, error) {
	names, err := fs.Glob(templates.FS, "*/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("listing templates: %w", err)
	}
	list := make([]Template, len(names))
	for i, name := range names {
		_, err := p.tree.ReadFile(path.Join(templateDir, name))
		list[i] = Template{Name: strings.TrimSuffix(name, ".tmpl"), Overridden: err == nil}
	}
	return list, nil
}

// Customize copies templates into the application, where they can be changed.
func (p *Project) Customize(names ...string) (*Change, error) {
	c := &Change{Title: "templates", project: p}
	for _, name := range names {
		text, err := templates.FS.ReadFile(name + ".tmpl")
		if err != nil {
			return nil, &UnknownError{Noun: "template", Name: name, Known: templateNames()}
		}
		if err := c.put(path.Join(templateDir, name+".tmpl"), text, ""); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func templateNames() []string {
	names, _ := fs.Glob(templates.FS, "*/*.tmpl") // the pattern is good
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], ".tmpl")
	}
	return names
}

// template returns the text of a template, the application's own, else ours, and what people call it: its file, or its name.
func (p *Project) template(name string) (text, label string, err error) {
	label = path.Join(templateDir, name+".tmpl")
	content, err := p.tree.ReadFile(label)
	if errors.Is(err, fs.ErrNotExist) {
		label = name
		content, err = templates.FS.ReadFile(name + ".tmpl")
	}
	if err != nil {
		return "", label, fmt.Errorf("reading the template %s: %w", label, err)
	}
	return string(content), label, nil
}

// render makes the files of one template: a .templ file comes with the code that is generated from it. Local are the
// packages of the application that the code may speak of besides the usual ones, by name.
func (p *Project) render(name, target string, data any, local map[string]string) ([]scaffold.File, error) {
	source, label, err := p.template(name)
	if err != nil {
		return nil, err
	}
	parsed, err := template.New(label).Funcs(template.FuncMap{"a": article, "quote": quote}).Option("missingkey=error").Parse(source)
	if err != nil {
		return nil, fmt.Errorf("reading the template %s: %w", label, err)
	}
	var text bytes.Buffer
	if err := parsed.Execute(&text, data); err != nil {
		return nil, fmt.Errorf("filling the template %s: %w", label, err)
	}
	files, err := p.complete(target, text.String(), local)
	if err != nil {
		return nil, fmt.Errorf("using the template %s: %w", label, err)
	}
	return files, nil
}

// complete makes the files of a rendered text.
func (p *Project) complete(target, text string, local map[string]string) ([]scaffold.File, error) {
	switch path.Ext(target) {
	case ".go":
		content, err := goFile(target, text, p.Module, local)
		return []scaffold.File{{Path: target, Content: content}}, err
	case ".templ":
		return p.renderView(target, text, local)
	default:
		return []scaffold.File{{Path: target, Content: []byte(text)}}, nil
	}
}

func (p *Project) renderView(target, text string, local map[string]string) ([]scaffold.File, error) {
	version, err := scaffold.TemplVersion()
	if err != nil {
		return nil, err
	}
	view, err := scaffold.FormatView(scaffold.File{Path: target, Content: templFile(target, text, p.Module, local)})
	if err != nil {
		return nil, err
	}
	code, err := scaffold.View(view, version)
	return []scaffold.File{view, code}, err
}

// An UnknownError names something that there is not.
type UnknownError struct {
	// Noun is what kind of thing it is, and Name what it was called.
	Noun, Name string
	// Known are those that there are.
	Known []string
}

// Error says what is not there.
func (e *UnknownError) Error() string { return fmt.Sprintf("there is no %s %q", e.Noun, e.Name) }

// sorted returns the files in order.
func sorted(files []scaffold.File) []scaffold.File {
	slices.SortFunc(files, func(a, b scaffold.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
