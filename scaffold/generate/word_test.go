package generate_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold"
	"github.com/covetgo/covet/scaffold/generate"
)

// A name is accepted, or leads by what is suggested to one that is.
func FuzzNames(f *testing.F) {
	for _, name := range []string{
		"send_report", "SendReport", "", "-", "9", "9_lives", "über", "a b", "load_test", "x_linux", "notify_team", "Deps", "type",
		"HTTPServer", "a--b", "__", "x/y", "../x", strings.Repeat("long_", 30), "test", "a_test_", "job_test",
	} {
		f.Add(name)
	}
	made, err := scaffold.Plan(scaffold.Options{Name: "blog"})
	if err != nil {
		f.Fatal(err)
	}
	root := f.TempDir()
	if err := made.Write(root, false); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, noun := range []string{"job", "mail", "command", "module", "page", "migration"} {
			err := generateName(root, noun, name)
			for range 2 { // one for how it is spelled, one for what it means
				var refused *generate.UsageError
				if errors.As(err, &refused) {
					suggestion, _ := strings.CutPrefix(refused.Hint, "Try: ")
					err = generateName(root, noun, suggestion)
				}
			}
			if err != nil {
				t.Errorf("%s %q: %v", noun, name, err)
			}
		}
	})
}

func generateName(root, noun, name string) error {
	project, err := generate.Open(root)
	if err != nil {
		return err
	}
	kind, err := generate.Find(noun)
	if err != nil {
		return err
	}
	_, err = project.Generate(kind, name, nil, generate.Flags{Now: now})
	return err
}
