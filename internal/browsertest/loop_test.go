package browsertest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestLoop edits an application under "covet serve" as a developer does, and looks at the tab that stays open all the
// time. The scenes follow each other: each leaves the application running. With -all there are rarer ones.
func TestLoop(t *testing.T) {
	t.Parallel()
	chromium(t) // without it nothing has to be built
	l := newLoop(t)
	for _, scene := range []struct {
		name string
		play func(*loop, *browser)
		long bool // with -all only
	}{
		{"a Go edit", (*loop).editGo, false},
		{"a syntax error and its fix", (*loop).syntaxError, false},
		{"a panic", (*loop).panics, false},
		{"text of a template", (*loop).templateText, false},
		{"an expression of a template", (*loop).templateExpression, true},
		{"a faulty template", (*loop).templateError, false},
		{"a stylesheet", (*loop).stylesheet, false},
		{"a new file", (*loop).newFile, true},
		{"a package that goes", (*loop).deletedPackage, true},
		{"a folder with another name", (*loop).renamedFolder, true},
		{"a file saved 50 times", (*loop).savedOften, true},
		{"a branch with 200 changed files", (*loop).branch, true},
		{"a migration", (*loop).migration, false},
		{"the configuration", (*loop).configuration, false},
		{"an upload during a swap", (*loop).upload, false},
		{"a slow start", (*loop).slowStart, true},
		{"no start", (*loop).noStart, false},
		{"deaf to SIGTERM", (*loop).deaf, true},
	} {
		if scene.long && !*all {
			continue
		}
		t.Run(scene.name, func(t *testing.T) {
			b := newBrowser(t, looks[0])
			b.visit(l.url + "/lab")
			b.shows("The lab")
			outer := l.t
			l.t = t
			defer func() { l.t = outer }()
			scene.play(l, b)
		})
		if t.Failed() {
			return
		}
	}
}

// says gives the constant of the lab another text.
func (l *loop) says(text string) {
	l.t.Helper()
	content := l.read("app/lab/lab.go")
	before, rest, _ := strings.Cut(content, "const text = ")
	_, after, _ := strings.Cut(rest, "\n")
	l.write("app/lab/lab.go", fmt.Sprintf("%sconst text = %q\n%s", before, text, after))
	l.text = text
}

func (l *loop) editGo(b *browser) {
	l.says("edited")
	b.shows(l.text)
	b.quiet()
}

func (l *loop) syntaxError(b *browser) {
	l.replace("app/lab/lab.go", "const text =", "const text :=")
	b.shows("app/lab/lab.go:15")
	if page := b.text("body"); !strings.Contains(page, "syntax error") || !strings.Contains(page, `const text := "edited"`) {
		b.t.Errorf("the page explains neither the error nor the line: %s", page)
	}
	b.inspect("loop-build")
	status, body := l.get("/lab/text")
	if status != http.StatusServiceUnavailable || !strings.Contains(body, "lab.go") || !strings.Contains(body, `"status"`) {
		b.t.Errorf("a program is answered %d %s", status, body)
	}
	l.replace("app/lab/lab.go", "const text :=", "const text =")
	b.shows("The lab")
	l.answers("/lab/text", http.StatusOK, l.text)
}

func (l *loop) panics(b *browser) {
	b.visit(l.url + "/lab/panic")
	page := b.text("body")
	for _, want := range []string{"the sky is falling", "app/lab/lab.go", "GET"} {
		if !strings.Contains(page, want) {
			b.t.Errorf("the page of a panic does not say %q: %s", want, page)
		}
	}
	b.inspect("loop-panic")
	l.replace("app/lab/lab.go", `panic("the sky is falling")`, `panic("the sky is higher")`)
	b.shows("the sky is higher")
	b.visit(l.url + "/lab/error")
	if page := b.text("body"); !strings.Contains(page, "reading the stars: it is cloudy") {
		b.t.Errorf("the page of an error says %s", page)
	}
}

// built counts the builds that the loop has told of.
func (l *loop) built() int { return strings.Count(l.output.String(), "built") }

func (l *loop) templateText(b *browser) {
	before := l.built()
	l.replace("app/lab/page.templ", "<h1>The lab</h1>", "<h1>The lab &amp; its \"quotes\"</h1>")
	b.shows(`The lab & its "quotes"`)
	for _, path := range []string{"/login", "/signup", "/", "/docs", "/nowhere"} {
		status, body := l.get(path)
		if status >= http.StatusInternalServerError || !strings.Contains(body, "<title>") && path != "/nowhere" {
			b.t.Errorf("%s answers %d %s", path, status, body)
		}
	}
	l.replace("app/lab/page.templ", "<h1>The lab &amp; its \"quotes\"</h1>", "<h1>The lab</h1>")
	b.waitFor(`document.querySelector("h1").textContent === "The lab"`)
	if after := l.built(); after != before {
		b.t.Errorf("text of a template took %d builds", after-before)
	}
	b.quiet()
}

func (l *loop) templateExpression(b *browser) {
	l.replace("app/lab/page.templ", "{ text }</p>", "{ text + \", again\" }</p>")
	b.shows("edited, again")
	l.replace("app/lab/page.templ", "{ text + \", again\" }</p>", "{ text }</p>")
	b.waitFor(fmt.Sprintf(`document.querySelector("#text").textContent === %q`, l.text))
}

func (l *loop) templateError(b *browser) {
	l.replace("app/lab/page.templ", "{ text }</p>", "{ text </p>")
	b.shows("app/lab/page.templ")
	b.inspect("loop-view")
	l.replace("app/lab/page.templ", "{ text </p>", "{ text }</p>")
	b.shows("The lab")
}

func (l *loop) stylesheet(b *browser) {
	before := l.built()
	b.run(chromedp.SendKeys(chromedp.CSS("#note"), "half a sentence"))
	b.waitFor(`(window.kept = true, window.scrollTo(0, 500), window.scrollY > 400)`)
	l.write("app/assets/css/app.css", l.read("app/assets/css/app.css")+"\nh1 { letter-spacing: 7px; }\n")
	b.waitFor(`getComputedStyle(document.querySelector("h1")).letterSpacing === "7px"`)
	b.waitFor(`window.kept && window.scrollY > 400 && document.querySelector("#note").value === "half a sentence"`)
	if after := l.built(); after != before {
		b.t.Errorf("a stylesheet took %d builds", after-before)
	}
	b.quiet("/lab") // a visit during the build before is a 503
}

func (l *loop) newFile(b *browser) {
	l.write("app/lab/more.go", "package lab\n\nfunc more() string { return \"more and more\" }\n")
	l.replace("app/lab/lab.go", "page(text)", "page(more())")
	b.shows("more and more")
	l.replace("app/lab/lab.go", "page(more())", "page(text)")
	b.shows(l.text)
}

func (l *loop) deletedPackage(b *browser) {
	l.write("app/gone/gone.go", "package gone\n\nconst Text = \"from a package that goes\"\n")
	l.replace("app/lab/lab.go", "\"github.com/covetgo/covet/app/web\"\n", "\"github.com/covetgo/covet/app/web\"\n\n\t\"blog/app/gone\"\n")
	l.replace("app/lab/lab.go", "page(text)", "page(gone.Text)")
	b.shows("from a package that goes")
	if err := os.RemoveAll(filepath.Join(l.dir, "app", "gone")); err != nil {
		b.t.Fatal(err)
	}
	b.shows("blog/app/gone")
	l.replace("app/lab/lab.go", "\n\n\t\"blog/app/gone\"\n", "\n")
	l.replace("app/lab/lab.go", "page(gone.Text)", "page(text)")
	b.shows(l.text)
}

func (l *loop) renamedFolder(b *browser) {
	l.rename("app/lab", "app/laboratory")
	b.shows("blog/app/lab")
	l.replace("app/routes.go", "blog/app/lab\"", "blog/app/laboratory\"")
	b.shows(l.text)
	l.replace("app/laboratory/lab.go", "const text = \"edited\"", "const text = \"in the new folder\"")
	b.shows("in the new folder")
	l.rename("app/laboratory", "app/lab")
	l.replace("app/routes.go", "blog/app/laboratory\"", "blog/app/lab\"")
	l.says("back")
	b.shows("back")
}

func (l *loop) savedOften(b *browser) {
	before := l.built()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := range 50 {
		l.says(fmt.Sprintf("saved %d", i))
		<-tick.C
	}
	b.shows(l.text)
	l.answers("/lab/text", http.StatusOK, l.text)
	if builds := l.built() - before; builds > 5 {
		b.t.Errorf("50 saves in a second took %d builds", builds)
	}
}

func (l *loop) branch(b *browser) {
	git := func(args ...string) {
		b.t.Helper()
		command(b.t, l.dir, nil, "", "git", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.com"}, args...)...)
	}
	git("init", "--quiet", "--initial-branch=main")
	git("add", ".")
	git("commit", "--quiet", "--message=main")
	git("checkout", "--quiet", "-b", "wide")
	for i := range 200 {
		l.write(fmt.Sprintf("app/lab/wide/wide%d.go", i), fmt.Sprintf("package wide\n\n// Text%d is one of many.\nconst Text%d = \"wide %d\"\n", i, i, i))
	}
	l.replace("app/lab/lab.go", "\"github.com/covetgo/covet/app/web\"\n", "\"github.com/covetgo/covet/app/web\"\n\n\t\"blog/app/lab/wide\"\n")
	l.replace("app/lab/lab.go", "page(text)", "page(wide.Text199)")
	git("add", ".")
	git("commit", "--quiet", "--message=wide")
	b.shows("wide 199")
	git("checkout", "--quiet", "main")
	b.shows(l.text)
	before := l.built()
	git("checkout", "--quiet", "wide")
	b.shows("wide 199")
	if builds := l.built() - before; builds > 2 {
		b.t.Errorf("a branch took %d builds", builds)
	}
	git("checkout", "--quiet", "main")
	b.shows(l.text)
}

func (l *loop) migration(b *browser) {
	l.write("migrations/sqlite/20270101000000_create_stars.sql",
		"-- +goose Up\nCREATE TABLE stars (id integer PRIMARY KEY);\n\n-- +goose Down\nDROP TABLE stars;\n")
	b.shows("create_stars")
	b.inspect("loop-migration")
	b.press(`form[action$="/migrate"] button`, "#text")
	l.answers("/lab/text", http.StatusOK, l.text)
}

func (l *loop) configuration(b *browser) {
	before := l.built()
	l.replace("config/config.yaml", "name:", "name: Renamed #")
	l.until("the name changes", func() bool {
		_, body := l.get("/api/status")
		return strings.Contains(body, "Renamed")
	})
	if after := l.built(); after != before {
		b.t.Errorf("the configuration took %d builds", after-before)
	}
}

// upload sends 50 MB slowly, so that the application is swapped in the middle, and holds that they arrive.
func (l *loop) upload(b *browser) {
	const size, part = 50 << 20, 1 << 20
	before := l.text
	reader, writer := io.Pipe()
	answer := make(chan string, 1)
	go func() {
		request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, l.url+"/lab/upload", reader)
		if err != nil {
			answer <- err.Error()
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		answer <- fmt.Sprint(response.StatusCode, " ", string(body), " ", err)
	}()
	block := bytes.Repeat([]byte("x"), part)
	for sent := 0; sent < size; sent += part {
		if _, err := writer.Write(block); err != nil {
			b.t.Fatal(err)
		}
		if sent == size/2 {
			l.says("after the upload")
			b.shows("after the upload")
		}
	}
	if err := writer.Close(); err != nil {
		b.t.Fatal(err)
	}
	if got, want := <-answer, fmt.Sprintf("200 %s %d <nil>", before, size); got != want {
		b.t.Errorf("the upload was answered %q, want %q of the process that took it", got, want)
	}
}

// slowStart delays the start by two seconds, and asks meanwhile.
func (l *loop) slowStart(b *browser) {
	l.replace("app/lab/lab.go", "// Register adds the pages.\n", "func init() { time.Sleep(2 * time.Second) }\n\n// Register adds the pages.\n")
	l.replace("app/lab/lab.go", "\"net/http\"\n", "\"net/http\"\n\t\"time\"\n")
	l.says("slow")
	l.answers("/lab/text", http.StatusOK, "slow")
	b.shows("slow")
	if failed := strings.Contains(l.output.String(), "503"); failed {
		b.t.Error("a request was not held")
	}
	l.replace("app/lab/lab.go", "func init() { time.Sleep(2 * time.Second) }\n\n", "")
	l.replace("app/lab/lab.go", "\"net/http\"\n\t\"time\"\n", "\"net/http\"\n")
	l.says("quick")
	b.shows(l.text)
}

func (l *loop) noStart(b *browser) {
	l.replace("app/lab/lab.go", "// Register adds the pages.\n", "func init() { panic(\"no lab today\") }\n\n// Register adds the pages.\n")
	b.shows("no lab today")
	b.inspect("loop-exit")
	l.replace("app/lab/lab.go", "func init() { panic(\"no lab today\") }\n\n", "")
	b.shows(l.text)
}

// deaf ignores SIGTERM; the next process does not wait for it.
func (l *loop) deaf(b *browser) {
	l.replace("app/lab/lab.go", "// Register adds the pages.\n", "func init() { signal.Ignore(syscall.SIGTERM); go func() { for { signal.Ignore(syscall.SIGTERM); time.Sleep(time.Millisecond) } }() }\n\n// Register adds the pages.\n")
	l.replace("app/lab/lab.go", "\"net/http\"\n", "\"net/http\"\n\t\"os/signal\"\n\t\"syscall\"\n\t\"time\"\n")
	l.says("deaf")
	b.shows("deaf")
	l.says("deaf, again")
	b.shows("deaf, again")
}
