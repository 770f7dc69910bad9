package browsertest_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// readerPassword is that of the admin of generated applications.
const readerPassword = "correct horse battery staple"

// generatedApplication makes an application with the command line, generates a resource with many fields into it, and
// serves it. It returns its address.
func generatedApplication(t *testing.T) string {
	t.Helper()
	dir, covet := t.TempDir(), commandLine(t)
	command(t, dir, nil, "", covet, "new", "library", "--no-git", "--no-tidy", "--db", "sqlite")
	dir = filepath.Join(dir, "library")
	command(t, dir, nil, "", covet, "generate", "resource", "genre", "name:string!:unique")
	command(t, dir, nil, "", covet, "generate", "resource", "book", "title:string!", "blurb:text", "state:enum(ordered,lent,here)", "pages:int",
		"price:decimal(10,2)!", "weight:float?", "fragile:bool", "bought:date", "read_at:time?", "code:uuid?", "details:json", "cover:file",
		"genre:belongs_to:genre?", "genres:many:genre")
	command(t, dir, nil, "", "go", "build", "-trimpath", "-ldflags=-w", "-o", "bin/library", "./cmd/library")

	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	environ := append(os.Environ(), "PORT="+port, "APP_ENV=development", "LOG_LEVEL=error")
	library := filepath.Join(dir, "bin", "library")
	command(t, dir, environ, "", library, "migrate", "up")
	command(t, dir, environ, "", library, "seed", "genres")
	command(t, dir, environ, readerPassword+"\n", library, "user", "create", "ada@example.com", "--role", "admin", "--password-stdin")
	serve(t, dir, environ, library, address)
	return "http://" + address
}

// command runs a program to its end.
func command(t *testing.T, dir string, environ []string, input, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, environ, strings.NewReader(input)
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, output)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// serve runs the application until the test ends.
func serve(t *testing.T, dir string, environ []string, binary, address string) {
	t.Helper()
	var output bytes.Buffer
	server := exec.Command(binary, "serve") //nolint:noctx // it is ended by a signal
	server.Dir, server.Env, server.Stdout, server.Stderr = dir, environ, &output, &output
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		if err := server.Wait(); err != nil {
			t.Errorf("the application ends with %v\n%s", err, output.String())
		}
	})
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(30 * time.Second); !healthy(t.Context(), address); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("the application does not respond")
		}
	}
}

func healthy(ctx context.Context, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/health", nil)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// TestGenerated uses the pages of a generated resource: a form that is faulty at first, the list with its search, the
// record, the form again, and deleting.
func TestGenerated(t *testing.T) {
	t.Parallel()
	chromium(t) // without it nothing has to be built
	url := generatedApplication(t)
	inLooks(t, func(t *testing.T, b *browser) {
		look := func(name string) { b.inspect("generated-" + name) }
		b.visit(url + "/login?next=/books")
		b.run(chromedp.SetValue(chromedp.CSS("#email"), "ada@example.com"), chromedp.SetValue(chromedp.CSS("#password"), readerPassword))
		b.press("main form .button", ".toolbar")
		look("empty")

		title := "Notes on the Analytical Engine, " + b.look.name
		b.press(".toolbar a.button", "form.stack")
		b.colours()
		look("new")
		b.run(chromedp.SetValue(chromedp.CSS("#title"), title), chromedp.SetValue(chromedp.CSS("#price"), "12.345"))
		b.press("form.stack .button", ".summary")
		look("faulty")
		if got := ask(b, chromedp.Value(chromedp.CSS("#price"))); got != "12.345" {
			t.Errorf("the price that was typed has become %q", got)
		}
		b.fillBook()
		look("filled")
		b.press("form.stack .button", "dl.details")
		look("record")
		if got := b.text("main"); !strings.Contains(got, title) || !strings.Contains(got, "12.34") {
			t.Errorf("the record says %q", got)
		}

		b.visit(url + "/books?q=ENGINE%2C+" + b.look.name)
		b.waitFor(`document.querySelectorAll("table.rows tbody tr").length === 1`)
		look("list")
		b.visit(url + "/books?q=nothing+of+the+kind")
		look("nothing")

		b.visit(url + "/books?q=" + b.look.name)
		b.press("tbody a", "dl.details")
		b.press(".actions a.button", "form.stack")
		look("edit")
		b.run(chromedp.SetValue(chromedp.CSS("#title"), "Changed, "+b.look.name))
		b.press("form.stack .button", "dl.details")
		b.waitFor(fmt.Sprintf(`document.querySelector("h1").textContent.includes(%q)`, "Changed, "+b.look.name))

		b.run(chromedp.Click(chromedp.CSS("details.confirm summary")), chromedp.WaitVisible(chromedp.CSS("details.confirm .danger")))
		look("delete")
		b.press("details.confirm .danger", ".toolbar")
		if got := b.text("main"); strings.Contains(got, "Changed, "+b.look.name) {
			t.Errorf("it is still there: %q", got)
		}
		b.quiet("/books")
	})
}

// fillBook fills in the form of a book, its file included.
func (b *browser) fillBook() {
	b.t.Helper()
	cover := filepath.Join(b.t.TempDir(), "cover.txt")
	if err := os.WriteFile(cover, []byte("a picture of an engine"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.run(
		chromedp.SetValue(chromedp.CSS("#price"), "12.34"),
		chromedp.SetValue(chromedp.CSS("#state"), "lent"),
		chromedp.SetValue(chromedp.CSS("#bought"), "2026-02-03"),
		chromedp.SetValue(chromedp.CSS("#read_at"), "2026-02-03T04:05"),
		chromedp.SetValue(chromedp.CSS("#pages"), "321"),
		chromedp.SetValue(chromedp.CSS("#code"), "0190a3b4-0000-7000-8000-000000000001"),
		chromedp.SetValue(chromedp.CSS("#details"), `{"shelf": [1, 2]}`),
		chromedp.SendKeys(chromedp.CSS("#blurb"), "Whether it weaves algebraical patterns,"+kb.Enter+"as the loom weaves flowers and leaves."),
		chromedp.Click(chromedp.CSS("#fragile")),
		chromedp.Click(chromedp.CSS("#genre_ids-1")),
		chromedp.SetUploadFiles(chromedp.CSS("#cover"), []string{cover}),
	)
}
