package auth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/internal/testserver"
	"github.com/covetgo/covet/scaffold/skeleton/app"
)

const password = "correct horse battery"

// databases are those that an account may live in.
var databases = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + t.TempDir() + "/test.db" },
	"postgres": testserver.Postgres,
	"mysql":    testserver.MySQL,
}

// everywhere runs a test on the skeleton on every database.
func everywhere(t *testing.T, test func(*testing.T, *apptest.App), opts ...apptest.Option) {
	t.Helper()
	for name, url := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, apptest.New(t, app.New, append(opts, apptest.Set("database.url", url(t)))...))
		})
	}
}

// start runs the skeleton on SQLite.
func start(t *testing.T, opts ...apptest.Option) *apptest.App {
	t.Helper()
	opts = append([]apptest.Option{apptest.Set("database.url", databases["sqlite"](t))}, opts...)
	return apptest.New(t, app.New, opts...)
}

// signUp makes an account by its pages, and leaves the client signed in.
func signUp(t *testing.T, a *apptest.App, client *apptest.Client, email string) {
	t.Helper()
	client.Get("/signup").Form("/signup").
		Fill("display_name", "Ada").Fill("email", email).Fill("password", password).
		Submit().MustStatus(http.StatusOK)
	link := mailedLink(t, a, "/signup/confirm")
	page := client.Get(link).MustStatus(http.StatusOK).Form("/signup/confirm").
		Fill("password", password).Submit().MustStatus(http.StatusOK)
	if page.Text(".account") != "AdaSign out" {
		t.Fatalf("after the sign-up the header says %q on %s", page.Text(".account"), page.URL())
	}
}

// logIn signs a client in by the page.
func logIn(client *apptest.Client, email, plain string) *apptest.Page {
	return client.Post("/login", url.Values{"email": {email}, "password": {plain}})
}

// mailedLink runs the jobs, and returns path and query of the link to a path in the latest mail that has one.
func mailedLink(t *testing.T, a *apptest.App, path string) string {
	t.Helper()
	a.DrainJobs()
	link := regexp.MustCompile(regexp.QuoteMeta(path) + `\?token=[A-Za-z0-9_-]+`)
	mails := a.Mails()
	for i := len(mails) - 1; i >= 0; i-- {
		if found := link.FindString(mails[i].Text); found != "" {
			return found
		}
	}
	t.Fatalf("no mail of %d has a link to %s", len(mails), path)
	return ""
}
