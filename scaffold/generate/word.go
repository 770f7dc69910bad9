package generate

import (
	"fmt"
	"go/ast"
	"path"
	"strings"

	"github.com/covetgo/covet/scaffold/inflect"
)

// word is the name of something that is no model: of a job, a mail, a command. It is kept in the number it was written in.
type word struct {
	// Snake, Type, Dashed and Package are it in files, in Go, in addresses, and as a package.
	Snake, Type, Dashed, Package string
	// Var begins identifiers that are not exported.
	Var string
	// Title is it for people.
	Title string
}

// Human is the name inside of a sentence.
func (w word) Human() string { return human(w.Title) }

// longestWord keeps file names and identifiers readable, and below every limit.
const longestWord = 60

// parseWord reads the name of a noun ("job") in snake, kebab or camel case.
func parseWord(noun, text string) (word, error) {
	problem := spelling(text)
	snake := strings.Join(inflect.Words(text), "_")
	if problem == "" {
		problem = inflect.FileProblem(snake)
	}
	if problem != "" {
		return word{}, refuseWord(noun, text, problem)
	}
	typeName := inflect.GoName(snake)
	return word{
		Snake: snake, Type: typeName, Dashed: strings.ReplaceAll(snake, "_", "-"), Package: strings.ReplaceAll(snake, "_", ""),
		Var: lowerFirst(typeName), Title: inflect.Label(snake),
	}, nil
}

// spelling says what is wrong with the characters of a name, or nothing.
func spelling(text string) string {
	letter := func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
	digit := func(r rune) bool { return '0' <= r && r <= '9' }
	other := func(r rune) bool { return !letter(r) && !digit(r) && r != '_' && r != '-' }
	switch {
	case text == "":
		return "it is empty"
	case len(text) > longestWord:
		return fmt.Sprintf("it has %d characters, more than %d", len(text), longestWord)
	case strings.ContainsFunc(text, other):
		return "it has characters other than letters, digits, _ and -"
	case !letter(rune(text[0])):
		return "it does not begin with a letter"
	default:
		return ""
	}
}

// refuseWord refuses a name and offers one that is like it.
func refuseWord(noun, text, problem string) error {
	kept := strings.Map(func(r rune) rune {
		if r != '_' && spelling("a"+string(r)) != "" {
			return '-'
		}
		return r
	}, text[:min(len(text), longestWord-len(noun)-1)])
	near := strings.Join(inflect.Words(strings.TrimLeft(kept, "0123456789-_")), "_")
	switch {
	case near == "":
		near = noun + "_of_the_day"
	case spelling(text) == "" || inflect.FileProblem(near) != "":
		near += "_" + noun
	}
	return &UsageError{Problem: fmt.Sprintf("%q cannot be the name of a %s: %s", text, noun, problem), Hint: "Try: " + near}
}

// wordName is the name under which a noun is recorded.
func wordName(noun string) func(text string) (string, error) {
	return func(text string) (string, error) {
		w, err := parseWord(noun, text)
		return w.Snake, err
	}
}

// refuseTaken refuses identifiers that files of a package other than those of the record declare.
func (p *Project) refuseTaken(noun, text, dir string, own *record, names ...string) error {
	declared, err := p.declared(dir, own)
	if err != nil {
		return err
	}
	for _, name := range names {
		if file := declared[name]; file != "" {
			return refuseWord(noun, text, file+" declares "+name+" already")
		}
	}
	return nil
}

// declared returns the identifiers of a package, with their files, but for those of the record.
func (p *Project) declared(dir string, own *record) (map[string]string, error) {
	sources, err := p.sources(dir, 0)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, source := range sources {
		if own.hash(source.path) != "" {
			continue
		}
		for _, identifier := range declarations(source.ast) {
			found[identifier] = source.path
		}
	}
	return found, nil
}

// declarations are the identifiers that a file adds to its package.
func declarations(f *ast.File) []string {
	var names []string
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, s.Name.Name)
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

// packageDoc is a file with the comment of a package that may have none yet.
func packageDoc(dir, comment string) (name string, content []byte) {
	return path.Join(dir, "doc.go"), []byte("// Package " + path.Base(dir) + " " + comment + "\npackage " + path.Base(dir) + "\n")
}
