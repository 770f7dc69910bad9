package auth_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
)

// wrong sends wrong passwords until the answer is 429, and returns how many were answered.
func wrong(t *testing.T, b *bare, emails ...string) int {
	t.Helper()
	for i := range 300 {
		got := b.logIn(emails[i%len(emails)], "not the password")
		if got.StatusCode == http.StatusTooManyRequests {
			if after, err := strconv.Atoi(got.Header.Get("Retry-After")); err != nil || after < 1 {
				t.Errorf("Retry-After is %q", got.Header.Get("Retry-After"))
			}
			return i
		}
		got.must(http.StatusUnprocessableEntity)
	}
	t.Fatal("no end of attempts")
	return 0
}

// Threat: an attacker tries passwords, under another name of the same account or from an address that they made up.
func TestLogInIsThrottled(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	if n := wrong(t, bareOf(t, a), "ada@example.com", "ADA@example.com", " Ada@Example.COM "); n != 10 {
		t.Errorf("%d attempts were answered, want 10", n)
	}
	for i := range 5 {
		ip := "203.0.113." + strconv.Itoa(i)
		bareOf(t, a).with("X-Forwarded-For", ip).with("X-Real-Ip", ip).with("Forwarded", "for="+ip).
			logIn("ada@example.com", password).must(http.StatusTooManyRequests)
	}
}

// Threat: an attacker tries one password on many accounts.
func TestManyAccountsFromOneAddress(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("auth.logins_per_address", "20"))
	var emails []string
	for i := range 200 {
		emails = append(emails, "user"+strconv.Itoa(i)+"@example.com")
	}
	if n := wrong(t, bareOf(t, a), emails...); n != 20 {
		t.Errorf("%d attempts were answered, want 20", n)
	}
}

// behindProxy returns what makes clients of an application, which come from the addresses that they are given.
func behindProxy(t *testing.T, a *apptest.App) func(ip string, cookies ...*http.Cookie) *bare {
	return func(ip string, cookies ...*http.Cookie) *bare {
		return bareOf(t, a, cookies...).with("X-Forwarded-For", ip)
	}
}

// Threat: an attacker uses up the attempts of a victim, to keep them out.
func TestVictimIsNotLockedOut(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("trusted_proxies", "127.0.0.1"), apptest.Set("auth.logins_per_address", "3"))
	from := behindProxy(t, a)
	account(t, a, "victim@example.com")
	account(t, a, "mallory@example.com")
	device := from("198.51.100.1").logIn("victim@example.com", password).must(http.StatusSeeOther).cookie("device")
	mallorys := from("192.0.2.7").logIn("mallory@example.com", password).must(http.StatusSeeOther).cookie("device")

	wrong(t, from("203.0.113.1"), "victim@example.com")
	from("198.51.100.2").logIn("victim@example.com", password).must(http.StatusSeeOther) // from another address

	for i := range 18 { // a botnet: 20 times as many attempts as one address has
		wrong(t, from("203.0.113."+strconv.Itoa(10+i)), "victim@example.com")
	}
	wrong(t, from("203.0.113.99"), "victim@example.com")
	from("198.51.100.99").logIn("victim@example.com", password).must(http.StatusTooManyRequests)
	from("198.51.100.99", device).logIn("victim@example.com", password).must(http.StatusSeeOther) // the own browser, anywhere
	from("203.0.113.1", device).logIn("victim@example.com", password).must(http.StatusSeeOther)   // even there

	// A browser that another account has signed in with is nothing to this one.
	from("203.0.113.1", mallorys).logIn("victim@example.com", password).must(http.StatusTooManyRequests)
	forged := &http.Cookie{Name: device.Name, Value: "x.y"}
	from("203.0.113.1", forged).logIn("victim@example.com", password).must(http.StatusTooManyRequests)
	// And even a stolen one ends.
	if n := wrong(t, from("203.0.113.1", device), "victim@example.com"); n > 10 {
		t.Errorf("%d attempts from a known browser", n)
	}
}

// Threat: a client of IPv6 has a new address for each attempt, and a household a new network.
func TestNetworksOfIPv6(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("trusted_proxies", "127.0.0.1"))
	from := behindProxy(t, a)
	account(t, a, "victim@example.com")
	for _, tt := range []struct {
		name    string
		address func(i int) string
		want    int
	}{
		{"a /64", func(i int) string { return "2001:db8:1:2::" + strconv.Itoa(i+1) }, 10},
		{"a /56", func(i int) string { return "2001:db8:2:1" + strconv.Itoa(10+i%10) + "::1" }, 20},
		{"a /48", func(i int) string { return "2001:db8:3:" + strconv.Itoa(10+i%10) + "00::1" }, 40},
	} {
		answered, began := 0, time.Now()
		for i := range 100 {
			if from(tt.address(i)).logIn("victim@example.com", "not the password").StatusCode != http.StatusTooManyRequests {
				answered++
			}
		}
		if answered < tt.want || answered > tt.want+regained(tt.want, began) {
			t.Errorf("%s has %d attempts, want %d", tt.name, answered, tt.want)
		}
	}
	from("2001:db8:1:3::1").logIn("victim@example.com", password).must(http.StatusSeeOther) // a neighbour
	from("198.51.100.1").logIn("victim@example.com", password).must(http.StatusSeeOther)
}

// regained returns how many attempts a limit of n in fifteen minutes may have given back since the test began.
func regained(n int, began time.Time) int {
	return int(time.Since(began) * time.Duration(n) / (15 * time.Minute))
}

func forgot(b *bare, email string) *answer {
	return b.post("/password/forgot", url.Values{"email": {email}})
}

// Threat: an attacker requests mails to a victim until the victim is refused one.
func TestVictimGetsTheirMail(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("trusted_proxies", "127.0.0.1"))
	from := behindProxy(t, a)
	account(t, a, "victim@example.com")
	for i := range 20 {
		forgot(from("2001:db8:1:1"+strconv.Itoa(10+i%4)+"::1"), "victim@example.com")
	}
	a.DrainJobs()
	before := len(a.Mails())
	forgot(from("198.51.100.1"), "victim@example.com").must(http.StatusSeeOther)
	a.DrainJobs()
	if got := len(a.Mails()) - before; before != 10 || got != 1 {
		t.Errorf("the attacker had %d mails sent, the victim %d", before, got)
	}
}

// Threat: many flood a mailbox. It gets no more mails, and nobody is refused, least of all its owner.
func TestMailsAreCoalesced(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("trusted_proxies", "127.0.0.1"), apptest.Set("auth.mails_per_account", "1"), apptest.Set("auth.mails_per_address", "4"))
	from := behindProxy(t, a)
	account(t, a, "victim@example.com")
	device := from("198.51.100.1").logIn("victim@example.com", password).must(http.StatusSeeOther).cookie("device")
	for i := range 8 {
		got := forgot(from("203.0.113."+strconv.Itoa(i)), "victim@example.com").must(http.StatusSeeOther)
		if got.location() != "/password/sent" {
			t.Errorf("request %d leads to %s", i+1, got.location())
		}
	}
	a.DrainJobs()
	if got := len(a.Mails()); got != 4 {
		t.Errorf("%d mails, want 4", got)
	}
	forgot(from("203.0.113.1", device), "victim@example.com").must(http.StatusSeeOther) // the own browser
	a.DrainJobs()
	if got := len(a.Mails()); got != 5 {
		t.Errorf("%d mails, want one more", got)
	}
	forgot(from("203.0.113.1", device), "victim@example.com").must(http.StatusTooManyRequests)
}

// Threat: an attacker makes the application send endless mails to a stranger.
func TestMailsAreThrottled(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	for path, form := range map[string]url.Values{
		"/password/forgot": {"email": {"ada@example.com"}},
		"/signup":          {"email": {"bob@example.com"}, "password": {password}, "display_name": {"Bob"}},
	} {
		for i := range 6 {
			if status := bareOf(t, a).post(path, form).StatusCode; (status == http.StatusTooManyRequests) != (i == 5) {
				t.Errorf("%s: request %d has status %d", path, i+1, status)
			}
		}
	}
}

// Threat: what the application says about a sign-up, such as that a name is taken, is asked for without end.
func TestFaultySignUpsAreThrottled(t *testing.T) {
	t.Parallel()
	a := start(t)
	faulty := url.Values{"email": {"nobody"}, "password": {"short"}, "display_name": {"Bob"}}
	const limit = 100
	answered, began := 0, time.Now()
	for range 2 * limit {
		response := bareOf(t, a).post("/signup", faulty)
		if response.StatusCode == http.StatusTooManyRequests {
			break
		}
		response.must(http.StatusUnprocessableEntity)
		answered++
	}
	if answered < limit || answered > limit+regained(limit, began) {
		t.Errorf("%d sign-ups are answered, want %d", answered, limit)
	}
}

// A browser gets the form again, with what was entered, and a program a problem.
func TestRefusedFormsAreKept(t *testing.T) {
	t.Parallel()
	a := start(t, apptest.Set("auth.logins_per_account", "1"), apptest.Set("auth.mails_per_account", "1"))
	account(t, a, "ada@example.com")
	for path, form := range map[string]url.Values{
		"/login":           {"email": {"ada@example.com"}, "password": {"not the password"}},
		"/password/forgot": {"email": {"ada@example.com"}},
		"/signup":          {"email": {"bob@example.com"}, "password": {password}, "display_name": {"Bob"}},
	} {
		bareOf(t, a).post(path, form)
		page := bareOf(t, a).post(path, form).must(http.StatusTooManyRequests)
		if !strings.Contains(page.body, `value="`+form.Get("email")+`"`) || !strings.Contains(page.body, "Too many attempts") ||
			page.Header.Get("Retry-After") == "" || page.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: the page has the headers %v: %s", path, page.Header, page.body)
		}
		program := bareOf(t, a).with("Accept", "application/json").post(path, form).must(http.StatusTooManyRequests)
		if got := program.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: a program gets %s", path, got)
		}
	}
}

// A user who corrects the form now and then is not refused.
func TestCorrectedSignUp(t *testing.T) {
	t.Parallel()
	a := start(t)
	for range 20 {
		bareOf(t, a).post("/signup", url.Values{"email": {"bob@example.com"}, "password": {"short"}}).must(http.StatusUnprocessableEntity)
	}
	askSignUp(t, a, "bob@example.com", password)
}

// Threat: a stolen session, or a mailed link in the wrong hands, is used to try passwords.
func TestPasswordsAreThrottledEverywhere(t *testing.T) {
	t.Parallel()
	a := start(t)
	account(t, a, "ada@example.com")
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", password).cookie("session"))
	link := askSignUp(t, a, "bob@example.com", "not the password")
	link.form.Set("password", "wrong")
	for name, try := range map[string]func(i int) int{
		"account": func(i int) int {
			path := []string{"/account/password", "/account/email", "/account/delete", "/account/tokens"}[i%4]
			return browser.post(path, url.Values{
				"password": {"wrong"}, "new_password": {"a wholly new password"}, "email": {"new@example.com"},
				"confirm": {"ada@example.com"}, "name": {"CI"}, "scopes": {"*"},
			}).StatusCode
		},
		"link": func(int) int { return bareOf(t, a).post(link.path(), link.form).StatusCode },
	} {
		for i := range 11 {
			if status := try(i); (status == http.StatusTooManyRequests) != (i == 10) {
				t.Errorf("%s: attempt %d has status %d", name, i+1, status)
			}
		}
	}
}
