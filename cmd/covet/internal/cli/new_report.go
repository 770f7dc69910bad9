package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/covetgo/covet/scaffold"
)

// newReport prints what "covet new" created and what to do next.
type newReport struct {
	streams
	project *scaffold.Project
	path    string
	covet   origin
	steps   []string
}

// addNote adds a line about a step.
func (r *newReport) addNote(step, outcome string) {
	r.steps = append(r.steps, fmt.Sprintf("  %-12s %s\n", step, outcome))
}

func (r *newReport) print() error {
	var b strings.Builder
	fmt.Fprintf(&b, "Made %s: %s.\n", r.path, r.contents())
	for _, note := range r.steps {
		b.WriteString(note)
	}
	if r.covet.Checkout != "" {
		fmt.Fprintf(&b, "  %-12s the checkout %s, by a replace line in go.mod\n", "Covet", r.covet.Checkout)
	}
	if !slices.Contains(r.project.Batteries, scaffold.Auth) {
		fmt.Fprintf(&b,
			"  %-12s none: everyone may read and change the resources that you generate\n",
			"accounts")
	}
	b.WriteString("\nNext:\n")
	if filepath.Clean(r.path) != "." {
		fmt.Fprintf(&b, "  cd %s\n", quote(r.path))
	}
	served := r.project.Databases[0] != scaffold.SQLite
	if served {
		b.WriteString("  covet migrate up\n")
	}
	b.WriteString("  covet serve    then open http://localhost:8000\n")
	if served {
		fmt.Fprintf(&b,
			"\nThe database is expected at %s.\nSet DATABASE_URL, in .env or in the environment, to use another one.\n",
			r.project.DatabaseURL)
	}
	_, err := fmt.Fprint(r.out, b.String())
	return err
}

// dryRun lists the files.
func (r *newReport) dryRun() error {
	var b strings.Builder
	for _, file := range r.project.Files {
		fmt.Fprintf(&b, "%8d  %s\n", len(file.Content), file.Path)
	}
	fmt.Fprintf(&b, "\n%s would hold %s. Nothing was written.\n", r.path, r.contents())
	_, err := fmt.Fprint(r.out, b.String())
	return err
}

// contents returns, for example, "57 files for sqlite and postgres, with api".
func (r *newReport) contents() string {
	text := fmt.Sprintf("%d files for %s", len(r.project.Files), joinNames(r.project.Databases))
	if len(r.project.Batteries) > 0 {
		text += ", with " + joinNames(r.project.Batteries)
	}
	return text
}

// joinNames joins names for a sentence.
func joinNames[T ~string](names []T) string {
	last := len(names) - 1
	if last < 1 {
		return scaffold.List(names)
	}
	return scaffold.List(names[:last]) + " and " + string(names[last])
}

// quote quotes a path for a shell.
func quote(path string) string {
	if strings.ContainsAny(path, " \t\"'$&;()*?[]<>|\\`#~!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
