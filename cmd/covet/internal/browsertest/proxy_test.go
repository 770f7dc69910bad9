package browsertest_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// tab is one tab of a browser.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp keeps its tab in a context

	mu         sync.Mutex
	complaints []string
}

// all shows error pages in each look. Otherwise they are shown in two looks that have nothing in common.
var all = flag.Bool("all", false, "show error pages in each look")

// shared is the browser of this process, whose tabs the tests open.
var shared struct {
	sync.Mutex
	ctx   context.Context //nolint:containedctx // chromedp keeps its browser in a context
	close func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.close != nil {
		shared.close()
	}
	os.Exit(code)
}

// sharedBrowser starts the browser, or returns the one that runs. Without Chromium the test is skipped, unless
// COVET_REQUIRE_SERVERS=1 demands it.
func sharedBrowser(t *testing.T) context.Context {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil {
		return shared.ctx
	}
	var path string
	for _, name := range []string{"google-chrome", "chromium-browser", "chromium"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
			t.Fatal("Chromium is required and not installed")
		}
		t.Skip("Chromium is not installed")
	}
	profile, err := os.MkdirTemp("", "covet-browser-")
	if err != nil {
		t.Fatal(err)
	}
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(),
		append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
			chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-gpu", true), chromedp.UserDataDir(profile))...)
	ctx, cancel := chromedp.NewContext(allocator)
	shared.close = func() {
		cancel() // waits for the process
		cancelAllocator()
		_ = os.RemoveAll(profile)
	}
	if err := chromedp.Do(ctx); err != nil {
		shared.close()
		shared.close = nil
		t.Fatal(err)
	}
	shared.ctx = ctx
	return ctx
}

// newTab opens a tab that closes with the test, with cookies and storage of its own.
func newTab(t *testing.T, width int64, scheme string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(sharedBrowser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t}
	if err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			b.complaints = append(b.complaints, e.ExceptionDetails.Text)
		}
	}); err != nil {
		t.Fatal(err)
	}
	var cancelTimeout context.CancelFunc
	b.ctx, cancelTimeout = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancelTimeout)
	b.do(focused, chromedp.EmulateViewport(width, 800), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
	return b
}

// focused keeps the focus in a tab: those of other tests must not take it away, because a page that is hidden waits.
var focused = chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
	_, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	return err
})

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func eval[T any](b *tab, script string) (T, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// until waits until an expression holds. A page that is just loading cannot be asked.
func (b *tab) until(expression string) {
	b.t.Helper()
	defer func() {
		if b.t.Failed() {
			state, err := eval[string](b, "[document.title, location.href, document.readyState, scrollY, "+
				"document.querySelector('[data-covet]')?.dataset.covet, "+
				"JSON.stringify(sessionStorage)].join(', ')")
			b.t.Log(state, err)
		}
	}()
	eventually(b.t, expression, func() bool {
		holds, err := eval[bool](b, "!!("+expression+")")
		return err == nil && holds
	})
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("body")))
}

// blog is an application whose pages say which build made them.
type blog struct {
	name  string
	posts *atomic.Int64
	css   *atomic.Value
}

func (a blog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if strings.HasPrefix(r.URL.Path, "/assets/") {
		h.Set("Content-Type", "text/css")
		fmt.Fprint(w, a.css.Load())
		return
	}
	if r.Method == http.MethodPost {
		a.posts.Add(1)
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'self'")
	fmt.Fprintf(w,
		`<!doctype html><html lang="en"><head><title>%s</title><link rel="stylesheet" href="/assets/css/app.3kTMd9x0.css"></head>`+
			`<body><form method="post"><input name="q"><button>Send</button></form><div class="tall">tall</div></body></html>`,
		a.name)
}

func TestPagesFollowTheApplication(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	posts, css := new(atomic.Int64), new(atomic.Value)
	css.Store(".tall { height: 5000px; color: rgb(1, 1, 1) }")
	serve := func(name string) {
		d.Serve(address(application(t, blog{name, posts, css}.ServeHTTP)))
		d.Notify(proxy.Event{})
	}
	serve("first")
	b := newTab(t, 1000, "light")
	b.visit(d.url)
	b.until(`document.title === "first" && window.covetLoop`)

	// A stylesheet is swapped in place: nothing else of the page changes.
	b.until(`(scrollTo(0, 1200), document.querySelector("input").value = "typed", window.mine = true)`)
	css.Store(".tall { height: 5000px; color: rgb(2, 2, 2) }")
	d.Notify(proxy.Event{CSS: []string{"/assets/css/app.css"}})
	b.until(`getComputedStyle(document.querySelector(".tall")).color === "rgb(2, 2, 2)" && document.querySelectorAll("link").length === 1`)
	b.until(`window.mine && scrollY === 1200 && document.querySelector("input").value === "typed"`)

	// A new build loads the page again, where it was.
	serve("second")
	b.until(`document.title === "second" && !window.mine && scrollY === 1200`)

	// A broken build shows the error, which goes away by itself, back to where the page was.
	d.Fail(proxy.Fault{Kind: proxy.Build, Detail: "broken"})
	d.Notify(proxy.Event{})
	b.until(`document.title === "The application does not compile"`)
	serve("third")
	b.until(`document.title === "third" && scrollY === 1200`)

	// A page that answers a POST is not sent again.
	b.until(`(document.querySelector("form").submit(), true)`)
	eventually(t, "the form to be sent", func() bool { return posts.Load() == 1 })
	b.until(`document.title === "third" && window.covetLoop && document.readyState === "complete"`)
	serve("fourth")
	b.until(`document.title === "fourth"`)
	if posts.Load() != 1 {
		t.Errorf("the form was sent %d times", posts.Load())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		t.Errorf("the browser complains: %s", complaint)
	}
}

// A page survives the end of its dev server, and loads again once there is another at the same address.
func TestPagesFollowAnotherDevServer(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	css := new(atomic.Value)
	css.Store("")
	d.Serve(address(application(t, blog{"first", new(atomic.Int64), css}.ServeHTTP)))
	d.Notify(proxy.Event{})
	var current atomic.Pointer[proxy.Proxy]
	current.Store(d.Proxy)
	public := application(t, func(w http.ResponseWriter, r *http.Request) { current.Load().ServeHTTP(w, r) })
	b := newTab(t, 1000, "light")
	b.visit(public.URL)
	b.until(`document.title === "first" && window.covetLoop`)
	next := newTestProxy(t, proxy.Config{})
	next.Serve(address(application(t, blog{"second", new(atomic.Int64), css}.ServeHTTP)))
	current.Store(next.Proxy)
	d.Close()
	b.until(`document.title === "second"`)
}

// The pages are legible in every look, and fit a phone. COVET_SCREENSHOTS names a folder for their pictures, and
// COVET_AXE the script of axe-core.
func TestErrorPagesInABrowser(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	source := "package posts\n\nimport \"fmt\"\n\n" +
		"func (h *Handler) Show(c echo.Context) error {\n\tpost, err := h.find(c)\n\tif err != nil {\n" +
		"\t\treturn fmt.Errorf(\"showing a post with a rather long line so that it has to scroll in a narrow window: %w\", " +
		"errr)\n\t}\n\treturn nil\n}\n"
	if err := os.MkdirAll(filepath.Join(root, "app", "posts"), 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(root, "app", "posts", "posts.go")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	nothing := func(context.Context) error { return nil }
	d := newTestProxy(t, proxy.Config{Root: root, Migrate: nothing, Restart: nothing, MaxHoldPage: time.Millisecond})
	faults := map[string]*proxy.Fault{
		"build": {
			Kind: proxy.Build, Problems: []proxy.Problem{
				{File: "app/posts/posts.go", Line: 8, Column: 111, Message: "undefined: errr"},
				{File: "app/posts/posts.go", Line: 6, Column: 2, Message: "declared and not used: post"},
			},
			Command: "go build -o .covet/blog ./cmd/blog", Took: 1234 * time.Millisecond,
		},
		"panic": {
			Kind: proxy.Exit, Detail: "It panicked (exit status 2).", Hint: "It starts again when a file changes.",
			Output: "INFO listening address=127.0.0.1:41233\n\x1b[31mpanic\x1b[0m: runtime error: " +
				"invalid memory address or nil pointer dereference\n\ngoroutine 1 [running]:\n" +
				"example.com/blog/app/posts.(*Handler).Show(0x0)\n\t" + file +
				":6 +0x1d\nmain.main()\n\t/elsewhere/main.go:9 +0x25\nexit status 2\n",
		},
		"migrations": {
			Kind: proxy.Pending, Hint: "Apply them here, or with covet migrate.",
			Migrations: []proxy.Migration{
				{Source: "app", Version: 20260101120000, Name: "create_posts"},
				{Source: "app", Version: 20260102120000, Name: "add_slug_to_posts"},
			},
		},
		"waiting": nil,
	}
	tabs := map[string]*tab{"light": newTab(t, 1280, "light")}
	if *all {
		tabs["dark"], tabs["phone"] = newTab(t, 1280, "dark"), newTab(t, 360, "light")
	} else {
		tabs["dark phone"] = newTab(t, 360, "dark")
	}
	for _, name := range []string{"waiting", "build", "panic", "migrations"} {
		if fault := faults[name]; fault != nil {
			d.Fail(*fault)
		}
		for look, b := range tabs {
			b.visit(d.url + "/posts/7?from=home")
			if over, err := eval[int](b,
				`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 || err != nil {
				t.Errorf("%s, %s: %d pixels wider than the screen, %v", name, look, over, err)
			}
			if headings, err := eval[int](b, `document.querySelectorAll("h1").length`); headings != 1 || err != nil {
				t.Errorf("%s: %d main headings, %v", name, headings, err)
			}
			b.accessible(name + ", " + look)
			b.picture("loop-" + name + "-" + look)
		}
	}
}

func (b *tab) accessible(name string) {
	b.t.Helper()
	path := os.Getenv("COVET_AXE")
	if path == "" {
		return
	}
	script, err := os.ReadFile(path) //nolint:gosec // the path comes from who runs the tests
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := eval[bool](b, "(() => {"+string(script)+"\nreturn true})()"); err != nil {
		b.t.Fatal(err)
	}
	found, err := eval[[]string](b,
		`axe.run(document).then(result => result.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html.slice(0, 200)).join("\n")))`)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, violation := range found {
		b.t.Errorf("%s: %s", name, violation)
	}
}

func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("COVET_SCREENSHOTS")
	if dir == "" {
		return
	}
	image, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), image, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
