package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	covetpassword "github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/internal/fortest"
	covetconfig "github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

const password = "correct horse battery"

func TestMain(m *testing.M) {
	testserver.SetParallel(6)
	testserver.Exit(m.Run())
}

// migrated has the tables of the skeleton, and plain those of an application that adds none.
var (
	migrated = testserver.NewTemplate(func(ctx context.Context, url string) error {
		return migrate(ctx, url, "../../scaffold/skeleton", app.New)
	})
	plain = testserver.NewTemplate(func(ctx context.Context, url string) error {
		return migrate(ctx, url, ".", custom(auth.Options[person]{Layout: layout}))
	})
)

// migrate applies the migrations of an application, whose configuration is in dir, to the database at url.
func migrate[C any](ctx context.Context, url, dir string, build func(C) (*covet.App, error)) (err error) {
	loaded, err := covetconfig.Load[C](covetconfig.Options{
		Dir: dir, Environ: []string{"APP_ENV=test"},
		Flags: map[string]string{"database.url": url, "app.data_dir": os.TempDir(), "log.level": "error"},
	})
	if err != nil {
		return err
	}
	a, err := build(loaded.Value)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Stop(ctx)) }()
	return a.Migrate(ctx)
}

// databases are those that an account may be stored in.
var databases = map[string]func(testing.TB) string{
	"sqlite": migrated.SQLite, "postgres": migrated.Postgres, "mysql": migrated.MySQL,
}

// hashes are those of the password, as the application under test makes them and as one in production does.
var hashes = sync.OnceValues(func() (cheap, strong string) {
	ctx := context.Background()
	cheap, err1 := covetpassword.Cheap(fortest.Only{}).Hash(ctx, password)
	strong, err2 := covetpassword.Hash(ctx, password)
	if err := errors.Join(err1, err2); err != nil {
		panic(err)
	}
	return cheap, strong
})

// strong gives an account the hash of the password that it has in production.
func strong(u *models.User) { _, u.PasswordHash = hashes() }

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
	if page.Text(".account") != "Ada Sign out" {
		t.Fatalf("after the sign-up the header says %q on %s", page.Text(".account"), page.URL())
	}
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

// A bare client sends exactly the given request, follows no redirect, and stores no cookie.
type bare struct {
	t       *testing.T
	app     *apptest.App
	cookies []*http.Cookie
	header  http.Header
}

func bareOf(t *testing.T, a *apptest.App, cookies ...*http.Cookie) *bare {
	return &bare{t: t, app: a, cookies: cookies, header: http.Header{}}
}

// with returns a client that sends one header more.
func (b *bare) with(name, value string) *bare {
	copied := *b
	copied.header = b.header.Clone()
	copied.header.Set(name, value)
	return &copied
}

func (b *bare) send(method, path string, form url.Values) *answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.app.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "text/html")
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, cookie := range b.cookies {
		r.AddCookie(cookie)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	response.Body.Close()
	return &answer{t: b.t, app: b.app, Response: response, body: string(body)}
}

func (b *bare) get(path string) *answer { b.t.Helper(); return b.send(http.MethodGet, path, nil) }

func (b *bare) post(path string, form url.Values) *answer {
	b.t.Helper()
	return b.send(http.MethodPost, path, form)
}

// logIn sends the form of the log-in.
func (b *bare) logIn(email, plain string) *answer {
	b.t.Helper()
	return b.post("/login", url.Values{"email": {email}, "password": {plain}})
}

type answer struct {
	t   *testing.T
	app *apptest.App
	*http.Response
	body string
}

func (a *answer) must(status int) *answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%s %s: status %d, want %d: %s", a.Request.Method, a.Request.URL, a.StatusCode, status, a.body)
	}
	return a
}

// location is where a redirect leads.
func (a *answer) location() string { return a.Header.Get("Location") }

// cookie returns a cookie that the response sets, by its name within the application.
func (a *answer) cookie(name string) *http.Cookie {
	a.t.Helper()
	name = a.app.Cookies().Name(name)
	for _, cookie := range a.Cookies() {
		if cookie.Name == name {
			return cookie
		}
	}
	a.t.Fatalf("%s %s sets no cookie %q", a.Request.Method, a.Request.URL, name)
	return nil
}

// account makes an account without its pages.
func account(t *testing.T, a *apptest.App, email string, change ...func(*models.User)) models.User {
	t.Helper()
	verified := time.Now().UTC().Truncate(time.Second)
	hash, _ := hashes()
	user := models.User{User: covetmodels.User{Email: email, PasswordHash: hash, EmailVerifiedAt: &verified}, DisplayName: "Ada"}
	for _, f := range change {
		f(&user)
	}
	if err := a.DB.With(t.Context()).Create(&user).Error; err != nil {
		t.Fatal(err)
	}
	return user
}

// count returns how many rows of a model there are that meet a condition.
func count(t *testing.T, a *apptest.App, model any, where ...any) int64 {
	t.Helper()
	var n int64
	db := a.DB.With(t.Context()).Model(model)
	if len(where) > 0 {
		db = db.Where(where[0], where[1:]...)
	}
	if err := db.Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
