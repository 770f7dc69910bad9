package devserver_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/cmd/covet/internal/devserver"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/build"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/process"
	"github.com/covetgo/covet/cmd/covet/internal/devserver/watch"
	"github.com/covetgo/covet/internal/devlink"
)

var broken = &build.Error{
	Text:     "building blog: exit status 1",
	Problems: []build.Problem{{File: "a.go", Line: 1, Message: "no"}},
}

func TestSwap(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("app/posts/posts.go")
	w.expect("changed [app/posts/posts.go]", "hold", "build 2")
	if !w.builds[1].used("binary1") || w.builds[1].used("binary2") {
		t.Error("the running binary is overwritten")
	}
	w.built(2, nil)
	w.expect("built", "start p2")
	w.quiet() // the former one runs on
	w.ready(2)
	w.expect("serve p2", "reload", "ready", "drain p1")
	w.quiet() // until it is idle
	w.idles("p1")
	w.expect("stop p1")
}

func TestRequestsOfTheFormerProcessAreBounded(t *testing.T) {
	t.Parallel()
	w := serving(t, func(c *devserver.Config) { c.Drain = time.Millisecond })
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2", "reload", "ready", "drain p1", "stop p1")
}

func TestEditDuringABuild(t *testing.T) {
	t.Parallel()
	w := serving(t)
	for i, want := range []string{"build 2", "build 3", "build 4"} {
		w.change("a/a.go")
		w.expect("changed", "hold", want)
		if i > 0 {
			<-w.builds[i].ctx.Done() // the one before
		}
	}
	w.built(4, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2")
}

func TestEditDuringAStart(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.change("a/a.go")
	w.expect("changed", "hold", "stop p2", "hold", "build 3")
	w.ready(2) // too late: it is what was before the change
	w.quiet()
	w.built(3, nil)
	w.expect("built", "start p3")
	w.ready(3)
	w.expect("serve p3", "reload", "ready", "drain p1")
}

func TestFailedBuild(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, broken)
	w.expect("fail build   1", "reload", "say build", "drain p1")
	w.idles("p1")
	w.expect("stop p1")
	// Whatever changes next may be what was missing.
	w.change("app/assets/css/app.css")
	w.expect("changed", "hold", "build 3")
	w.built(3, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2", "reload", "ready")
}

func TestBuildThatCannotBegin(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.expect("hold", "refresh", "hold", "build 1")
	w.built(1, errors.New("no go"))
	w.expect("fail build no go  0", "reload", "say build")
}

func TestExitAtStart(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.expect("hold", "refresh", "hold", "build 1")
	w.built(1, nil)
	w.expect("built", "start p1")
	w.p(1).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("fail start  output of p1 0", "reload", "say start")
	w.change("config/config.yaml")
	w.expect("changed", "hold", "start p2")
	w.p(2).end(process.Exit{Code: 3, Text: "exit status 3"})
	w.expect("fail configuration  output of p2", "reload", "say configuration")
	w.keys <- 'r'
	w.expect("hold", "refresh []", "hold", "build 2")
}

// Some programs want what only one process can have.
func TestExitBesideTheFormerProcess(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.p(2).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("note it ended, exit status 1, while the former process was running", "stop p1", "start p3")
	w.ready(3)
	w.expect("serve p3", "reload", "ready")
	w.quiet()
}

func TestExitBesideTheFormerProcessTwice(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.p(2).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("note", "stop p1", "start p3")
	w.p(3).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("fail start  output of p3", "reload", "say start")
	w.quiet()
}

func TestCrash(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.p(1).end(process.Exit{Code: 2, Text: "exit status 2"})
	w.expect("fail exit  output of p1 0", "reload", "say exit")
	if err := w.server.Restart(t.Context()); err != nil { // the button
		t.Error(err)
	}
	w.expect("hold", "refresh []", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2")
}

// A code that stands for a refused configuration at the start stands for anything later.
func TestCrashWithTheCodeOfAConfiguration(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.p(1).end(process.Exit{Code: 3, Text: "exit status 3"})
	w.expect("fail exit  output of p1 0", "reload", "say exit")
}

func TestLongBuildIsReported(t *testing.T) {
	t.Parallel()
	w := newHarness(t, func(c *devserver.Config) { c.ProgressInterval = time.Millisecond })
	w.expect("hold", "refresh []", "hold", "build 1", "building")
	w.built(1, nil)
	w.expect("built", "start p1")
}

// A change that comes while a process waits to be started once more makes that pointless.
func TestEditBeforeTheRetry(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.p(1).mu(func() { w.processes[0].unresponsive = true })
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.p(2).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("note", "stop p1")
	w.change("a/a.go")
	w.expect("changed", "hold", "build 3")
	w.p(1).end(process.Exit{})
	w.quiet()
	w.built(3, nil)
	w.expect("built", "start p3")
}

// The first build need not begin again for a stylesheet.
func TestStylesDuringTheFirstBuild(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.expect("hold", "refresh", "hold", "build 1")
	w.change("app/assets/css/app.css")
	w.expect("changed", "styles")
	w.built(1, nil)
	w.expect("built", "start p1")
}

// A crash while the next one is on its way is no news.
func TestCrashDuringABuild(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.p(1).end(process.Exit{Code: 2, Text: "exit status 2"})
	w.quiet()
	w.built(2, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2", "reload", "ready")
	w.quiet()
}

func TestSlowStart(t *testing.T) {
	t.Parallel()
	w := newHarness(t, func(c *devserver.Config) { c.StartTimeout = time.Millisecond })
	w.expect("hold", "refresh", "hold", "build 1")
	w.built(1, nil)
	w.expect("built", "start p1", "fail start The application was not ready within 1ms output of p1",
		"reload", "say start")
	w.ready(1)
	w.expect("serve p1", "reload", "ready")
}

func TestUnresponsiveProcessDoesNotDelayTheNextOne(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.p(1).mu(func() { w.processes[0].unresponsive = true })
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.ready(2)
	w.expect("serve p2", "reload", "ready", "drain p1")
	w.idles("p1")
	w.expect("stop p1")
	w.change("a/a.go")
	w.expect("changed", "hold", "build 3")
	if !w.builds[2].used("binary1") {
		t.Error("the binary of a process that still runs is overwritten")
	}
}

func TestStartError(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.mu.Lock()
	w.startErr = errors.New("no such file")
	w.mu.Unlock()
	w.expect("hold", "refresh", "hold", "build 1")
	w.built(1, nil)
	w.expect("built", "fail start", "reload", "say start")
	w.change("config/config.yaml")
	w.expect("changed", "hold", "build 2")
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.refreshing(func([]string) (devserver.Refreshed, error) { return devserver.Refreshed{Text: true}, nil })
	w.change("app/views/home.templ")
	w.expect("changed", "refresh [app/views/home.templ]", "reload") // and nobody was held
	w.refreshing(nil)
	w.change("app/views/home.templ")
	w.expect("changed", "refresh [app/views/home.templ]", "hold", "build 2")
}

func TestTemplateError(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.refreshing(func([]string) (devserver.Refreshed, error) {
		return devserver.Refreshed{}, &devserver.TemplateError{
			Problems: []build.Problem{{File: "a.templ", Line: 1, Message: "no"}},
			Err:      errors.New("no"),
		}
	})
	w.change("app/views/home.templ")
	w.expect("changed", "refresh", "hold", "fail view   1", "reload", "say view", "drain p1")
	w.idles("p1")
	w.expect("stop p1")
	// Another file does not correct it.
	w.change("app/app.go")
	w.expect("changed", "hold", "refresh []", "hold", "fail view")
	w.expect("reload", "say view")
	// What was there before: nothing is to be written, and the page has to come back.
	w.refreshing(func([]string) (devserver.Refreshed, error) { return devserver.Refreshed{}, nil })
	w.change("app/views/home.templ")
	w.expect("changed", "hold", "refresh []", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
}

func TestTemplateVersions(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.refreshing(func([]string) (devserver.Refreshed, error) { return devserver.Refreshed{}, errors.New("templ differs") })
	w.keys <- 'r'
	for !strings.Contains(strings.Join(w.logged(), "\n"), "fail view templ differs") {
		w.keys <- 'x'
	}
}

func (w *harness) logged() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.log...)
}

func TestAssetsAndOthers(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("app/assets/css/app.css")
	w.expect("changed", "styles [/assets/css/app.css]")
	w.change("app/assets/css/app.css", "app/assets/img/a.svg")
	w.expect("changed", "reload")
	w.change("app/posts/posts_test.go", "README.md", "app/testdata/x.html")
	w.quiet()
	w.change(".env")
	w.expect("changed", "hold", "start p2") // without a build
	w.ready(2)
	w.expect("serve p2", "reload", "ready", "drain p1")
}

func TestMigrations(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("migrations/sqlite/0001_posts.sql")
	w.expect("changed", "hold", "build 2")
	w.built(2, nil)
	w.expect("built", "start p2")
	w.messages <- devlink.Message{
		Run:     "2",
		Pending: &devlink.Pending{Migrations: []devlink.Migration{{Source: "app", Version: 1, Name: "posts"}}},
	}
	w.p(2).end(process.Exit{Code: 4, Text: "exit status 4"})
	w.expect("fail migration   1", "reload", "say migration", "drain p1")
	// It fails, and may be tried again.
	answer := make(chan error, 1)
	go func() { answer <- w.server.Migrate(t.Context()) }()
	w.expect("migrate binary2", "hold")
	w.change("a/a.go")
	w.expect("changed", "hold") // and waits for its turn
	w.p(3).end(process.Exit{Code: 1, Text: "exit status 1"})
	w.expect("fail migration  output of migrate 1", "reload", "say migration", "hold", "build 3")
	if err := <-answer; err == nil || err.Error() != "output of migrate" {
		t.Errorf("got %v", err)
	}
}

func TestMigrationsApplied(t *testing.T) {
	t.Parallel()
	w := newHarness(t)
	w.expect("hold", "refresh", "hold", "build 1")
	w.built(1, nil)
	w.expect("built", "start p1")
	w.messages <- devlink.Message{Run: "1", Pending: &devlink.Pending{Migrations: []devlink.Migration{{}}}}
	w.p(1).end(process.Exit{Code: 4})
	w.expect("fail migration", "reload", "say migration")
	w.keys <- 'm'
	w.expect("migrate binary1", "hold")
	w.p(2).end(process.Exit{})
	w.expect("start p2")
	if err := w.server.Migrate(t.Context()); err == nil {
		t.Error("nothing is pending, and it says nothing")
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := serving(t, func(c *devserver.Config) { c.FirstOpen = true })
	w.expect("browse")
	for _, c := range []struct {
		key  rune
		want string
	}{{'o', "browse"}, {'c', "clear"}, {'h', "help"}} {
		w.keys <- c.key
		w.expect(c.want)
	}
	w.keys <- 'm' // nothing is pending
	w.quiet()
	w.keys <- 'q'
	w.expect("stop p1")
	if err := w.ended(); err != nil {
		t.Error(err)
	}
}

func TestEndOfTheContext(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.change("a/a.go")
	w.expect("changed", "hold", "build 2")
	w.p(1).mu(func() { w.processes[0].unresponsive = true })
	w.cancel()
	w.expect("stop p1")
	<-w.builds[1].ctx.Done()
	close(w.kill) // the second Ctrl-C
	w.expect("kill p1")
	if err := w.ended(); err != nil {
		t.Error(err)
	}
	if err := w.server.Restart(t.Context()); err == nil {
		t.Error("a button works after the end")
	}
}

func TestFolderIsRemoved(t *testing.T) {
	t.Parallel()
	w := serving(t)
	w.batches <- watch.Batch{Err: errors.New("no such folder")}
	if err := w.ended(); err == nil || !strings.Contains(err.Error(), "no such folder") {
		t.Errorf("got %v", err)
	}
}

func TestEmbeddedFiles(t *testing.T) {
	t.Parallel()
	w := serving(t, func(c *devserver.Config) {
		for name, content := range map[string]string{
			"app/mails/mails.go":         "package mails\n\n//go:embed texts/*.txt \"with space\" `raw`\nvar files embed.FS\n",
			"app/pages/pages.go":         "package pages\n",
			"app/pages/templates/a.html": "",
		} {
			path := filepath.Join(c.Root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	})
	w.change("app/pages/templates/a.html") // it is read when it is shown, if at all
	w.expect("changed", "reload")
	for i, name := range []string{"app/mails/texts/welcome.txt", "app/mails/with space/deep/x.html", "app/mails/raw"} {
		w.change(name)
		w.expect("changed", "hold", "build "+string(rune('2'+i)))
	}
}
