package views_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/cmd/covet/internal/views"
	"github.com/covetgo/covet/scaffold"
)

// application is one that "covet new" makes, compiled, with an administrator.
type application struct {
	project
	binary  string
	port    string
	cookies http.CookieJar
	// anonymous sends requests without the cookies of the session.
	anonymous bool
}

func newApplication(t *testing.T) *application {
	t.Helper()
	checkout, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := scaffold.Plan(scaffold.Options{Name: "blog", Replace: checkout})
	if err != nil {
		t.Fatal(err)
	}
	// Below a symbolic link: the go command knows the code by another path than the one of the file.
	parent := t.TempDir()
	folder := filepath.Join(parent, "real")
	if err := plan.Write(folder, false); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(parent, "link")
	if err := os.Symlink(folder, link); err != nil {
		link = folder
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &application{
		project: project{t: t, root: link},
		binary:  filepath.Join(folder, "blog.exe"),
		cookies: jar,
		port:    freePort(t),
	}
	a.run("go", "", "build", "-o", a.binary, "./cmd/blog")
	a.run(a.binary, "", "migrate", "up")
	a.run(a.binary, "correct horse battery staple\n", "user", "create", "ada@example.com",
		"--role", "admin", "--password-stdin")
	return a
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func (a *application) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = a.root
	cmd.Env = append(os.Environ(), "PWD="+a.root, "GOPROXY=off", "GOFLAGS=", "PORT="+a.port,
		"SECRET_KEY=kZ3v9Qx1Lr7TtY5bNw2mHc8dPf4sGj6a")
	return cmd
}

func (a *application) run(name, stdin string, args ...string) {
	a.t.Helper()
	cmd := a.command(a.t.Context(), name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if output, err := cmd.CombinedOutput(); err != nil {
		a.t.Fatalf("%s %v: %v\n%s", name, args, err, output)
	}
}

// serve runs visit while the application serves.
func (a *application) serve(environ []string, visit func()) {
	a.t.Helper()
	ctx, stop := context.WithCancel(a.t.Context())
	cmd := a.command(ctx, a.binary, "serve")
	cmd.Env = append(cmd.Env, environ...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	defer func() {
		stop()
		_ = cmd.Wait() // it was interrupted
		if a.t.Failed() {
			a.t.Log(output.String())
		}
	}()
	a.waitFor("/health", "")
	visit()
}

// waitFor asks for a page until it holds a text.
func (a *application) waitFor(path, text string) string {
	a.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		if status, body, err := a.request(http.MethodGet, path, nil); err == nil && status == http.StatusOK &&
			strings.Contains(body, text) {
			return body
		}
		<-tick.C
	}
	a.t.Fatalf("%s never shows %q", path, text)
	return ""
}

func (a *application) request(method, path string, form url.Values) (int, string, error) {
	r, err := http.NewRequestWithContext(a.t.Context(), method, "http://localhost:"+a.port+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Accept", "text/html, application/json")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := &http.Client{Jar: a.cookies}
	if a.anonymous {
		client.Jar = nil
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// varying is what differs from one request to the next.
var varying = regexp.MustCompile(
	`nonce="[^"]*"|nonce-[\w-]+|token=[\w.-]+|[0-9a-f]{8}-[0-9a-f-]{27}|\b[A-Za-z0-9_-]{22}\b|` +
		`\d\d:\d\d(:\d\d)?|\d+(\.\d+)?\s?(µs|ms|s|MiB|KiB|seconds?)\b|/dev/mail/[\w.-]+`)

func (a *application) page(method, path string, form url.Values) string {
	a.t.Helper()
	status, body, err := a.request(method, path, form)
	if err != nil {
		a.t.Fatal(err)
	}
	return http.StatusText(status) + "\n" + varying.ReplaceAllString(body, "…")
}

// pages asks for every page that a new application has, and for mails.
func (a *application) pages() map[string]string {
	a.t.Helper()
	pages := map[string]string{}
	a.anonymous = true
	for _, path := range strings.Fields("/ /signup /signup/sent /login /password/forgot /password/sent /password/reset " +
		"/account") {
		pages["anonymous "+path] = a.page(http.MethodGet, path, nil)
	}
	pages["a wrong password"] = a.page(http.MethodPost, "/login",
		url.Values{"email": {"ada@example.com"}, "password": {"wrong"}})
	pages["a faulty account"] = a.page(http.MethodPost, "/signup", url.Values{"email": {"nobody"}, "password": {"wrong"}})
	a.anonymous = false
	for _, path := range strings.Fields(`/ /contact
		/account /account/password /account/email /account/sessions /account/tokens /account/delete /profile
		/admin /admin/users /admin/users/new /admin/users/1 /admin/messages /admin/jobs /admin/nothing
		/docs /openapi.json /nothing /dev/mail /api/nothing`) {
		pages[path] = a.page(http.MethodGet, path, nil)
	}
	pages["a faulty form"] = a.page(http.MethodPost, "/contact", url.Values{"name": {"Ada"}, "email": {"nobody"}})
	a.page(http.MethodPost, "/dev/mail/clear", url.Values{})
	a.page(http.MethodPost, "/password/forgot", url.Values{"email": {"ada@example.com"}})
	inbox := a.waitFor("/dev/mail", `href="/dev/mail/`)
	_, id, _ := strings.Cut(inbox, `href="/dev/mail/`)
	id, _, _ = strings.Cut(id, `"`)
	pages["a mail"] = a.page(http.MethodGet, "/dev/mail/"+id+"/html", nil)
	pages["the inbox"] = a.page(http.MethodGet, "/dev/mail/"+id, nil)
	return pages
}

// ofProcess are the parts of a page about jobs that differ between two processes.
var ofProcess = regexp.MustCompile(
	`data-version="[^"]*"|>process \d+<|<time[^>]*>[^<]*</time>|\d+ (seconds?|minutes?)( ago)?`)

// The texts of every package that an application links are there, Covet's own included: in templ's development mode a
// page whose package has none fails to render.
func TestPagesAreTheSameInDevelopmentMode(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles an application")
	}
	a := newApplication(t)
	var plain, developing map[string]string
	a.serve(nil, func() {
		a.page(http.MethodPost, "/login",
			url.Values{"email": {"ada@example.com"}, "password": {"correct horse battery staple"}})
		a.pages() // what a first visit changes has happened
	})
	stored := filepath.Join(t.TempDir(), "stored")
	a.copyFolder(stored, filepath.Join(a.root, "storage"))
	a.serve(nil, func() { plain = a.pages() })
	if err := os.RemoveAll(filepath.Join(a.root, "storage")); err != nil {
		t.Fatal(err)
	}
	a.copyFolder(filepath.Join(a.root, "storage"), stored)
	set := a.open()
	environ, err := set.Texts(t.Context(), a.binary, filepath.Join(a.root, ".covet", "texts", "1"))
	if err != nil {
		t.Fatal(err)
	}
	a.serve(environ, func() {
		developing = a.pages()
		a.editText(set)
	})
	for path, want := range plain {
		got := developing[path]
		if path == "/nothing" { // the developers' page, with recent events: its frame is the same
			want, _, _ = strings.Cut(want, "<section")
			got, _, _ = strings.Cut(got, "<section")
		}
		if path == "/admin/jobs" { // it names the process, and what it last saw of the jobs
			want, got = ofProcess.ReplaceAllString(want, ""), ofProcess.ReplaceAllString(got, "")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-plain +development):\n%s", path, diff)
		}
		if strings.HasPrefix(want, "Internal Server Error") {
			t.Errorf("%s: %s", path, want)
		}
	}
	for path, text := range map[string]string{
		"anonymous /login": "Password", "anonymous /signup": "Password", "/admin": "Dashboard", "/docs": "<html",
		"a mail": "password", "/account": "ada@example.com", "/nothing": "404",
	} {
		if !strings.Contains(plain[path], text) {
			t.Errorf("%s does not show %q: %s", path, text, plain[path])
		}
	}
}

func (a *application) copyFolder(to, from string) {
	a.t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		a.t.Fatal(err)
	}
}

// editText changes a text of a page while the application runs.
func (a *application) editText(set *views.Set) {
	a.t.Helper()
	page := filepath.ToSlash(filepath.Join("app", "views", "layout.templ"))
	a.write(page, strings.Replace(a.read(page), "Skip to content", "Changed \"while\" it\n\t\t\t\truns", 1))
	change, err := set.Refresh(page)
	if err != nil || change.Code || !change.Text || !slices.Contains(change.Written, "app/views/layout_templ.go") {
		a.t.Errorf("refreshing: %+v, %v", change, err)
	}
	if _, body, err := a.request(http.MethodGet, "/", nil); err != nil ||
		!strings.Contains(body, `Changed "while" it runs`) {
		a.t.Errorf("the page shows %s, %v", body, err)
	}
}
