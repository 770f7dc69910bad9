package auth_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/mail"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/internal/texttest"
	covetmodels "github.com/covetgo/covet/models"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, texts.Set, texttest.Code{
		Receivers: []string{"texts", "page"},
		Folders:   []string{".", "views", "password", "internal/identify", "internal/limit", "internal/session"},
	})
}

// inLanguages returns an application with the languages of its own texts, whose pages show flash messages.
func inLanguages(t *testing.T, own *text.Set, opts ...apptest.Option) *apptest.App {
	t.Helper()
	build := func(cfg settings) (*covet.App, error) {
		a, err := covet.New(cfg.Config, covet.Options{Texts: own, Drivers: []database.Driver{sqlite.Driver{}}})
		if err != nil {
			return nil, err
		}
		a.Echo.GET("/", func(c echo.Context) error { return web.Render(c, http.StatusOK, titled("")) })
		m := auth.New[person](cfg.Auth, auth.Options[person]{
			Layout: titled, AfterLogin: "/account", Authenticators: []login.Authenticator{&provider{name: "example"}},
		})
		a.Echo.POST("/api/users", func(c echo.Context) error {
			user := &person{covetmodels.User{Email: c.FormValue("email")}}
			if err := m.CreateAccount(c.Request().Context(), user, password); err != nil {
				return err
			}
			return c.NoContent(http.StatusNoContent)
		})
		return a, a.Use(m)
	}
	return apptest.New(t, build, append([]apptest.Option{onSQLite(t)}, opts...)...)
}

// titled is a layout with the title and the flash message.
func titled(title string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		if _, err := fmt.Fprintf(w, `<title>%s</title><p role="status">%s</p>`, title, web.Flashes(ctx)); err != nil {
			return err
		}
		return templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), w)
	})
}

// own returns the own texts of an application in English and German.
func own(t *testing.T, german string) *text.Set {
	t.Helper()
	return texttest.Own(t, map[string]string{"en.yaml": "", "de.yaml": german})
}

// speaking returns a client that has chosen a language.
func speaking(t *testing.T, a *apptest.App, language string) *apptest.Client {
	t.Helper()
	client := a.Client()
	client.Post(web.LanguagePath, url.Values{"language": {language}, "back": {"/login"}}).MustStatus(http.StatusOK)
	return client
}

// allPages shows every page of accounts, and those of refused forms, to a client, and returns them by their names. The
// account is ada@example.com.
func allPages(t *testing.T, a *apptest.App, client *apptest.Client) map[string]string {
	t.Helper()
	pages := map[string]string{}
	see := func(name string, page *apptest.Page, status int) *apptest.Page {
		t.Helper()
		pages[name] = page.MustStatus(status).Body()
		return page
	}
	get := func(path string) { t.Helper(); see(path, client.Get(path), http.StatusOK) }
	post := func(name, path string, status int, pairs ...string) {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		see(name, client.Post(path, form), status)
	}
	const refused, ok = http.StatusUnprocessableEntity, http.StatusOK
	// Visitors.
	for _, path := range []string{
		"/login", "/login?next=%2Faccount", "/signup", "/signup/sent", "/password/forgot", "/password/sent",
	} {
		get(path)
	}
	post("wrong password", "/login", refused, "email", "ada@example.com", "password", "x")
	post("empty log-in", "/login", refused)
	post("empty sign-up", "/signup", refused)
	for name, plain := range map[string]string{
		"short": "x", "long": strings.Repeat("wombat ", 20), "common": "1qaz2wsx3edc", "easy": "abcdefghijklm",
		"personal": "ada@example.com", "name": "7gq2wk_example",
	} {
		post("sign-up: "+name, "/signup", refused, "email", "ada@example.com", "password", plain)
	}
	see("stale", client.Get("/signup/confirm?token=x"), http.StatusGone)
	post("sign-up", "/signup", ok, "email", "new@example.com", "password", password)
	link := mailedLink(t, a, "/signup/confirm")
	get(link)
	_, token, _ := strings.Cut(link, "token=")
	post("confirm, wrong", "/signup/confirm", refused, "token", token, "password", "x")
	post("confirmed", "/signup/confirm", ok, "token", token, "password", password)
	post("logged out", "/logout", ok)
	post("forgotten", "/password/forgot", ok, "email", "new@example.com")
	link = mailedLink(t, a, "/password/reset")
	get(link)
	_, token, _ = strings.Cut(link, "token=")
	post("reset", "/password/reset", ok, "token", token, "password", "seventeen wombats sail")
	post("logged out again", "/logout", ok)
	see("log-in", client.Post("/login", url.Values{"email": {"ada@example.com"}, "password": {authtest.Password}}), ok)
	// Users.
	for _, path := range []string{"", "/password", "/email", "/locale", "/delete", "/sessions", "/tokens"} {
		get("/account" + path)
	}
	post("same password", "/account/password", refused, "password", "x", "new_password", password)
	post("same address", "/account/email", refused, "email", "ada@example.com", "password", authtest.Password)
	post("new address", "/account/email", ok, "email", "ada2@example.com", "password", authtest.Password)
	get(mailedLink(t, a, "/account/email/confirm"))
	post("wrong settings", "/account/locale", refused, "language", "xx", "time_zone", "Mars/Olympus")
	post("no token", "/account/tokens", refused, "scopes", "a;b", "expires", "30")
	for _, days := range []string{"30", "never"} {
		post("token "+days, "/account/tokens", ok,
			"name", "CI", "scopes", "posts.read", "expires", days, "password", authtest.Password)
	}
	get("/account/tokens")
	post("revoked", "/account/tokens/1/revoke", ok)
	post("unknown token", "/account/tokens/99/revoke", http.StatusNotFound)
	post("unknown session", "/account/sessions/99/end", http.StatusNotFound)
	post("signed out elsewhere", "/account/sessions/end-others", ok)
	post("changed", "/account/password", ok, "password", authtest.Password, "new_password", password)
	post("wrong deletion", "/account/delete", refused, "confirm", "x", "password", password)
	post("deleted", "/account/delete", ok, "confirm", "ada@example.com", "password", password)
	return pages
}

// allMails has every mail sent to users who have chosen a language, by an administrator with another, and to visitors
// who have.
func allMails(t *testing.T, a *apptest.App, language string) []*mail.Envelope {
	t.Helper()
	ctx, m := t.Context(), moduleOf(t, a)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	grace := &person{covetmodels.User{Email: "grace@example.com", Language: language}}
	authtest.Create(t, a, grace)
	_, err := m.IssueToken(ctx, &grace.User, auth.NewToken{Name: "CI", Scopes: []string{"*"}})
	must(err)
	must(m.SetPassword(ctx, &grace.User, password))
	for range 2 {
		_, err := m.IssueToken(ctx, &grace.User, auth.NewToken{Name: "CI", Scopes: []string{"*"}})
		must(err)
	}
	must(m.Disable(ctx, &grace.User))
	must(m.Enable(ctx, &grace.User))
	must(m.SendPasswordLink(ctx, "grace@example.com"))
	must(m.SendConfirmation(ctx, "grace@example.com"))
	must(m.SignUp(ctx, auth.SignUpRequest{Email: "grace@example.com", Password: password})) // has an account
	a.DrainJobs()

	visitor := speaking(t, a, language)
	visitor.Post("/signup", url.Values{"email": {"visitor@example.com"}, "password": {password}}).MustStatus(http.StatusOK)
	english := speaking(t, a, "en")
	english.Post("/login", url.Values{"email": {"grace@example.com"}, "password": {password}}).MustStatus(http.StatusOK)
	authtest.Create(t, a, &person{covetmodels.User{Email: "taken@example.com", Language: language}})
	for _, email := range []string{"taken@example.com", "grace2@example.com"} {
		english.Post("/account/email", url.Values{"email": {email}, "password": {password}}).MustStatus(http.StatusOK)
	}
	a.DrainJobs()
	must(m.SetEmail(ctx, &grace.User, "grace3@example.com"))
	must(m.DeleteAccount(ctx, &grace.User))
	a.DrainJobs()
	return a.Mails()
}

// A misspelled override is an error when the application starts.
func TestUnknownText(t *testing.T) {
	t.Parallel()
	cfg := settings{}
	cfg.Database.URL = "sqlite::memory:"
	a, err := covet.New(cfg.Config, covet.Options{
		Texts: own(t, "auth:\n  login:\n    titel: x\n"), Drivers: []database.Driver{sqlite.Driver{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	err = a.Use(auth.New[person](cfg.Auth, auth.Options[person]{Layout: layout}))
	if err == nil || !strings.Contains(err.Error(), "de.yaml: auth has no text login.titel") {
		t.Errorf("err = %v", err)
	}
	if err := a.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A pseudo-language finds what is not from the catalogue.
func TestNoLiterals(t *testing.T) {
	t.Parallel()
	pseudo := texttest.Pseudo(t, text.Formats(), problem.Texts(), validate.Texts(), web.Texts(), texts.Set)
	a := inLanguages(t, pseudo, append(unlimited(), apptest.Set("app.name", "Example"))...)
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})
	known := append(text.Zones(), "ada@example.com", "ada2@example.com", "new@example.com", "ID", "Example", "“example”",
		"UTC", "CI", "Go", "posts.read", "posts.create", "posts.*", "English")
	for i, zone := range known {
		known[i] = strings.ReplaceAll(zone, "_", " ")
	}
	for name, page := range allPages(t, a, speaking(t, a, text.PseudoLong)) {
		if found := texttest.Literals(t, page, known...); len(found) > 0 {
			t.Errorf("%s has literals: %q", name, found)
		}
	}
	closed := inLanguages(t, pseudo, apptest.Set("auth.signup_closed", "true"))
	page := speaking(t, closed, text.PseudoLong).Get("/signup").MustStatus(http.StatusForbidden).Body()
	if found := texttest.Literals(t, page); len(found) > 0 {
		t.Errorf("the page of closed sign-ups has literals: %q", found)
	}
}

var links = regexp.MustCompile(`https?://[^\s"<]+`)

func TestNoLiteralsInMails(t *testing.T) {
	t.Parallel()
	pseudo := texttest.Pseudo(t, text.Formats(), texts.Set)
	a := inLanguages(t, pseudo, append(unlimited(), apptest.Set("app.name", "Example"))...)
	var subjects []string
	for _, sent := range allMails(t, a, text.PseudoLong) {
		subjects = append(subjects, sent.Subject)
		for part, content := range map[string]string{"subject": sent.Subject, "HTML": sent.HTML, "text": sent.Text} {
			content = links.ReplaceAllString(content, "")
			if found := texttest.Literals(t, content, "Example"); len(found) > 0 {
				t.Errorf("the %s of %q has literals: %q", part, sent.Subject, found)
			}
		}
		if !strings.Contains(sent.HTML, `<html lang="en-XA" dir="ltr">`) {
			t.Errorf("%q does not name its language: %s", sent.Subject, sent.HTML)
		}
	}
	ctx := text.WithLocale(t.Context(), a.Catalogue().Match(text.PseudoLong))
	for _, key := range texts.Set.Keys() {
		subject := texts.T(ctx, key, "app", "Example")
		if strings.HasPrefix(key, "mail.") && strings.HasSuffix(key, ".subject") && !slices.Contains(subjects, subject) {
			t.Errorf("%s was not sent", key)
		}
	}
}

// What a German application says, page by page and mail by mail.
func TestGerman(t *testing.T) {
	t.Parallel()
	a := inLanguages(t, own(t, "auth:\n  login:\n    button: Los\n"), unlimited()...)
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})
	client := speaking(t, a, "de")
	pages := allPages(t, a, client)
	for name, want := range map[string]string{
		"/login":                 `<button class="button">Los</button>`,
		"/login?next=%2Faccount": "<h1>Melden Sie sich an, um fortzufahren</h1>",
		"/signup":                "Mindestens 12 Zeichen.",
		"/signup/sent":           "Wir haben Ihnen eine E-Mail gesendet.",
		"/password/sent":         "Der Link läuft in 10 Minuten ab.",
		"wrong password":         "Die E-Mail-Adresse oder das Passwort ist falsch.",
		"empty log-in":           "Bitte füllen Sie dieses Feld aus.",
		"empty sign-up":          "2 Felder sind fehlerhaft.",
		"sign-up: short":         "Verwenden Sie mindestens 12 Zeichen.",
		"stale":                  "<h1>Dieser Link ist nicht mehr gültig</h1>",
		"confirmed":              `<p role="status">Willkommen! Ihr Konto ist eingerichtet.</p>`,
		"/account":               "<title>Ihr Konto</title>",
		"/account/email":         "Ihre aktuelle Adresse ist ada@example.com.",
		"/account/locale":        `<option value="de">Deutsch</option>`,
		"wrong settings":         "Wählen Sie eine Zeitzone aus der Liste.",
		"/account/sessions":      "Dieser Browser",
		"no token":               "Schreiben Sie Berechtigungen als",
		"unknown token":          "Dieses Token gibt es nicht.",
		"deleted":                "Ihr Konto wurde gelöscht.",
	} {
		if !strings.Contains(pages[name], want) {
			t.Errorf("%s lacks %q:\n%s", name, want, pages[name])
		}
	}
	var subjects []string
	for _, sent := range allMails(t, a, "de") {
		subjects = append(subjects, sent.Subject)
		if !strings.HasPrefix(sent.Text, "Guten Tag,\n\n") || !strings.Contains(sent.HTML, `<html lang="de" dir="ltr">`) {
			t.Errorf("the mail %q is\n%s", sent.Subject, sent.Text)
		}
		link := strings.Contains(sent.Text, "?token=")
		if strings.Contains(sent.Text, "ab und kann einmal verwendet werden.") != link {
			t.Errorf("the mail %q is wrong about the end of its link:\n%s", sent.Subject, sent.Text)
		}
		if strings.Contains(sent.Text, "/password/reset") && !strings.Contains(sent.Text, "Der Link läuft in 10 Minuten ab") {
			t.Errorf("the mail %q does not say when the link expires:\n%s", sent.Subject, sent.Text)
		}
	}
	if !slices.Contains(subjects, "Ihr Konto bei  ist gesperrt") {
		t.Errorf("the mails are %q", subjects)
	}
	for _, sent := range a.Mails() {
		if strings.Contains(sent.Text, "2 Zugriffstoken wurden widerrufen.") {
			return
		}
	}
	t.Error("no mail says that two access tokens were revoked")
}
