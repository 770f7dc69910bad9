package scaffold_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/scaffold"
)

func TestMarkers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		on   []string
		want string
	}{
		"kept":     {"a\n// covet:if auth\nb\n// covet:end\nc\n", []string{"auth"}, "a\nb\nc\n"},
		"left out": {"a\n// covet:if auth\nb\n// covet:end\nc\n", nil, "a\nc\n"},
		"negated":  {"# covet:if !auth\nb\n# covet:end\n", nil, "b\n"},
		"any of":   {"-- covet:if mysql|postgres\nb\n-- covet:end\n", []string{"postgres"}, "b\n"},
		"spaced":   {"--covet:if mysql | !postgres \nb\n-- covet:end\n", nil, "b\n"},
		"nested": {
			"# covet:if auth\na\n# covet:if admin\nb\n# covet:end\nc\n# covet:end\n",
			[]string{"auth"},
			"a\nc\n",
		},
		"nested in out": {
			"# covet:if auth\na\n# covet:if admin\nb\n# covet:end\nc\n# covet:end\nd\n",
			[]string{"admin"},
			"d\n",
		},
		"html":           {"\t<!-- covet:if api -->\n\tb\n\t<!-- covet:end -->\n", []string{"api"}, "\tb\n"},
		"css":            {"/* covet:if api */\nb\n/*covet:end*/\n", nil, ""},
		"go template":    {"{{/* covet:if api */}}\nb\n{{- /* covet:end */ -}}\n", []string{"api"}, "b\n"},
		"braces":         {"{/* covet:if api */}\nb\n{/* covet:end */}\n", []string{"api"}, "b\n"},
		"carriage":       {"# covet:if api\r\nb\r\n# covet:end\r\nc\r\n", []string{"api"}, "b\r\nc\r\n"},
		"no last break":  {"a\n# covet:if api\nb\n# covet:end", []string{"api"}, "a\nb\n"},
		"blank lines":    {"a\n\n# covet:if api\nb\n\n# covet:end\nc\n", nil, "a\n\nc\n"},
		"two blanks":     {"a\n\n# covet:if api\nb\n# covet:end\n\nc\n", nil, "a\n\nc\n"},
		"own blanks":     {"a\n\n\nc\n", nil, "a\n\n\nc\n"},
		"blank at top":   {"# covet:if api\nb\n# covet:end\n\nc\n", nil, "c\n"},
		"file":           {"#!/bin/sh\n# covet:file api\nb\n", []string{"api"}, "#!/bin/sh\nb\n"},
		"file, top":      {"// covet:file api\n\npackage a\n", []string{"api"}, "package a\n"},
		"other comments": {"// covet: if\n// recovet:ify\n", nil, "// covet: if\n// recovet:ify\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, included, err := scaffold.ApplyMarkers("f", test.text, test.on...)
			if err != nil || !included {
				t.Fatalf("got %v, %v", included, err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMarkerLeavesOutFile(t *testing.T) {
	t.Parallel()
	if _, included, err := scaffold.ApplyMarkers("f", "<!-- covet:file api|admin -->\nb\n"); included || err != nil {
		t.Errorf("got %v, %v", included, err)
	}
}

func TestMarkerErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a\n# covet:if api\nb\n":                             "f:2: covet:if without covet:end",
		"# covet:end\n":                                      "f:1: covet:end without covet:if",
		"# covet:end api\n":                                  `f:1: covet:end accepts no arguments, got "api"`,
		"a\n\n# covet:if apis\n# covet:end\n":                `f:3: unknown name "apis"; the names are admin, api, auth, mysql, postgres, sqlite`,
		"# covet:if\n# covet:end\n":                          "f:1: the marker has no condition",
		"# covet:if api|\n# covet:end\n":                     `f:1: unknown name ""; the names are admin, api, auth, mysql, postgres, sqlite`,
		"x := 1 // covet:if api\n":                           "f:1: a marker must be a comment on a line of its own",
		"<!-- covet:if api --> <!-- covet:end -->\n":         "f:1: a marker must be a comment on a line of its own",
		"1\n2\n3\n4\n5\n# covet:file api\n":                  "f:6: covet:file must be in the first 5 lines, outside of blocks",
		"# covet:if api\n# covet:file api\n# covet:end\n":    "f:2: covet:file must be in the first 5 lines, outside of blocks",
		"# covet:if !api\n# covet:if nothing\n# covet:end\n": `f:2: unknown name "nothing"; the names are admin, api, auth, mysql, postgres, sqlite`,
	} {
		if _, _, err := scaffold.ApplyMarkers("f", text); err == nil || err.Error() != want {
			t.Errorf("%q:\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func FuzzMarkers(f *testing.F) {
	for _, seed := range []string{
		"", "# covet:if api\na\n# covet:end\n", "<!-- covet:file !auth|admin -->",
		"// covet:end", "\r\n\r# covet:if", "{{/* covet:if api */}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, on := range [][]string{nil, {"auth", "admin", "api", "sqlite", "postgres", "mysql"}} {
			got, included, err := scaffold.ApplyMarkers("f", text, on...)
			if err != nil {
				continue
			}
			if len(got) > len(text) {
				t.Fatalf("%q grew into %q", text, got)
			}
			again, _, err := scaffold.ApplyMarkers("f", got, on...)
			if included && (err != nil || again != got || strings.Contains(got, "covet:end\n")) {
				t.Fatalf("%q left %q, then %q, %v", text, got, again, err)
			}
		}
	})
}
