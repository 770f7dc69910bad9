package errorpage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/internal/errorpage"
)

// write writes a file and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "app", "a.go"), "package app\n\n\tx := ü + y\r\n"+strings.Repeat("//\n", 10))
	reader := errorpage.Reader{Root: root, Editor: errorpage.NewEditor("vscode", os.Getenv)}
	for _, name := range []string{"app/a.go", filepath.Join(root, "app", "a.go"), "./app/../app/a.go"} {
		e := reader.Excerpt(name, 3, 9)
		if e.Name != "app/a.go" || len(e.Lines) != 8 || e.Link != "vscode://file"+filepath.Join(root, "app", "a.go")+":3:9" {
			t.Errorf("%s: %+v", name, e)
		}
		if diff := cmp.Diff(errorpage.Line{Number: 3, Text: "    x := ü + y", Current: true, Caret: 10},
			e.Lines[2]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for line, column := range map[int]int{0: 0, -1: -1, 1000: 1, 1: 99, 2: 1} {
		for _, l := range reader.Excerpt("app/a.go", line, column).Lines {
			if l.Caret > 0 {
				t.Errorf("%d:%d: %+v", line, column, l)
			}
		}
	}
}

// Threat: text that others shape names files whose content is nobody's business.
func TestExcerptsAreOfSourceOnly(t *testing.T) {
	t.Parallel()
	root, other := t.TempDir(), t.TempDir()
	secret := write(t, filepath.Join(other, "secret.go"), "hunter2\n")
	write(t, filepath.Join(root, ".env"), "SECRET_KEY=hunter2\n")
	write(t, filepath.Join(root, "config.yaml"), "hunter2\n")
	if err := os.Symlink(secret, filepath.Join(root, "link.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, ".env"), filepath.Join(root, "env.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "folder.go"), 0o750); err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(root, secret)
	if err != nil {
		t.Fatal(err)
	}
	reader := errorpage.Reader{Root: root, Editor: errorpage.NewEditor("vscode", os.Getenv)}
	for _, name := range []string{
		secret, relative, ".env", "config.yaml", "link.go", "env.go", "/etc/passwd",
		"folder.go", "", "a\x00.go", "<b>.go",
	} {
		if e := reader.Excerpt(name, 1, 1); len(e.Lines) > 0 {
			t.Errorf("%q: %+v", name, e)
		}
	}
	reader.Folders = []string{other} // such as the module cache
	if e := reader.Excerpt(secret, 1, 1); len(e.Lines) != 1 {
		t.Errorf("a folder that is named: %+v", e)
	}
}

// Threat: a file or a message that holds markup.
func TestMarkupIsEscaped(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	const attack = `"><script>alert(1)</script>`
	name := "a\"><img src=x>.go"
	write(t, filepath.Join(root, name), attack+"\n")
	reader := errorpage.Reader{Root: root, Editor: errorpage.NewEditor("vscode", os.Getenv)}
	var b strings.Builder
	for _, e := range []errorpage.Excerpt{reader.Excerpt(name, 1, 1), reader.Excerpt(attack, 1, 1)} {
		if err := errorpage.Source(e).Render(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	if err := errorpage.Text(attack, attack).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := errorpage.Layout(errorpage.Document{
		Title:  attack,
		Nonce:  attack,
		Script: attack,
		State:  attack,
	}).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if page := b.String(); strings.Contains(page, "<script>alert") || strings.Contains(page, "<img") {
		t.Errorf("page = %s", page)
	}
}

func TestEditors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		setting string
		env     map[string]string
		want    string
	}{
		"nothing known": {"", nil, "vscode://file/a%20b/x.go:3:7"},
		"terminal":      {"", map[string]string{"TERM_PROGRAM": "zed", "EDITOR": "vim"}, "zed://file/a%20b/x.go:3:7"},
		"other terminal": {
			"",
			map[string]string{"TERM_PROGRAM": "Apple_Terminal", "EDITOR": "/usr/bin/vim -f"},
			"nvim://open?file=/a%20b/x.go&line=3&column=7",
		},
		"visual first": {
			"",
			map[string]string{"VISUAL": "subl -w", "EDITOR": "vi"},
			"subl://open?url=file:///a%20b/x.go&line=3&column=7",
		},
		"JetBrains": {
			"",
			map[string]string{"TERMINAL_EMULATOR": "JetBrains-JediTerm"},
			"goland://open?file=/a%20b/x.go&line=3&column=7",
		},
		"Cursor": {
			"",
			map[string]string{"TERM_PROGRAM": "vscode", "CURSOR_TRACE_ID": "1"},
			"cursor://file/a%20b/x.go:3:7",
		},
		"by name":        {"idea", nil, "idea://open?file=/a%20b/x.go&line=3&column=7"},
		"by command":     {"code", nil, "vscode://file/a%20b/x.go:3:7"},
		"template":       {"my://open?f={file}&l={line}", nil, "my://open?f=/a%20b/x.go&l=3"},
		"none":           {"none", nil, ""},
		"unknown":        {"ed", nil, ""},
		"script":         {"javascript:alert('{file}')", nil, ""},
		"script, hidden": {" JavaScript:alert('{file}')", nil, ""},
		"data":           {"data:text/html,{file}", nil, ""},
		"no scheme":      {"//evil.example/{file}", nil, ""},
	} {
		editor := errorpage.NewEditor(test.setting, func(key string) string { return test.env[key] })
		if got := editor.Link("/a b/x.go", 3, 7); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if known := errorpage.KnownEditor(test.setting); known != (test.want != "" || test.setting == "none") {
			t.Errorf("%s is known: %v", name, known)
		}
	}
	// Threat: a file's name adds parameters to the link.
	got := errorpage.NewEditor("goland", os.Getenv).Link("/a&line=1#?+.go", 0, 0)
	if got != "goland://open?file=/a%26line%3D1%23%3F%2B.go&line=1&column=1" {
		t.Errorf("link = %s", got)
	}
}

func TestOwnFrames(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	file := write(t, filepath.Join(root, "app", "a.go"), "package app\n\nvar x = 1\n")
	output := "log\npanic: boom\n\ngoroutine 7 [running]:\nexample.com/blog/app.f(...)\n\t" + file + ":3 +0x1d\n" +
		"main.main()\n\t/elsewhere/main.go:9 +0x25\n\n" +
		"goroutine 8 [select]:\nexample.com/blog/app.g()\n\t" + file + ":1 +0x1d\n"
	own := errorpage.Reader{Root: root}.Own(output)
	if len(own) != 1 || own[0].Name != "app/a.go" || own[0].Line != 3 {
		t.Errorf("own = %+v", own)
	}
	if own := (errorpage.Reader{Root: root}).Own("no stack at all"); own != nil {
		t.Errorf("own = %+v", own)
	}
}
