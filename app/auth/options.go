package auth

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web/ui"
	covetmodels "github.com/covetgo/covet/models"
)

// The types of package page that options have.
type (
	// Views make the pages.
	Views = page.Views
	// Link is a page that the first page of an account leads to.
	Link = page.Link
)

// Account is a pointer to an application's model of a person, which embeds covetmodels.User.
type Account[U any] interface {
	*U
	// Account is promoted from the embedded covetmodels.User.
	Account() *covetmodels.User
}

// Named is what a model implements, with a pointer receiver, whose people have names: they become identity.Actor.Name.
type Named interface {
	// ActorName is what people call this person.
	ActorName() string
}

// Options say what an application adds to accounts, or wants otherwise.
type Options[U any] struct {
	// Layout is the frame of every page; the page is its children. It is required.
	Layout func(title string) templ.Component
	// Policies are asked by identity.Can in every request. Defaults to none.
	Policies *identity.Policies
	// Signup asks new people for what the application adds to them. Defaults to nothing.
	Signup Signup[U]
	// Steps are the steps of a log-in after the password, such as a second factor, in their order. Defaults to none.
	Steps []login.Step
	// Authenticators are other ways to begin a log-in than by a password, such as providers. Defaults to none.
	Authenticators []login.Authenticator
	// AfterLogin is where people go who have signed in and were on the way to nowhere else. Defaults to "/".
	AfterLogin string
	// OnDelete is called before an account is deleted, in the same transaction, to delete or to keep what foreign keys do
	// not. An error keeps the account. Defaults to nothing.
	OnDelete func(ctx context.Context, user U) error
	// Links returns pages of the application that the first page of an account leads to, in the language of ctx.
	// Defaults to none.
	Links func(ctx context.Context) []Link
	// Views replace pages. Those that are nil are the library's.
	Views Views
}

// Signup is what an application asks new people for, besides e-mail address and password:
//
//	auth.Signup[models.User]{
//		Inputs: func(context.Context) []ui.Input {
//			return []ui.Input{{Label: "Your name", Name: "display_name", Autocomplete: "name"}}
//		},
//		Fill: func(_ context.Context, user *models.User, values auth.Values, errs validate.Errors) error {
//			user.DisplayName = values["display_name"]
//			if user.DisplayName == "" {
//				errs.Add("display_name", "Please fill this in.")
//			}
//			return nil
//		},
//	}
type Signup[U any] struct {
	// Inputs returns the fields, without values, in the language of ctx. Their names are the same in every language.
	Inputs func(ctx context.Context) []ui.Input
	// Fill takes values over into the application's columns of user, and adds to errs what is wrong with them. It is
	// called when the form is sent, and again when the address is confirmed and the account is made. What it does to the
	// columns of covetmodels.User is undone.
	Fill func(ctx context.Context, user *U, values Values, errs validate.Errors) error
}

// Values are what a person entered into the fields of [Signup], by name: these fields and no others, without
// surrounding space, and no longer than 1000 characters each.
//
// Threat: mass assignment. A form cannot name a column, only a field that was declared.
type Values map[string]string

// hooks returns the functions that know the application's model.
func (o Options[U]) hooks() account.Hooks[U] {
	hooks := account.Hooks[U]{OnDelete: o.OnDelete}
	if fill := o.Signup.Fill; fill != nil {
		hooks.Fill = func(ctx context.Context, user *U, values map[string]string, errs validate.Errors) error {
			return fill(ctx, user, values, errs)
		}
	}
	return hooks
}

// reserved are the names of fields that every sign-up has. It is read only.
var reserved = []string{"email", "password", "next", "token", ""}

func (o Options[U]) check() error {
	if o.Layout == nil {
		return errors.New("auth.Options.Layout is missing: the frame of the pages, func(title string) templ.Component")
	}
	if o.Signup.Inputs != nil && o.Signup.Fill == nil {
		return errors.New("auth.Options.Signup has Inputs and no Fill")
	}
	if err := o.Signup.check(); err != nil {
		return err
	}
	return checkSteps(o.Steps, o.Authenticators)
}

func (s Signup[U]) check() error {
	if s.Inputs == nil {
		return nil
	}
	seen := slices.Clone(reserved)
	for _, in := range s.Inputs(context.Background()) {
		if slices.Contains(seen, in.Name) {
			return fmt.Errorf("auth.Options.Signup: the name %q of a field is empty or taken", in.Name)
		}
		seen = append(seen, in.Name)
	}
	return nil
}

var stepName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// checkSteps checks the names, which are parts of addresses below /login.
func checkSteps(steps []login.Step, authenticators []login.Authenticator) error {
	var names []string
	for _, step := range steps {
		names = append(names, step.Name())
	}
	for _, a := range authenticators {
		names = append(names, a.Name())
	}
	seen := []string{passwordName, "confirm", "with", "link"}
	for _, name := range names {
		if !stepName.MatchString(name) || slices.Contains(seen, name) {
			return fmt.Errorf("auth.Options: the name %q of a log-in step is invalid or taken", name)
		}
		seen = append(seen, name)
	}
	return nil
}
