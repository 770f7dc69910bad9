package views_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/cmd/covet/internal/views"
	"github.com/covetgo/covet/scaffold"
)

const hello = "package page\n\ntempl Hello(name string) {\n\t<p>Hello, { name }!</p>\n}\n"

// project is an application of templates only.
type project struct {
	t    *testing.T
	root string
}

func newProject(t *testing.T, files map[string]string) *project {
	t.Helper()
	version, err := scaffold.TemplVersion()
	if err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, root: t.TempDir()}
	p.write("go.mod", "module blog\n\ngo 1.26\n\nrequire github.com/a-h/templ "+version+"\n")
	for name, content := range files {
		p.write(name, content)
	}
	return p
}

func (p *project) write(name, content string) {
	p.t.Helper()
	path := filepath.Join(p.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) read(name string) string {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(name)))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(content)
}

func (p *project) remove(name string) {
	p.t.Helper()
	if err := os.Remove(filepath.Join(p.root, filepath.FromSlash(name))); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) open() *views.Set {
	p.t.Helper()
	set, err := views.Open(p.root)
	if err != nil {
		p.t.Fatal(err)
	}
	return set
}

func refresh(t *testing.T, set *views.Set, want views.Change, paths ...string) {
	t.Helper()
	got, err := set.Refresh(paths...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refreshing %v (-want +got):\n%s", paths, diff)
	}
}

func TestRefreshWritesWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{
		"app/page/hello.templ": hello, "storage/old.templ": "nonsense",
		"vendor/x/x.templ": "nonsense",
	})
	set := p.open()
	refresh(t, set, views.Change{Code: true, Written: []string{"app/page/hello_templ.go"}})
	if code := p.read("app/page/hello_templ.go"); !strings.Contains(code, "FileName: `app/page/hello.templ`") {
		t.Errorf("the code is %s", code)
	}
	refresh(t, set, views.Change{})
	p.write("app/page/hello.templ", strings.Replace(hello, "Hello,", "Hi,", 1))
	refresh(t, set, views.Change{}, "app/page/other.templ")
	refresh(t, set, views.Change{Code: true, Written: []string{"app/page/hello_templ.go"}},
		filepath.Join(p.root, "app", "page", "hello.templ"))
}

func TestRefreshRemovesCodeWithoutATemplate(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"a.templ": hello, "b.templ": hello, "own_templ.go": "package page\n"})
	set := p.open()
	refresh(t, set, views.Change{Code: true, Written: []string{"a_templ.go", "b_templ.go"}})
	p.remove("a.templ")
	refresh(t, set, views.Change{Code: true, Written: []string{"a_templ.go"}}, "a.templ")
	p.remove("b.templ")
	refresh(t, set, views.Change{Code: true, Written: []string{"b_templ.go"}})
	if p.read("own_templ.go") != "package page\n" {
		t.Error("a file that templ has not written is changed")
	}
}

// Every faulty template is named, with the place where a person looks; the others are generated all the same.
func TestMistakes(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{
		"good.templ":      hello,
		"a/open.templ":    "package page\n\ntempl Open() {\n\t<p>\n}\n",
		"b/go.templ":      "package page\n\ntempl Code() {\n\t<p>text</p>\n\t{{ x := }}\n}\n",
		"c/nothing.templ": "",
	})
	change, err := p.open().Refresh()
	var problems *views.Error
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	var files []string
	for _, m := range problems.Problems {
		files = append(files, m.File)
		if m.Message == "" || strings.Contains(m.Message, m.File) {
			t.Errorf("%+v", m)
		}
	}
	if want := []string{"a/open.templ", "b/go.templ", "c/nothing.templ"}; !slices.Equal(files, want) {
		t.Errorf("the mistakes are %+v", problems.Problems)
	}
	for _, m := range problems.Problems {
		if m.File == "a/open.templ" && (m.Line < 3 || m.Line > 5) || m.File == "b/go.templ" && m.Line != 5 {
			t.Errorf("%+v", m)
		}
	}
	if !slices.Contains(change.Written, "good_templ.go") {
		t.Errorf("the good one is not generated: %+v", change)
	}
}

func TestAnotherVersionOfTempl(t *testing.T) {
	t.Parallel()
	p := newProject(t, nil)
	p.write("go.mod", "module blog\n\nrequire github.com/a-h/templ v0.2.1\n")
	_, err := views.Open(p.root)
	var coded *exit.Error
	if !errors.As(err, &coded) || !strings.Contains(coded.Hint, "go get github.com/a-h/templ@v") ||
		!strings.Contains(err.Error(), "v0.2.1") {
		t.Errorf("got %v", err)
	}
}

func TestApplicationWithoutTempl(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"a.templ": "nonsense"})
	p.write("go.mod", "module blog\n")
	set := p.open()
	refresh(t, set, views.Change{})
	if environ, err := set.Texts(t.Context(), "nowhere", filepath.Join(p.root, "texts")); err != nil || environ != nil {
		t.Errorf("got %v, %v", environ, err)
	}
}

// start prepares the texts of a process. Its binary is this test's, which links nothing of the project: what is written
// for the project's own templates depends on their code alone.
func (p *project) start(set *views.Set, name string) (folder string) {
	p.t.Helper()
	folder = filepath.Join(p.root, ".covet", "texts", name)
	binary, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	environ, err := set.Texts(p.t.Context(), binary, folder)
	if err != nil {
		p.t.Fatal(err)
	}
	if want := []string{"TEMPL_DEV_MODE=true", "TEMPL_DEV_MODE_ROOT=" + folder}; !slices.Equal(environ, want) {
		p.t.Errorf("the environment is %v", environ)
	}
	return folder
}

// texts returns all texts in a folder.
func texts(t *testing.T, folder string) string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(entry.Name(), "templ_") {
			t.Errorf("left behind: %s", entry.Name())
		}
		all = append(all, string(content))
	}
	return strings.Join(all, "\n---\n")
}

func TestTextsReachTheProcessThatFits(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"hello.templ": hello})
	set := p.open()
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	first := p.start(set, "1")
	if got := texts(t, first); got != "<p>Hello, \n!</p>" {
		t.Errorf("the texts are %q", got)
	}

	// A text, over more lines than before: shown at once.
	p.write("hello.templ", strings.Replace(hello, "<p>Hello,", "<p title=\"tab\\t\">\n\t\tGood\n\t\tmorning,", 1))
	refresh(t, set, views.Change{Text: true, Written: []string{"hello_templ.go"}})
	if got := texts(t, first); !strings.Contains(got, "Good morning, ") {
		t.Errorf("the texts are %q", got)
	}

	// Code: has to be built, and until then the process shows what fits it.
	before := texts(t, first)
	code := strings.Replace(hello, "Hello, { name }!", "{ name }, hello { name }!", 1)
	p.write("hello.templ", code)
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	p.write("hello.templ", strings.Replace(code, "hello", "hi", 1)) // a text, but of code that is being built
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	if got := texts(t, first); got != before {
		t.Errorf("the texts of the former process are %q", got)
	}

	second := p.start(set, "2")
	p.write("hello.templ", strings.Replace(code, "hello", "bye", 1))
	refresh(t, set, views.Change{Text: true, Written: []string{"hello_templ.go"}})
	if got := texts(t, second); !strings.Contains(got, ", bye ") || texts(t, first) != before {
		t.Errorf("the texts are %q", got)
	}

	// Code that is reverted before it was built: something else may have been built meanwhile.
	p.write("hello.templ", hello)
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	p.write("hello.templ", strings.Replace(code, "hello", "bye", 1))
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
}

// An attribute's constant value, a comment, and an expression's text are no texts of templ's.
func TestWhatIsCode(t *testing.T) {
	t.Parallel()
	page := "package page\n\ntempl Hello(n int) {\n\tif n > 1 {\n\t\t<p class={ \"a\" }>{ \"many\" }</p>\n\t}\n}\n"
	for name, change := range map[string][2]string{
		"an expression": {`"many"`, `"several"`},
		"a condition":   {"n > 1", "n > 2"},
		"a signature":   {"n int", "n int64"},
		"an element":    {"\t}\n", "\t\t@Hello(0)\n\t}\n"},
	} {
		p := newProject(t, map[string]string{"hello.templ": page})
		set := p.open()
		refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
		p.start(set, "1")
		p.write("hello.templ", strings.Replace(page, change[0], change[1], 1))
		if got, err := set.Refresh(); err != nil || !got.Code || got.Text {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// A page that is rendered while its texts change reads one version or the other: a file is replaced, never rewritten,
// and each has a later time than the one before.
func TestTextFilesAreReplaced(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"hello.templ": hello})
	set := p.open()
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	folder := p.start(set, "1")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	path := filepath.Join(folder, entries[0].Name())
	for _, word := range []string{"Hi", "Welcome", "Bonjour"} {
		before, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := before.Stat()
		if err != nil {
			t.Fatal(err)
		}
		p.write("hello.templ", strings.Replace(hello, "Hello,", word+",", 1))
		refresh(t, set, views.Change{Text: true, Written: []string{"hello_templ.go"}})
		now, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if os.SameFile(info, now) || !now.ModTime().After(info.ModTime()) {
			t.Errorf("%s: the file is the same one, or of the same time", word)
		}
		if err := before.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFoldersOfOldProcessesAreRemoved(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"hello.templ": hello})
	set := p.open()
	refresh(t, set, views.Change{Code: true, Written: []string{"hello_templ.go"}})
	for _, name := range strings.Fields("1 2 3 4 5 6 7 8 9 10") {
		p.start(set, name)
	}
	entries, err := os.ReadDir(filepath.Join(p.root, ".covet", "texts"))
	if err != nil || len(entries) != 8 {
		t.Errorf("%d folders, %v", len(entries), err)
	}
}
