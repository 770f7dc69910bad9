// Package render makes Go files and views from templates.
package render

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/inflect"
	"github.com/covetgo/covet/scaffold/templates"
)

const (
	// Dir is the folder of an application's own templates.
	Dir = ".covet/templates"
	// partials is the folder of templates that others call.
	partials = "partial/"
	suffix   = ".tmpl"
)

// Renderer renders the templates of an application: its own where it has them, and Covet's.
type Renderer struct {
	project *project.Project
	shared  *template.Template // the partials
}

// New returns a renderer.
func New(p *project.Project) *Renderer { return &Renderer{project: p} }

// Names returns the names of all templates, sorted: "resource/model.go".
func Names() []string {
	names, _ := fs.Glob(templates.FS, "*/*"+suffix) // the pattern is valid
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], suffix)
	}
	return names
}

// Original returns the text of Covet's own template.
func Original(name string) ([]byte, error) { return templates.FS.ReadFile(name + suffix) }

// File returns where an application's own template of a name is.
func File(name string) string { return path.Join(Dir, name+suffix) }

// Part is a file to render: the name of its template, and its path in the application.
type Part struct{ Template, Target string }

// Files renders files. A .templ file comes with the Go file that is generated from it. Local are the packages of the
// application that the code uses besides the usual ones, by name.
func (r *Renderer) Files(data any, local map[string]string, parts ...Part) ([]scaffold.File, error) {
	var all []scaffold.File
	for _, part := range parts {
		text, label, err := r.execute(part.Template, data)
		if err != nil {
			return nil, err
		}
		files, err := r.complete(part.Target, text, local)
		if err != nil {
			return nil, fmt.Errorf("using the template %s: %w", label, err)
		}
		all = append(all, files...)
	}
	return all, nil
}

// Text renders a template that is not a file.
func (r *Renderer) Text(name string, data any) (string, error) {
	text, _, err := r.execute(name, data)
	return text, err
}

// execute returns the output of a template, and the label of the template.
func (r *Renderer) execute(name string, data any) (text, label string, err error) {
	shared, err := r.partials()
	if err != nil {
		return "", "", err
	}
	source, label, err := r.source(name)
	if err != nil {
		return "", label, err
	}
	set, err := shared.Clone()
	if err != nil {
		return "", label, fmt.Errorf("reading the template %s: %w", label, err)
	}
	parsed, err := set.New(label).Parse(source)
	if err != nil {
		return "", label, fmt.Errorf("reading the template %s: %w", label, err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return "", label, fmt.Errorf("filling the template %s: %w", label, err)
	}
	return out.String(), label, nil
}

// partials returns the templates that others call.
func (r *Renderer) partials() (*template.Template, error) {
	if r.shared != nil {
		return r.shared, nil
	}
	set := template.New("").Funcs(functions).Option("missingkey=error")
	for _, name := range Names() {
		if !strings.HasPrefix(name, partials) {
			continue
		}
		source, label, err := r.source(name)
		if err != nil {
			return nil, err
		}
		if _, err := set.New(label).Parse(source); err != nil {
			return nil, fmt.Errorf("reading the template %s: %w", label, err)
		}
	}
	r.shared = set
	return set, nil
}

// source returns the text of a template, and its label for users: the file in the application, or the name.
func (r *Renderer) source(name string) (text, label string, err error) {
	label = File(name)
	content, err := r.project.Tree.ReadFile(label)
	if errors.Is(err, fs.ErrNotExist) {
		label = name
		content, err = Original(name)
	}
	if err != nil {
		return "", label, fmt.Errorf("reading the template %s: %w", label, err)
	}
	return string(content), label, nil
}

// complete turns a rendered text into files.
func (r *Renderer) complete(target, text string, local map[string]string) ([]scaffold.File, error) {
	switch path.Ext(target) {
	case ".go":
		content, err := goFile(target, text, r.project.Module, local)
		return []scaffold.File{{Path: target, Content: content}}, err
	case ".templ":
		version, err := scaffold.TemplVersion()
		if err != nil {
			return nil, err
		}
		view, err := scaffold.FormatView(scaffold.File{Path: target, Content: templFile(target, text, r.project.Module, local)})
		if err != nil {
			return nil, err
		}
		code, err := scaffold.View(view, version)
		return []scaffold.File{view, code}, err
	default:
		return []scaffold.File{{Path: target, Content: []byte(text)}}, nil
	}
}

// functions are the functions that templates call besides those of text/template.
var functions = template.FuncMap{
	"a":     Article,
	"inc":   func(n int) int { return n + 1 },
	"label": inflect.Label,
	"quote": strconv.Quote,
	"tag":   structTag,
}

// structTag returns a struct tag as Go, from keys and values.
func structTag(pairs [][2]string) string {
	list := make([]string, len(pairs))
	for i, pair := range pairs {
		list[i] = pair[0] + ":" + strconv.Quote(pair[1])
	}
	text := strings.Join(list, " ")
	if strings.Contains(text, "`") {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

// Article returns a noun with its indefinite article, as it is pronounced: a user, an hour, an API, a URL.
func Article(noun string) string {
	word, _, _ := strings.Cut(noun, " ")
	vowel := strings.ContainsRune("aeiou", rune(strings.ToLower(word)[0]))
	switch {
	case len(word) == 1, word == strings.ToUpper(word): // it is spelled: an X, an API
		vowel = strings.ContainsRune("AEFHILMNORSX", rune(strings.ToUpper(word)[0]))
	case silentH.MatchString(word):
		vowel = true
	case soundsLikeConsonant.MatchString(word):
		vowel = false
	}
	if vowel {
		return "an " + noun
	}
	return "a " + noun
}

var (
	silentH             = regexp.MustCompile(`^(?i)(hour|honest|hono|heir)`)
	soundsLikeConsonant = regexp.MustCompile(`^(?i)(uni([^mn]|$)|us[aeu]|uti|ubi|eu|ewe|one$|once)`)
)
