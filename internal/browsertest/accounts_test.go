package browsertest_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/mail"
)

const password = "correct horse battery"

// TestAccounts goes through every page of accounts as a person does.
func TestAccounts(t *testing.T) {
	t.Parallel()
	a := develop(t)
	url := a.LocalURL()
	inLooks(t, func(t *testing.T, b *browser) {
		email := "ada." + b.look.name + "@example.com"
		see := b.inspect
		b.visit(url + "/signup")
		see("signup")
		b.send("#email", "nobody")
		see("signup-faulty")
		b.send("#display_name", "Ada Lovelace", "#email", email, "#password", password)
		see("signup-sent")
		b.visit(url + linkIn(t, a, email, "/signup/confirm"))
		see("confirm")
		b.send("#password", password)
		see("welcome")
		b.eachWay(func() {
			b.openMenu()
			if got := b.text("nav.account a"); got != "Ada Lovelace" {
				t.Errorf("the header says %q", got)
			}
		})
		for _, page := range []string{"/account", "/profile", "/account/password", "/account/email", "/account/locale", "/account/sessions", "/account/tokens", "/account/delete"} {
			b.visit(url + page)
			see(strings.ReplaceAll(page[1:], "/", "-"))
		}
		b.visit(url + "/account/tokens")
		b.run(chromedp.Click(chromedp.CSS(`input[name=scopes][value="*"]`)))
		b.send("#name", "Nightly build", "#password", password)
		see("account-tokens-created")
		b.visit(url + "/account/delete")
		b.send("#confirm", "other@example.com", "#password", password)
		see("account-delete-faulty")

		b.visit(url + "/account")
		b.openMenu()
		b.run(chromedp.Click(chromedp.CSS("nav.account button")), chromedp.WaitVisible(chromedp.CSS(".flash")))
		see("signed-out")
		// Threat: the next user of the browser goes back to the pages of the one before.
		b.run(chromedp.NavigateBack(), chromedp.WaitReady(chromedp.CSS("body")))
		if got := ask(b, chromedp.Evaluate[string]("document.body.innerText")); strings.Contains(got, email) || strings.Contains(got, "Ada Lovelace") {
			t.Errorf("Back shows after the log-out: %s", got)
		}
		b.visit(url + "/account")
		see("login-next")
		b.send("#email", email, "#password", "not the password")
		see("login-wrong")
		b.visit(url + "/password/forgot")
		see("forgot")
		b.send("#email", email)
		see("forgot-sent")
		b.visit(url + linkIn(t, a, email, "/password/reset"))
		see("reset")
		b.visit(url + "/password/reset?token=x")
		see("stale")
		b.quiet("/signup", "/login", "/account/delete", "/password/reset?token=x")
	})
}

// send fills the form of the page in, by pairs of selector and value, and waits for the page that follows.
func (b *browser) send(pairs ...string) {
	b.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		b.run(chromedp.SetValue(chromedp.CSS(pairs[i]), pairs[i+1]))
	}
	ask(b, chromedp.Evaluate[bool](`document.body.dataset.old = "true", true`))
	b.run(chromedp.Click(chromedp.CSS("main form.stack button:not([type=button])")), chromedp.WaitReady(chromedp.CSS("body:not([data-old])")))
}

// openMenu opens the menu of the page where it is behind a button.
func (b *browser) openMenu() {
	b.t.Helper()
	ask(b, chromedp.Evaluate[bool](`(() => {
		const button = document.querySelector(".menu-button");
		if (button && getComputedStyle(button).display !== "none") button.click();
		return true;
	})()`))
}

// linkIn waits for a mail to a recipient with a link to a path, and returns the link below the address of the
// application.
func linkIn(t *testing.T, a *covet.App, to, path string) string {
	t.Helper()
	folder := mail.NewFolder(filepath.Join(a.Config.App.DataDir, "mail"))
	link := regexp.MustCompile(regexp.QuoteMeta(path) + `\?token=[A-Za-z0-9_-]+`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		mails, err := folder.List()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mails {
			if found := link.FindString(m.Text); found != "" && m.To[0].Address == to {
				return found
			}
		}
	}
	t.Fatalf("no mail to %s leads to %s", to, path)
	return ""
}
