package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/text"
)

func TestTextMissing(t *testing.T) {
	t.Parallel()
	translated := []string{"APP_NAME=translated"}
	tests := []struct {
		name    string
		environ []string
		args    []string
		code    int
		out     string
		err     string
	}{
		{"one language", nil, nil, 0, "", ""},
		{"incomplete", translated, nil, exit.Failure, "de lead\n", "texts are missing: 1"},
		{"complete", translated, []string{"en"}, 0, "", ""},
		{"unknown", translated, []string{"fr"}, exit.Usage, "", `the application has no language "fr"; it has en, de`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(t.Context(), t.TempDir(), tt.environ, append([]string{"text", "missing"}, tt.args...)...)
			if code != tt.code || out != tt.out || !strings.Contains(errs, tt.err) {
				t.Errorf("code %d, %q, %q", code, out, errs)
			}
		})
	}
}

func TestTextPseudo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, errs := run(t.Context(), dir, nil, "text", "pseudo"); code != exit.Failure ||
		!strings.Contains(errs, "there is no folder app/texts") {
		t.Errorf("without a folder: code %d, %q", code, errs)
	}
	folder := filepath.Join(dir, "app", "texts")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := run(t.Context(), dir, []string{"APP_NAME=translated"}, "text", "pseudo"); code != 0 ||
		out != "  write app/texts/en-XA.yaml\n  write app/texts/ar-XB.yaml\n" {
		t.Fatalf("code %d, %q, %q", code, out, errs)
	}
	set, err := text.Load("", os.DirFS(folder), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"title", "lead", "validate.required", "problem.status.404"} {
		if _, known := set.Args(key); !known {
			t.Errorf("the key %s is missing", key)
		}
	}
}
