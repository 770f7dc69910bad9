package devlink_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/internal/devlink"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newControlServer starts a control server and returns the link to it and what it receives.
func newControlServer(t *testing.T) (devlink.Link, <-chan devlink.Message) {
	t.Helper()
	messages := make(chan devlink.Message, 8)
	link := devlink.Link{Token: devlink.NewToken(), Public: "http://localhost:8000", Run: "7"}
	server := httptest.NewServer(devlink.Handler(link.Token, func(m devlink.Message) { messages <- m }))
	t.Cleanup(server.Close)
	link.Control = server.URL
	return link, messages
}

//nolint:paralleltest // the environment is the process's
func TestEnvironmentIsReadOnce(t *testing.T) {
	want := devlink.Link{
		Control: "http://127.0.0.1:4100", Token: devlink.NewToken(), Redis: "127.0.0.1:4101",
		Public: "http://localhost:3000", Root: "/blog", Run: "1", Terminal: true, Color: true,
	}
	name, value, _ := strings.Cut(want.Environ(), "=")
	t.Setenv(name, value)
	got, ok, err := devlink.FromEnvironment()
	if err != nil || !ok || got != want {
		t.Errorf("got %+v, %t, %v", got, ok, err)
	}
	if _, left := os.LookupEnv(name); left {
		t.Error("the programs that the application runs get the token, too")
	}
	if _, ok, err := devlink.FromEnvironment(); ok || err != nil {
		t.Errorf("the second time: %t, %v", ok, err)
	}
}

// The attack: a link that leads to another machine, and texts that are none.
//
//nolint:paralleltest // the environment is the process's
func TestForeignLinksAreRefused(t *testing.T) {
	good := devlink.Link{Control: "http://127.0.0.1:4100", Token: "secret-token-secret", Redis: "127.0.0.1:1"}
	for name, change := range map[string]func(*devlink.Link){
		"another machine":       func(l *devlink.Link) { l.Control = "http://10.0.0.1:4100" },
		"a name":                func(l *devlink.Link) { l.Control = "http://localhost:4100" },
		"a user":                func(l *devlink.Link) { l.Control = "http://127.0.0.1:80@example.com" },
		"another scheme":        func(l *devlink.Link) { l.Control = "https://127.0.0.1:4100" },
		"no port":               func(l *devlink.Link) { l.Control = "http://127.0.0.1" },
		"no token":              func(l *devlink.Link) { l.Token = "" },
		"another machine's set": func(l *devlink.Link) { l.Redis = "10.0.0.1:6379" },
	} {
		link := good
		change(&link)
		variable, value, _ := strings.Cut(link.Environ(), "=")
		t.Setenv(variable, value)
		_, ok, err := devlink.FromEnvironment()
		if ok || err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
	for _, text := range []string{"", "x", "e30", "bnVsbA", strings.Repeat("A", 1<<16)} {
		t.Setenv(devlink.Variable, text)
		if _, ok, err := devlink.FromEnvironment(); ok || err == nil {
			t.Errorf("%.10q is a link", text)
		}
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	link, messages := newControlServer(t)
	if err := link.SendReady(t.Context(), devlink.Ready{Address: "127.0.0.1:41233"}); err != nil {
		t.Fatal(err)
	}
	if m := <-messages; m.Ready == nil || m.Ready.Address != "127.0.0.1:41233" || m.Run != "7" || m.Pending != nil {
		t.Errorf("got %+v", m)
	}
	pending := devlink.Pending{
		Database:   "SQLite",
		Migrations: []devlink.Migration{{Source: "app", Version: 3, Name: "create_posts"}},
	}
	if err := link.SendPending(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
	if m := <-messages; m.Ready != nil || m.Pending == nil || len(m.Pending.Migrations) != 1 ||
		m.Pending.Migrations[0] != pending.Migrations[0] {
		t.Errorf("got %+v", m)
	}
}

// The attacks: a client without the token, with a wrong one, with an address elsewhere, and with a body that never
// ends.
func TestControlServerRefuses(t *testing.T) {
	t.Parallel()
	link, messages := newControlServer(t)
	ready := `{"ready":{"address":"127.0.0.1:1"}}`
	for name, c := range map[string]struct {
		path, token, body string
		status            int
	}{
		"no token":      {"/messages", "", ready, http.StatusUnauthorized},
		"a wrong one":   {"/messages", "Bearer " + devlink.NewToken(), ready, http.StatusUnauthorized},
		"a bare one":    {"/messages", link.Token, ready, http.StatusUnauthorized},
		"alive":         {"/alive", "", "", http.StatusUnauthorized},
		"another place": {"/messages", "Bearer " + link.Token, `{"ready":{"address":"10.0.0.1:80"}}`, http.StatusBadRequest},
		"a name": {
			"/messages", "Bearer " + link.Token, `{"ready":{"address":"localhost:80"}}`,
			http.StatusBadRequest,
		},
		"nothing":      {"/messages", "Bearer " + link.Token, `{}`, http.StatusBadRequest},
		"none pending": {"/messages", "Bearer " + link.Token, `{"pending":{}}`, http.StatusBadRequest},
		"both": {
			"/messages", "Bearer " + link.Token,
			`{"ready":{"address":"127.0.0.1:1"},"pending":{"migrations":[{}]}}`, http.StatusBadRequest,
		},
		"no JSON": {"/messages", "Bearer " + link.Token, `ready`, http.StatusBadRequest},
		"a huge message": {
			"/messages", "Bearer " + link.Token, `{"run":"` + strings.Repeat("x", 2<<20) + `"}`,
			http.StatusBadRequest,
		},
		"elsewhere": {"/", "Bearer " + link.Token, ready, http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path, strings.NewReader(c.body))
			r.Header.Set("Authorization", c.token)
			w := httptest.NewRecorder()
			devlink.Handler(link.Token, func(devlink.Message) { t.Error("the message arrives") }).ServeHTTP(w, r)
			if w.Code != c.status && (c.path != "/alive" || w.Code != http.StatusUnauthorized) {
				t.Errorf("status %d, want %d", w.Code, c.status)
			}
		})
	}
	select {
	case m := <-messages:
		t.Errorf("got %+v", m)
	default:
	}
}

func TestEmptyTokenLetsNobodyIn(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/alive", nil)
	r.Header.Set("Authorization", "Bearer ")
	w := httptest.NewRecorder()
	devlink.Handler("", func(devlink.Message) {}).ServeHTTP(w, r)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("status %d", w.Code)
	}
}

// The attack: a program that took the port of a dev server that has ended sends the application, and its token, elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect is followed")
	}))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	err := devlink.Link{Control: server.URL, Token: "x"}.SendReady(t.Context(), devlink.Ready{Address: "127.0.0.1:1"})
	if err == nil || !strings.Contains(err.Error(), "307") {
		t.Errorf("got %v", err)
	}
}

func TestPort(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]int{
		"http://localhost:8000": 8000, "https://blog.localhost": 443, "http://localhost": 80, "": 0, "::": 0,
		"http://localhost:x": 0,
	} {
		if got := (devlink.Link{Public: public}).Port(); got != want {
			t.Errorf("%q: %d, want %d", public, got, want)
		}
	}
}

func TestAwaitStop(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"":                                      "[1]",
		"stop\n":                                "[0 1]",
		"stop\r\nstop\n":                        "[0 1]",
		"hello\nstop\nand\n":                    "[0 1]",
		"stop":                                  "[0 1]",
		"nonstop\n stopping\n":                  "[1]",
		strings.Repeat("x", 1<<20) + "\nstop\n": "[1]",
	} {
		got := []devlink.Stop{}
		for end := range devlink.AwaitStop(strings.NewReader(input)) {
			got = append(got, end)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%.20q: %v, want %s", input, got, want)
		}
	}
}

func TestAwaitStopWaits(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	ends := devlink.AwaitStop(r)
	if _, err := io.WriteString(w, "stop\n"); err != nil {
		t.Fatal(err)
	}
	if end := <-ends; end != devlink.Graceful {
		t.Errorf("got %v", end)
	}
	select {
	case end := <-ends:
		t.Errorf("got %v although the pipe is open", end)
	default:
	}
	_ = w.Close()
	if end := <-ends; end != devlink.Immediate {
		t.Errorf("got %v", end)
	}
}

func TestPublishedLinksAreFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if _, ok := devlink.Find(t.Context(), root); ok {
		t.Error("a dev server is found in an empty folder")
	}
	link, _ := newControlServer(t)
	remove, err := link.Publish(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := devlink.Find(t.Context(), root); !ok || got != link {
		t.Errorf("got %+v, %t", got, ok)
	}
	info, err := os.Stat(filepath.Join(root, ".covet", "loop.json"))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the mode is %v", info.Mode())
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(filepath.Join(root, ".covet")); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// Other commands find the first of several dev servers in one folder, whichever ends, and the second when it starts an
// application after the first has ended.
func TestTheFirstDevServerIsFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	first, _ := newControlServer(t)
	second, _ := newControlServer(t)
	removeFirst, err := first.Publish(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	removeSecond, err := second.Publish(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if err := removeSecond(); err != nil {
		t.Fatal(err)
	}
	if got, ok := devlink.Find(t.Context(), root); !ok || got != first {
		t.Errorf("got %+v, %t", got, ok)
	}
	if err := removeFirst(); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Publish(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	if err := removeFirst(); err != nil { // once more: it is not its own any longer
		t.Fatal(err)
	}
	if got, ok := devlink.Find(t.Context(), root); !ok || got != second {
		t.Errorf("got %+v, %t", got, ok)
	}
}

// A dev server that was killed leaves its file; so may anybody.
func TestStaleFilesAreIgnored(t *testing.T) {
	t.Parallel()
	stopped, _ := newControlServer(t)
	server := httptest.NewServer(http.NotFoundHandler())
	stopped.Control = server.URL
	server.Close()
	other, _ := newControlServer(t)
	other.Token = devlink.NewToken()
	elsewhere := stopped
	elsewhere.Control = "http://10.0.0.1:80"
	for name, content := range map[string]any{
		"a dev server that was killed": stopped, "a dev server with another token": other, "another machine": elsewhere,
		"no link": map[string]string{}, "no object": 7,
	} {
		root := t.TempDir()
		text, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		write(t, root, text)
		if _, ok := devlink.Find(t.Context(), root); ok {
			t.Errorf("%s is found", name)
		}
	}
}

// A control server that never answers does not hold up the command that looks for it.
func TestFindDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	root := t.TempDir()
	text, err := json.Marshal(devlink.Link{Control: server.URL, Token: "x"})
	if err != nil {
		t.Fatal(err)
	}
	write(t, root, text)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, ok := devlink.Find(ctx, root); ok || ctx.Err() != nil {
		t.Errorf("found %t, %v", ok, ctx.Err())
	}
}

// The attack: a link in the place of the file makes the dev server overwrite another file with the token.
func TestPublishReplacesSymbolicLinks(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	victim := filepath.Join(root, "victim")
	if err := os.WriteFile(victim, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	write(t, root, nil)
	path := filepath.Join(root, ".covet", "loop.json")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, path); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	link, _ := newControlServer(t)
	if _, ok := devlink.Find(t.Context(), root); ok {
		t.Error("a link is followed")
	}
	if _, err := link.Publish(t.Context(), root); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(victim); err != nil || string(content) != "mine" {
		t.Errorf("the other file holds %q, %v", content, err)
	}
}

func write(t *testing.T, root string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(root, ".covet"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".covet", "loop.json"), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzEnvironment(f *testing.F) {
	f.Add("e30")
	_, text, _ := strings.Cut(devlink.Link{Control: "http://127.0.0.1:1", Token: "x"}.Environ(), "=")
	f.Add(text)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) {
			return
		}
		t.Setenv(devlink.Variable, text)
		link, ok, err := devlink.FromEnvironment()
		if ok != (err == nil) || ok && !strings.HasPrefix(link.Control, "http://") {
			t.Errorf("%q: %+v, %t, %v", text, link, ok, err)
		}
	})
}
