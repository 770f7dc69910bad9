package browsertest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// all goes through the pages in each look. Otherwise tests go through them once, in the first look, and each page is
// shown in the same tab as a phone in dark colours shows it.
var all = flag.Bool("all", false, "go through the pages in each look")

// look is a way to see a page.
type look struct {
	name          string
	width, height int64
	scheme        string
}

var looks = []look{
	{"light", 1280, 900, "light"},
	{"dark", 1280, 900, "dark"},
	{"phone", 360, 740, "light"},
}

// opposite has nothing in common with the first look.
var opposite = look{"opposite", 360, 740, "dark"}

// inLooks runs a test in a tab of each look that this run has.
func inLooks(t *testing.T, test func(t *testing.T, b *browser)) {
	t.Helper()
	chosen := looks
	if !*all {
		chosen = looks[:1]
	}
	for _, l := range chosen {
		t.Run(l.name, func(t *testing.T) {
			b := newBrowser(t, l)
			b.again = !*all
			test(t, b)
		})
	}
}

// shared is the browser of this process, whose tabs the tests open. Starting one takes a second.
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
	if programs != "" {
		_ = os.RemoveAll(programs)
	}
	os.Exit(code)
}

// sharedBrowser starts the browser, or returns the one that runs.
func sharedBrowser(t *testing.T) context.Context {
	t.Helper()
	path := chromium(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil {
		return shared.ctx
	}
	profile, err := os.MkdirTemp("", "covet-browser-")
	if err != nil {
		t.Fatal(err)
	}
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-gpu", true), chromedp.UserDataDir(profile),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), opts...)
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

// actionTimeout bounds each thing that a test does in the browser.
const actionTimeout = time.Minute

// browser is one tab, and what the browser complained about in it.
type browser struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // chromedp keeps its tab in a context
	look look
	// again is whether inspections are repeated in the opposite look.
	again bool

	clicks int // how often click was called

	mu         sync.Mutex
	complaints []string
}

// newBrowser opens a tab that closes with the test, with cookies of its own. Without Chromium the test is skipped, unless
// COVET_REQUIRE_SERVERS=1 demands it.
func newBrowser(t *testing.T, l look) *browser {
	t.Helper()
	ctx, cancel := chromedp.NewContext(sharedBrowser(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, look: l}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.run(
		// Tabs of other tests must not take the focus away.
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
			return err
		}),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
			return err
		}),
	)
	b.show(l)
	return b
}

// show shows the page of the tab in a look.
func (b *browser) show(l look) {
	b.t.Helper()
	b.look = l
	b.run(
		chromedp.EmulateViewport(l.width, l.height),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: l.scheme},
					{Name: "prefers-reduced-motion", Value: "reduce"}, // colours do not change gradually
				},
			})
			return err
		}),
	)
}

func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			note(t, "Chromium: "+path)
			return path
		}
	}
	if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
		t.Fatal("Chromium is required and not installed")
	}
	note(t, "Chromium: not installed, browser tests left out")
	t.Skip("Chromium is not installed")
	return ""
}

var noted sync.Map

// note adds a line to the summary of the run, once (see package testserver).
func note(t *testing.T, line string) {
	t.Helper()
	path := os.Getenv("COVET_TEST_SERVERS")
	if _, again := noted.LoadOrStore(line, true); again || path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the path comes from who runs the tests
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(f, line); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// listen collects what a developer would see in the console: violated policies,
// failed requests, exceptions.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.complaints = append(b.complaints, fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.URL, e.Entry.Text))
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, e.ExceptionDetails.Text)
	}
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := b.do(actions...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.ctx, actionTimeout)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// ask runs an action that returns something.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, actionTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// visit opens a page, and holds that it fits the screen.
func (b *browser) visit(url string) {
	b.t.Helper()
	// A page that is still on its way can cut the way to this one short.
	if err := b.do(chromedp.Navigate(url)); err != nil && strings.Contains(err.Error(), "ERR_ABORTED") {
		b.run(chromedp.Navigate(url))
	} else if err != nil {
		b.t.Fatal(err)
	}
	b.run(chromedp.WaitReady(chromedp.CSS("body")))
	b.fits()
}

// eachWay inspects the page as the tab shows it, and where the test has no other tabs also in the opposite look.
func (b *browser) eachWay(inspect func()) {
	b.t.Helper()
	inspect()
	if b.again {
		before := b.look
		b.show(opposite)
		inspect()
		b.show(before)
	}
}

// fits holds that the page is not wider than the screen.
func (b *browser) fits() {
	b.t.Helper()
	over := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	if over > 0 {
		b.t.Errorf("the page is %d pixels wider than the screen", over)
	}
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	return strings.Join(strings.Fields(ask(b, chromedp.Text(chromedp.CSS(selector)))), " ")
}

// quiet holds that the browser complained about nothing but the statuses of
// error pages, whose path is given.
func (b *browser) quiet(expected ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		known := slices.ContainsFunc(expected, func(path string) bool {
			return strings.Contains(complaint, path+":") && strings.Contains(complaint, "the server responded with a status of")
		})
		if !known {
			b.t.Errorf("the browser complains: %s", complaint)
		}
	}
}

// picture saves a screenshot of the whole page below COVET_SCREENSHOTS, if set.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("COVET_SCREENSHOTS")
	if dir == "" {
		return
	}
	image := ask(b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(dir, name+"-"+b.look.name+".png")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
