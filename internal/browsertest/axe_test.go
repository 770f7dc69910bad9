package browsertest_test

import (
	"os"

	"github.com/chromedp/chromedp"
)

// inspect holds that a page fits the screen and is accessible, and takes its
// picture.
func (b *browser) inspect(name string) {
	b.t.Helper()
	b.fits()
	b.accessible(name)
	b.picture(name)
}

// accessible holds that axe-core finds nothing wrong with the page. The
// variable COVET_AXE names its script, axe.min.js of the npm package axe-core;
// without it the page is not checked, and the summary of the run says so.
func (b *browser) accessible(name string) {
	b.t.Helper()
	path := os.Getenv("COVET_AXE")
	if path == "" {
		if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
			b.t.Fatal("COVET_AXE has to name axe.min.js")
		}
		note(b.t, "axe-core: COVET_AXE is not set, accessibility not checked")
		return
	}
	note(b.t, "axe-core: "+path)
	script, err := os.ReadFile(path) //nolint:gosec // the path comes from who runs the tests
	if err != nil {
		b.t.Fatal(err)
	}
	ask(b, chromedp.Evaluate[bool]("("+"() => {"+string(script)+"\nreturn true})()"))
	// A mail is shown in a frame, as its sender made it.
	found := ask(b, chromedp.Evaluate[[]string](`axe.run(document, {iframes: false}).then(result => result.violations.map(
		v => v.id + ": " + v.help + " — " + v.nodes.map(n => n.target.join(" ") + " " + n.html.slice(0, 200)).join("\n")))`, chromedp.EvalAwaitPromise))
	for _, violation := range found {
		b.t.Errorf("%s: %s", name, violation)
	}
}
