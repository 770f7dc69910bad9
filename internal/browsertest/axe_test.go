package browsertest_test

import (
	"os"

	"github.com/chromedp/chromedp"
)

// inspect holds that a page fits the screen and is accessible, and takes its
// picture.
func (b *browser) inspect(name string) {
	b.t.Helper()
	b.eachWay(func() {
		b.fits()
		b.accessible(name)
		b.picture(name)
	})
}

// visual are the rules of axe-core about colours and sizes. The others find the same in each look of a page.
const visual = `["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable"]`

// accessible holds that axe-core finds nothing wrong with the page. The
// variable COVET_AXE names its script, axe.min.js of the npm package axe-core;
// without it the page is not checked, and the summary of the run reports it.
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
	if !ask(b, chromedp.Evaluate[bool]("window.axe !== undefined")) {
		ask(b, chromedp.Evaluate[bool]("("+"() => {"+string(script)+"\nreturn true})()"))
	}
	options := "{iframes: false}" // a mail is shown in a frame, as its sender made it
	if b.look == opposite {
		options = "{iframes: false, runOnly: " + visual + "}"
	}
	found := ask(b, chromedp.Evaluate[[]string](`axe.run(document, `+options+`).then(result => result.violations.map(
		v => v.id + ": " + v.help + " — " + v.nodes.map(n => n.target.join(" ") + " " + n.html.slice(0, 200)).join("\n")))`, chromedp.EvalAwaitPromise))
	for _, violation := range found {
		b.t.Errorf("%s, %s: %s", name, b.look.name, violation)
	}
}
