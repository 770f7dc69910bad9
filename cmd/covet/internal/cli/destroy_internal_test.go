package cli

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/scaffold/generate"
)

// Threat: a script, or a command in the wrong terminal, removes files.
func TestRemovalNeedsConsent(t *testing.T) {
	t.Parallel()
	two := []generate.FileChange{
		{Path: "a.go", Status: generate.Remove}, {Path: "b.go", Status: generate.Conflict}, {Path: "c.go", Status: generate.Update},
	}
	for name, c := range map[string]struct {
		files    []generate.FileChange
		terminal bool
		answer   string
		code     int
		text     string // of the question, or of the error without a terminal
	}{
		"no terminal":       {two, false, "y\n", exit.Refused, "Remove 2 files?"},
		"yes":               {two, true, "y\n", exit.OK, "Remove 2 files? [y/N] "},
		"in full":           {two, true, "YES\n", exit.OK, "Remove 2 files? [y/N] "},
		"no":                {two, true, "n\n", exit.Interrupted, "Remove 2 files? [y/N] "},
		"the default":       {two, true, "\n", exit.Interrupted, "Remove 2 files? [y/N] "},
		"the end of input":  {two, true, "", exit.Interrupted, "Remove 2 files? [y/N] "},
		"one file":          {two[:1], true, "y\n", exit.OK, "Remove 1 file? [y/N] "},
		"no file, a script": {two[2:], false, "", exit.OK, ""},
	} {
		var asked bytes.Buffer
		s := streams{in: strings.NewReader(c.answer), out: &bytes.Buffer{}, err: &asked, terminal: c.terminal}
		err := confirmRemoval(t.Context(), s, &generate.Change{Files: c.files})
		code, text := exit.OK, asked.String()
		if failure := new(exit.Error); errors.As(err, &failure) {
			code = failure.Code
			if !c.terminal {
				text = err.Error()
			}
		}
		if code != c.code || !strings.Contains(text, c.text) || c.terminal && text != c.text {
			t.Errorf("%s: code %d, %q, want %d, %q", name, code, text, c.code, c.text)
		}
	}
}
