package auth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// unlimited lifts the limits that a test of many requests would run into.
func unlimited() []apptest.Option {
	var opts []apptest.Option
	for _, key := range []string{"logins_per_account", "logins_per_address", "mails_per_address", "mails_per_account"} {
		opts = append(opts, apptest.Set("auth."+key, "100000"))
	}
	return opts
}

// tries are the requests by which an attacker may find out whether an address has an account. The addresses have the
// same length.
var tries = map[string]func(email string) (path string, form url.Values){
	"log-in": func(email string) (string, url.Values) {
		return "/login", url.Values{"email": {email}, "password": {"not the password"}}
	},
	"sign-up": func(email string) (string, url.Values) {
		return "/signup", url.Values{"email": {email}, "password": {password}, "display_name": {"Ada"}}
	},
	"reset": func(email string) (string, url.Values) {
		return "/password/forgot", url.Values{"email": {email}}
	},
}

// Threat: the answer tells whether an address has an account, or whether it is disabled.
func TestAnswersDoNotTell(t *testing.T) {
	t.Parallel()
	a := start(t, unlimited()...)
	account(t, a, "known@example.com")
	disabled := time.Now()
	account(t, a, "ended@example.com", func(u *models.User) { u.DisabledAt = &disabled })
	account(t, a, "blank@example.com", func(u *models.User) { u.PasswordHash = "" })
	for name, try := range tries {
		answers := map[string]string{}
		for _, email := range []string{"known@example.com", "ended@example.com", "blank@example.com", "other@example.com"} {
			path, form := try(email)
			got := bareOf(t, a).post(path, form)
			for _, h := range []string{"Date", "X-Request-Id", "Content-Security-Policy"} {
				got.Header.Del(h)
			}
			body := strings.ReplaceAll(got.body, email, "EMAIL")
			var headers strings.Builder
			if err := got.Header.Write(&headers); err != nil {
				t.Fatal(err)
			}
			answers[email] = got.Status + "\n" + headers.String() + "\n" + nonce.ReplaceAllString(body, "")
			if got.location() != "" {
				answers[email] += nonce.ReplaceAllString(bareOf(t, a).get(got.location()).must(http.StatusOK).body, "")
			}
		}
		for email, answer := range answers {
			if answer != answers["other@example.com"] {
				t.Errorf("%s answers differently for %s:\n%s\nand for one that is unknown:\n%s", name, email, answer, answers["other@example.com"])
			}
		}
	}
	a.DrainJobs() // a disabled account gets no link, and an unknown address none
	for _, mail := range a.Mails() {
		if to := mail.To[0].Address; strings.Contains(mail.Text, "/password/reset") && to != "known@example.com" && to != "blank@example.com" {
			t.Errorf("a link went to %s", to)
		}
	}
}

// nonce is what differs between two responses with the same page.
var nonce = regexp.MustCompile(` nonce="[^"]*"`)

// Threat: the time of the answer tells. Work is measured in the memory that it allocates, which does not depend on how
// busy the machine is: a hash allocates 19 MiB, so a log-in that did not hash for unknown addresses would differ by that.
// Samples of both kinds are taken in turn, and their medians are compared.
func TestWorkDoesNotTell(t *testing.T) {
	a := start(t, append(unlimited(), apptest.StrongPasswords())...) // not parallel: it measures
	account(t, a, "known@example.com", strong)
	for name, try := range tries {
		known, unknown := measure(t, a, try)
		ratio, difference := float64(known)/float64(unknown), max(known, unknown)-min(known, unknown)
		if (ratio <= 0.7 || ratio >= 1.4) && difference > 64<<10 { // less is noise of other goroutines
			t.Errorf("%s allocates %d bytes for an address that has an account, and %d for another", name, known, unknown)
		}
	}
}

func measure(t *testing.T, a *apptest.App, try func(string) (string, url.Values)) (known, unknown uint64) {
	t.Helper()
	const samples = 5
	allocated := map[string][]uint64{}
	for i := range samples * 2 {
		email := []string{"known@example.com", "other@example.com"}[i%2]
		path, form := try(email)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		bareOf(t, a).post(path, form)
		runtime.ReadMemStats(&after)
		allocated[email] = append(allocated[email], after.TotalAlloc-before.TotalAlloc)
	}
	for _, list := range allocated {
		slices.Sort(list)
	}
	return allocated["known@example.com"][samples/2], allocated["other@example.com"][samples/2]
}
