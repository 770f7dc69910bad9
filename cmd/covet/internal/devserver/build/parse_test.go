package build_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		output string
		want   []build.Problem
	}{
		"types": {
			"# example.com/blog/app/posts\napp/posts/posts.go:12:3: undefined: x\n" +
				"app/posts/posts.go:14: y redeclared in this block\n\tapp/posts/other.go:3:6: other declaration of y\n",
			[]build.Problem{
				{File: "app/posts/posts.go", Line: 12, Column: 3, Message: "undefined: x"},
				{
					File: "app/posts/posts.go", Line: 14,
					Message: "y redeclared in this block\napp/posts/other.go:3:6: other declaration of y",
				},
			},
		},
		"several lines": {
			"# p\na.go:1:2: cannot use s (variable of type *S) as I value in assignment: " +
				"*S does not implement I (wrong type for method M)\n\t\thave M()\n\t\twant M(int)\na.go:9:1: too many errors\n",
			[]build.Problem{
				{File: "a.go", Line: 1, Column: 2, Message: "cannot use s (variable of type *S) as I value in assignment: " +
					"*S does not implement I (wrong type for method M)\nhave M()\nwant M(int)"},
				{File: "a.go", Line: 9, Column: 1, Message: "too many errors"},
			},
		},
		"modules": {
			"app/app.go:5:2: no required module provides package github.com/foo/bar; to add it:\n\tgo get github.com/foo/bar\n",
			[]build.Problem{{
				File: "app/app.go", Line: 5, Column: 2,
				Message: "no required module provides package github.com/foo/bar; to add it:\ngo get github.com/foo/bar",
			}},
		},
		"go.mod": {
			"go: errors parsing go.mod:\ngo.mod:5: unknown directive: foo\n",
			[]build.Problem{{File: "go.mod", Line: 5, Message: "unknown directive: foo"}},
		},
		"Windows": {
			"C:\\blog\\a.go:1:2: undefined: x\r\n..\\lib\\b.go:3:4: undefined: y\r\n",
			[]build.Problem{
				{File: `C:\blog\a.go`, Line: 1, Column: 2, Message: "undefined: x"},
				{File: `..\lib\b.go`, Line: 3, Column: 4, Message: "undefined: y"},
			},
		},
		"without a place": {"package example.com/blog/cmd/blog\n\timports example.com/blog/app from main.go: " +
			"import cycle not allowed\n", nil},
		"the linker": {"# example.com/blog/cmd/blog\nlink: cannot open file: no space left on device\n", nil},
		"nothing":    {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, build.Parse(tt.output)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseIsBounded(t *testing.T) {
	t.Parallel()
	if n := len(build.Parse(strings.Repeat("a.go:1:2: undefined: x\n", 5000))); n != build.MaxProblems {
		t.Errorf("%d problems", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("# p\na.go:1:2: x\n\tb\n")
	f.Add(":1:2: x\n\t\n")
	f.Add("a.go:99999999999999999999:1: x")
	f.Fuzz(func(t *testing.T, output string) {
		for _, p := range build.Parse(output) {
			if p.File == "" || p.Line < 0 || p.Column < 0 || p.Message == "" {
				t.Errorf("%q: %+v", output, p)
			}
		}
	})
}

func TestHint(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"a.go:5:2: no required module provides package github.com/foo/bar; " +
			"to add it:\n\tgo get github.com/foo/bar\n": `Run "go get github.com/foo/bar"`,
		"go: updates to go.mod needed; to update it:\n\tgo mod tidy\n":  `Run "go mod tidy"`,
		"a.go:3:2: missing go.sum entry for module providing package x": `Run "go mod tidy"`,
		"go: go.mod requires go >= 1.99 (running go 1.26)":              "Install a newer version of Go",
		"write: no space left on device":                                "Free some disk space",
		"a.go:1:2: undefined: x":                                        "",
	} {
		if got := build.Hint(output); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q", output, got)
		}
	}
}
