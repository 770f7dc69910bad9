package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
	covetmodels "github.com/covetgo/covet/models"
)

// chosen returns the value that a response gives a cookie of the application, "-" if it deletes it, and "" if it leaves it.
func (a *answer) chosen(name string) string {
	for _, cookie := range a.Cookies() {
		switch {
		case cookie.Name != a.app.Cookies().Name(name):
		case cookie.MaxAge < 0:
			return "-"
		default:
			return cookie.Value
		}
	}
	return ""
}

func userOf(t *testing.T, a *apptest.App, email string) covetmodels.User {
	t.Helper()
	user, err := moduleOf(t, a).FindAccount(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return *user
}

// Users choose their language and time zone; the choice is recorded, and counts at once and in every browser.
func TestLocalePage(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""))
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})
	in := bareOf(t, a).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther)
	if in.chosen("language")+in.chosen("time_zone") != "" {
		t.Errorf("a log-in without settings sets the cookies %v", in.Cookies())
	}
	browser := bareOf(t, a, in.cookie("session"))
	body := browser.get("/account/locale").must(http.StatusOK).body
	for _, part := range []string{
		"<h1>Language and time zone</h1>", `<option value="" selected>Automatic, as in your browser</option>`,
		`<option value="de">Deutsch</option>`, `<option value="America/New_York">America/New York</option>`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %q: %s", part, body)
		}
	}
	saved := browser.post("/account/locale", url.Values{"language": {"de"}, "time_zone": {"Asia/Tokyo"}}).must(http.StatusSeeOther)
	if saved.location() != "/account" || saved.chosen("language") != "de" || saved.chosen("time_zone") != "Asia/Tokyo" {
		t.Errorf("it leads to %s with %v", saved.location(), saved.Cookies())
	}
	shown := bareOf(t, a, append(saved.Cookies(), in.cookie("session"))...).get("/account").must(http.StatusOK).body
	if !strings.Contains(shown, "Ihre Änderungen wurden gespeichert.") || !strings.Contains(shown, "Sprache und Zeitzone") {
		t.Errorf("the next page is %s", shown)
	}
	if user := userOf(t, a, "ada@example.com"); user.Language != "de" || user.TimeZone != "Asia/Tokyo" {
		t.Errorf("the user is %+v", user)
	}
	if n := count(t, a, &covetmodels.AuditEntry{}, "action = ? AND detail = ?",
		"auth.locale_change", `{"language":"de","time_zone":"Asia/Tokyo"}`); n != 1 {
		t.Errorf("the audit log has %d entries", n)
	}

	again := bareOf(t, a).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther)
	if again.chosen("language") != "de" || again.chosen("time_zone") != "Asia/Tokyo" {
		t.Errorf("the log-in sets %v", again.Cookies())
	}
	out := bareOf(t, a, again.Cookies()...).post("/logout", nil).must(http.StatusSeeOther)
	if out.chosen("language")+out.chosen("time_zone") != "" || out.Header.Get("Clear-Site-Data") != `"cache", "storage"` {
		t.Errorf("the log-out changes the language: %v, %v", out.Cookies(), out.Header)
	}

	browser.post("/account/locale", url.Values{"language": {""}, "time_zone": {"Asia/Tokyo"}}).must(http.StatusSeeOther)
	menu := &http.Cookie{Name: a.Cookies().Name("language"), Value: "de"}
	again = bareOf(t, a, menu).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther)
	if again.chosen("language") != "" || again.chosen("time_zone") != "Asia/Tokyo" {
		t.Errorf("a log-in without a language in the settings sets %v", again.Cookies())
	}

	saved = browser.post("/account/locale", url.Values{"language": {""}, "time_zone": {""}}).must(http.StatusSeeOther)
	if user := userOf(t, a, "ada@example.com"); user.Language+user.TimeZone != "" || saved.chosen("language") != "-" || saved.chosen("time_zone") != "-" {
		t.Errorf("without settings the user is %+v and the cookies are %v", user, saved.Cookies())
	}
}

// Threat: a form stores what is no language or time zone, and every page and mail fails, or reads a file of the server.
func TestInvalidLocale(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""))
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})
	browser := bareOf(t, a, bareOf(t, a).logIn("ada@example.com", authtest.Password).cookie("session"))
	user := userOf(t, a, "ada@example.com")
	for _, tt := range []struct{ language, zone, want string }{
		{"fr", "", "Choose a language from the list."},
		{"de-AT", "", "Choose a language from the list."},
		{strings.Repeat("de-", 100), "", "Choose a language from the list."},
		{"de", "Mars/Olympus", "Choose a time zone from the list."},
		{"", "Local", "Choose a time zone from the list."},
		{"", "../../etc/passwd", "Choose a time zone from the list."},
		{"", strings.Repeat("a/", 100), "Choose a time zone from the list."},
	} {
		got := browser.post("/account/locale", url.Values{"language": {tt.language}, "time_zone": {tt.zone}}).
			must(http.StatusUnprocessableEntity)
		if !strings.Contains(got.body, tt.want) || got.chosen("language")+got.chosen("time_zone") != "" {
			t.Errorf("%q, %q: %s", tt.language, tt.zone, got.body)
		}
		err := moduleOf(t, a).SetLocale(t.Context(), &user, tt.language, tt.zone)
		if problem.From(err).Status != http.StatusUnprocessableEntity {
			t.Errorf("%q, %q: %v", tt.language, tt.zone, err)
		}
	}
	if user := userOf(t, a, "ada@example.com"); user.Language+user.TimeZone != "" {
		t.Errorf("the user is %+v", user)
	}
	bareOf(t, a).post("/account/locale", url.Values{"language": {"de"}}).must(http.StatusSeeOther) // to the log-in
}

// An application with one language asks for the time zone only, and stores no language.
func TestLocaleWithOneLanguage(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, custom(auth.Options[person]{Layout: childrenOnly}), onSQLite(t))
	q := askSignUp(t, a, "ada@example.com", password)
	session := bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther).cookie("session")
	if user := userOf(t, a, "ada@example.com"); user.Language != "" {
		t.Errorf("the language is %q", user.Language)
	}
	body := bareOf(t, a, session).get("/account/locale").must(http.StatusOK).body
	if !strings.Contains(body, "<h1>Time zone</h1>") || strings.Contains(body, `name="language"`) {
		t.Errorf("the page is %s", body)
	}
	bareOf(t, a, session).post("/account/locale", url.Values{"time_zone": {"US/Pacific"}}).must(http.StatusSeeOther)
	body = bareOf(t, a, session).get("/account/locale").must(http.StatusOK).body
	if !strings.Contains(body, `<option value="US/Pacific" selected>`) { // an alias that is not in the list
		t.Errorf("the page does not have the user's time zone: %s", body)
	}
}

// The language in which users sign up is stored; it is that of the sign-up, whichever browser opens the link.
func TestLanguageOfASignUp(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""))
	german := bareOf(t, a).with("Accept-Language", "de")
	german.post("/signup", url.Values{"email": {"ada@example.com"}, "password": {password}}).must(http.StatusSeeOther)
	q := linkOf(t, a, "/signup/confirm", password)
	bareOf(t, a).post(q.path(), q.form).must(http.StatusSeeOther)
	if user := userOf(t, a, "ada@example.com"); user.Language != "de" || user.TimeZone != "" {
		t.Errorf("the user is %+v", user)
	}
	if mails := a.Mails(); !strings.HasPrefix(mails[0].Text, "Guten Tag,") {
		t.Errorf("the mail is %s", mails[0].Text)
	}
	german.post("/api/users", url.Values{"email": {"grace@example.com"}}).must(http.StatusNoContent)
	if user := userOf(t, a, "grace@example.com"); user.Language != "de" {
		t.Errorf("the user whom the application created is %+v", user)
	}
}

// Mails are in the language of their reader, not that of the user who causes them: that of their settings, or else that of the request. A
// language that the application has no more is none.
func TestLanguageOfMails(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""))
	m := moduleOf(t, a)
	german := text.WithLocale(t.Context(), a.Catalogue().Match("de"))
	english := text.WithLocale(t.Context(), a.Catalogue().Match("en"))
	for i, tt := range []struct {
		language, want string
		german         bool
	}{
		{"de", "Guten Tag,", false},
		{"en", "Hello,", true},
		{"", "Guten Tag,", true},
		{"", "Hello,", false},
		{"fr", "Guten Tag,", true},
	} {
		user := &person{covetmodels.User{Email: string(rune('a'+i)) + "@example.com", Language: tt.language}}
		authtest.Create(t, a, user)
		ctx := english
		if tt.german {
			ctx = german
		}
		if err := m.Disable(ctx, &user.User); err != nil {
			t.Fatal(err)
		}
		if err := m.Enable(ctx, &user.User); err != nil {
			t.Fatal(err)
		}
		if err := m.SendPasswordLink(ctx, user.Email); err != nil {
			t.Fatal(err)
		}
		a.DrainJobs()
		mails := a.Mails()
		for _, sent := range mails[len(mails)-3:] {
			if sent.To[0].Address != user.Email || !strings.HasPrefix(sent.Text, tt.want) {
				t.Errorf("%d: the mail to %v is %s", i, sent.To, sent.Text)
			}
		}
	}
}

// What a command or other code outside requests mails is in the default language of the application.
func TestDefaultLanguageOfMails(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""), apptest.Set("text.languages", "de,en"))
	request := auth.SignUpRequest{Email: "ada@example.com", Password: password}
	if err := moduleOf(t, a).SignUp(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	a.DrainJobs()
	if mails := a.Mails(); len(mails) != 1 || !strings.HasPrefix(mails[0].Text, "Guten Tag,") {
		t.Errorf("the mails are %+v", mails)
	}
}

// Times are those of the user's time zone, in their language.
func TestTimesOfAUser(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, ""))
	ada := &person{covetmodels.User{
		Email: "ada@example.com", Language: "de", TimeZone: "Asia/Tokyo",
		CreatedAt: time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC),
	}}
	authtest.Create(t, a, ada)
	in := bareOf(t, a).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther)
	browser := bareOf(t, a, in.Cookies()...)
	const since = `<time datetime="2026-03-01T20:00:00Z">Mitglied seit dem 2. März 2026</time>`
	if body := browser.get("/account").must(http.StatusOK).body; !strings.Contains(body, since) {
		t.Errorf("the page lacks %s: %s", since, body)
	}
	err := a.DB.With(t.Context()).Model(&covetmodels.Session{}).Where("1 = 1").
		Update("signed_in_at", time.Date(2026, 7, 31, 23, 5, 0, 0, time.UTC)).Error
	if err != nil {
		t.Fatal(err)
	}
	const signedIn = `<time datetime="2026-07-31T23:05:00Z">1. August 2026, 08:05 Uhr</time>`
	if body := browser.get("/account/sessions").must(http.StatusOK).body; !strings.Contains(body, signedIn) {
		t.Errorf("the page lacks %s: %s", signedIn, body)
	}
}
