// Package noun reads the names and the fields of generated things that are not models: jobs, mails, commands, pages,
// modules.
package noun

import (
	"fmt"
	"strings"

	"github.com/covetgo/covet/scaffold/generate/internal/project"
	"github.com/covetgo/covet/scaffold/generate/internal/record"
	"github.com/covetgo/covet/scaffold/generate/internal/resource"
	"github.com/covetgo/covet/scaffold/generate/internal/usage"
	"github.com/covetgo/covet/scaffold/inflect"
)

// Name is the name of a thing. It stays singular or plural, as it was written.
type Name struct {
	// Snake, Type, Dashed and Package are the name in files, in Go, in paths and as a package.
	Snake, Type, Dashed, Package string
	// Var begins identifiers that are not exported.
	Var string
	// Title is the name for users.
	Title string
}

// Human is the name inside a sentence.
func (n Name) Human() string { return resource.Human(n.Title) }

// maxLength keeps file names and identifiers readable, and below every limit.
const maxLength = 60

// Parse reads the name of a thing ("job") in snake, kebab or camel case.
func Parse(noun, text string) (Name, error) {
	problem := Misspelling(text)
	snake := strings.Join(inflect.Words(text), "_")
	if problem == "" {
		problem = inflect.FileProblem(snake)
	}
	if problem != "" {
		return Name{}, Refuse(noun, text, problem)
	}
	typeName := inflect.GoName(snake)
	return Name{
		Snake: snake, Type: typeName, Dashed: strings.ReplaceAll(snake, "_", "-"), Package: strings.ReplaceAll(snake, "_", ""),
		Var: resource.LowerFirst(typeName), Title: inflect.Label(snake),
	}, nil
}

// RecordName returns a function that returns the name under which a thing is recorded.
func RecordName(noun string) func(text string) (string, error) {
	return func(text string) (string, error) {
		n, err := Parse(noun, text)
		return n.Snake, err
	}
}

// Misspelling says what is wrong with the characters of a name, or returns "".
func Misspelling(text string) string {
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	digit := func(r rune) bool { return '0' <= r && r <= '9' }
	other := func(r rune) bool { return !letter(r) && !digit(r) && r != '_' && r != '-' }
	switch {
	case text == "":
		return "it is empty"
	case len(text) > maxLength:
		return fmt.Sprintf("it has %d characters, more than %d", len(text), maxLength)
	case strings.ContainsFunc(text, other):
		return "it contains characters other than letters, digits, _ and -"
	case !letter(rune(text[0])):
		return "it does not start with a letter"
	default:
		return ""
	}
}

// Refuse returns an error about a name, with a suggestion.
func Refuse(noun, text, problem string) error {
	kept := strings.Map(func(r rune) rune {
		if r != '_' && Misspelling("a"+string(r)) != "" {
			return '-'
		}
		return r
	}, text[:min(len(text), maxLength-len(noun)-1)])
	near := strings.Join(inflect.Words(strings.TrimLeft(kept, "0123456789-_")), "_")
	switch {
	case near == "":
		near = noun + "_of_the_day"
	case Misspelling(text) == "" || inflect.FileProblem(near) != "":
		near += "_" + noun
	}
	return &usage.Error{Problem: fmt.Sprintf("%q cannot be the name of a %s: %s", text, noun, problem), Hint: "Try: " + near}
}

// RefuseDeclared refuses a name if files of a package, other than those of the record, declare one of the identifiers.
func RefuseDeclared(p *project.Project, noun, text, dir string, own *record.Record, identifiers ...string) error {
	declared, err := p.Declared(dir, func(file string) bool { return own.Hash(file) != "" })
	if err != nil {
		return err
	}
	for _, name := range identifiers {
		if file := declared[name]; file != "" {
			return Refuse(noun, text, file+" already declares "+name)
		}
	}
	return nil
}
