package auth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/a-h/templ"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/auth/authtest"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// settings are those of an application that adds nothing to people.
type settings struct {
	covet.Config
	Auth auth.Config
}

type person struct{ covetmodels.User }

func layout(string) templ.Component { return templ.NopComponent }

// childrenOnly is a layout that adds nothing to the page.
func childrenOnly(string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return templ.GetChildren(ctx).Render(templ.ClearChildren(ctx), w)
	})
}

// custom makes an application with some options.
func custom(options auth.Options[person]) func(settings) (*covet.App, error) {
	return func(cfg settings) (*covet.App, error) {
		a, err := covet.New(cfg.Config, covet.Options{
			Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}},
		})
		if err != nil {
			return nil, err
		}
		return a, a.Use(auth.New[person](cfg.Auth, options))
	}
}

// onSQLite stores accounts in a SQLite database with the tables of accounts.
func onSQLite(t *testing.T) apptest.Option { return apptest.Set("database.url", plain.SQLite(t)) }

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	fill := func(context.Context, *person, auth.Values, validate.Errors) error { return nil }
	named := func(names ...string) func(context.Context) []ui.Input {
		return func(context.Context) []ui.Input {
			var inputs []ui.Input
			for _, name := range names {
				inputs = append(inputs, ui.Input{Name: name})
			}
			return inputs
		}
	}
	for want, options := range map[string]auth.Options[person]{
		"Layout":     {},
		`"email"`:    {Layout: layout, Signup: auth.Signup[person]{Inputs: named("email"), Fill: fill}},
		`"a"`:        {Layout: layout, Signup: auth.Signup[person]{Inputs: named("a", "a"), Fill: fill}},
		`"with"`:     {Layout: layout, Steps: []login.Step{codeStep{name: "with"}}},
		`"Code"`:     {Layout: layout, Steps: []login.Step{codeStep{name: "Code"}}},
		`"code"`:     {Layout: layout, Steps: []login.Step{codeStep{name: "code"}, codeStep{name: "code"}}},
		`"password"`: {Layout: layout, Authenticators: []login.Authenticator{&provider{name: "password"}}},
		"Fill":       {Layout: layout, Signup: auth.Signup[person]{Inputs: named("a")}},
	} {
		cfg := settings{}
		cfg.Database.URL = "sqlite::memory:"
		a, err := custom(options)(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if err := a.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A page of the application's own, a hook that keeps an account, and no sign-up.
func TestOptions(t *testing.T) {
	t.Parallel()
	kept := errors.New("there are invoices")
	a := apptest.New(t, custom(auth.Options[person]{
		Layout: layout, AfterLogin: "/health",
		Views: auth.Views{Login: func(p page.Form) templ.Component { return templ.Raw("<p>My own page. " + p.Alert + "</p>") }},
		OnDelete: func(_ context.Context, user person) error {
			if user.Email != "ada@example.com" {
				t.Errorf("asked about %s", user.Email)
			}
			return kept
		},
	}), onSQLite(t), apptest.Set("auth.signup_closed", "true"))
	authtest.Create(t, a, &person{covetmodels.User{Email: "ada@example.com"}})

	if got := bareOf(t, a).logIn("ada@example.com", "wrong").must(http.StatusUnprocessableEntity).body; got != "<p>My own page. The email address or the password is wrong.</p>" {
		t.Errorf("the page is %q", got)
	}
	bareOf(t, a).get("/signup").must(http.StatusForbidden)
	bareOf(t, a).post("/signup", url.Values{"email": {"bob@example.com"}, "password": {password}}).must(http.StatusMethodNotAllowed)
	in := bareOf(t, a).logIn("ada@example.com", authtest.Password).must(http.StatusSeeOther)
	if in.location() != "/health" {
		t.Errorf("it leads to %s", in.location())
	}
	browser := bareOf(t, a, in.cookie("session"))
	browser.post("/account/delete", url.Values{"confirm": {"ada@example.com"}, "password": {authtest.Password}}).must(http.StatusInternalServerError)
	if n := count(t, a, &person{}); n != 1 {
		t.Error("the account is gone although the application kept it")
	}
}
