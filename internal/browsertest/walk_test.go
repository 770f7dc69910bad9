package browsertest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	covet "github.com/covetgo/covet/app"
	covetconfig "github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/browsertest/failing"
	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/config"
)

// develop runs the skeleton as its developer does, on a port and in a folder of
// the test, with two handlers that fail.
func develop(t *testing.T) *covet.App {
	t.Helper()
	dir := t.TempDir()
	loaded, err := covetconfig.Load[config.Config](covetconfig.Options{
		Dir: "../../scaffold/skeleton", Environ: []string{},
		Flags: map[string]string{"port": "0", "app.data_dir": dir, "database.url": "sqlite:" + dir + "/app.db", "log.level": "error"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(loaded.Value)
	if err != nil {
		t.Fatal(err)
	}
	failing.Register(a.Echo)
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Start(t.Context(), covet.Roles{Web: true, Work: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Stop(t.Context()); err != nil && !strings.Contains(err.Error(), "context canceled") {
			t.Error(err)
		}
	})
	return a
}

func TestWalk(t *testing.T) {
	t.Parallel()
	url := develop(t).LocalURL()
	inLooks(t, func(t *testing.T, b *browser) {
		b.visit(url + "/")
		b.inspect("home")
		b.colours()

		b.run(chromedp.Click(chromedp.CSS("main a[href='/contact']")), chromedp.WaitVisible(chromedp.CSS("form")))
		b.inspect("contact")
		b.run(
			chromedp.SendKeys(chromedp.CSS("#name"), "Ada"),
			chromedp.SendKeys(chromedp.CSS("#email"), "nobody"),
			chromedp.Click(chromedp.CSS("form .button")),
			chromedp.WaitVisible(chromedp.CSS(".summary")),
		)
		b.fits()
		b.inspect("contact-faulty")
		if got := b.text("#email-error"); !strings.Contains(got, "email address") {
			t.Errorf("the e-mail's error is %q", got)
		}
		subject := "Ada " + b.look.name
		b.run(
			chromedp.SetValue(chromedp.CSS("#name"), subject),
			chromedp.SetValue(chromedp.CSS("#email"), "ada@example.com"),
			chromedp.SendKeys(chromedp.CSS("#body"), "Hello, I would like to know more.\nAda"),
			chromedp.Click(chromedp.CSS("form .button")),
			chromedp.WaitVisible(chromedp.CSS(".flash")),
		)
		b.fits()
		b.inspect("contact-sent")

		b.mail(url, subject)
		b.inspect("mail")

		b.visit(url + "/nowhere")
		b.inspect("unknown")
		b.visit(url + "/fail")
		if got := b.text("h1"); got != "reading the stars: it is cloudy" {
			t.Errorf("the error page says %q", got)
		}
		b.inspect("fail")
		b.visit(url + "/panic")
		if got := b.text("mark"); !strings.Contains(got, `panic("the sky is falling")`) {
			t.Errorf("the error page points at %q", got)
		}
		b.inspect("panic")
		b.quiet("/contact", "/nowhere", "/fail", "/panic")
	})
}

// colours holds that the page is light in light and dark in dark.
func (b *browser) colours() {
	b.t.Helper()
	b.eachWay(func() { b.colour(b.look.scheme) })
}

func (b *browser) colour(scheme string) {
	b.t.Helper()
	lightness := ask(b, chromedp.Evaluate[float64](`(() => {
		const c = document.createElement("canvas").getContext("2d");
		c.fillStyle = getComputedStyle(document.body).backgroundColor;
		c.fillRect(0, 0, 1, 1);
		const [r, g, b] = c.getImageData(0, 0, 1, 1).data;
		return (r + g + b) / 3;
	})()`))
	if (lightness > 128) != (scheme == "light") {
		b.t.Errorf("the background has a lightness of %.0f in %s", lightness, scheme)
	}
}

// mail opens the inbox until the job has sent the mail, and opens the mail.
func (b *browser) mail(url, subject string) {
	b.t.Helper()
	selector := fmt.Sprintf(`//nav//a[contains(., %q)]`, subject)
	for deadline := time.Now().Add(30 * time.Second); ; {
		b.visit(url + "/dev/mail")
		if ask(b, chromedp.Evaluate[bool](fmt.Sprintf(`document.body.innerText.includes(%q)`, subject))) {
			break
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("no mail about %q arrives", subject)
		}
	}
	b.run(chromedp.Click(chromedp.Search(selector)), chromedp.WaitVisible(chromedp.CSS("article iframe")))
	b.fits()
	if got := b.text("article pre"); !strings.Contains(got, "I would like to know more.") {
		b.t.Errorf("the mail's text is %q", got)
	}
}
