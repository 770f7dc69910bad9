// Package page says what the pages of accounts show: package auth fills these types in, and the views of package
// auth/views, or an application's own, turn them into HTML.
//
//	views := page.Views{Login: myviews.Login} // the others stay the library's
//
//	templ Login(p page.Form) {
//		@p.Layout(page.T(ctx, "login.title")) {
//			…
//		}
//	}
package page

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/web/ui"
)

// T returns a text of the pages in the language of ctx, by its key, such as "login.title". The arguments are pairs of a
// name and a value.
func T(ctx context.Context, key string, args ...any) string { return texts.T(ctx, key, args...) }

// Base is what every page has.
type Base struct {
	// Layout is the frame of the application's pages; the page is its children.
	Layout func(title string) templ.Component
}

// Form is a page with one form.
type Form struct {
	Base
	// Action is where the form goes.
	Action string
	// Inputs are the fields of the form, with what was entered and what is wrong with it. A password is never sent back.
	Inputs []ui.Input
	// Hidden are values that travel with the form, unseen: the token of a mailed link, the page to go on to.
	Hidden []Hidden
	// Alert is what is wrong with the form as a whole, or empty.
	Alert string
	// Email is the address of the account that the form is about; empty where it must not be told.
	Email string
	// Signup reports that anybody can sign up.
	Signup bool
	// Providers are other ways to log in than by a password, of the log-in page.
	Providers []Provider
}

// Provider is a provider by which users log in.
type Provider struct {
	// Title is what users call it, "Google", and Action where the form with its button goes.
	Title, Action string
}

// Hidden is a hidden field of a form.
type Hidden struct{ Name, Value string }

// Message is a page that only says something.
type Message struct {
	Base
	// Title is the heading, and Text what there is to say.
	Title, Text string
	// Link is where to go on, called Label; both may be empty.
	Link, Label string
}

// Account is the first page of an account.
type Account struct {
	Base
	// Email and Name are those of the account; Name may be empty.
	Email, Name string
	// Since is when the account was made.
	Since time.Time
	// Links are pages of the application that belong to the account.
	Links []Link
}

// Link is a page that an application adds to the first page of an account.
type Link struct {
	// Path is where it is, Title what it is called, and Text what it is for.
	Path, Title, Text string
}

// Sessions is the page of the browsers in which a user is signed in.
type Sessions struct {
	Base
	// Sessions are the latest first.
	Sessions []Session
}

// Session is one browser in which a user is signed in.
type Session struct {
	ID int64
	// Device is what the browser says of itself, in a few words: "Firefox on Linux".
	Device string
	// Address is the IP address that it was last seen from.
	Address string
	// SignedIn and LastSeen are UTC; LastSeen is right to the minute.
	SignedIn, LastSeen time.Time
	// Current reports that it is the browser that asks.
	Current bool
}

// Tokens is the page of the access tokens of an account.
type Tokens struct {
	Form
	// Tokens are the latest first; revoked ones are not among them.
	Tokens []Token
	// Created is the token that was just made, shown this once, or empty.
	Created string
}

// Token is an access token.
type Token struct {
	ID int64
	// Name is what its owner calls it, Hint its first characters, and Scopes what it is for, separated by spaces.
	Name, Hint, Scopes string
	// Created is UTC. LastUsed and Expires may be nil: never.
	Created           time.Time
	LastUsed, Expires *time.Time
	// Expired reports that it is no longer good.
	Expired bool
}

// Views make the pages. A nil function means the library's page (package auth/views).
type Views struct {
	// Login asks for e-mail address and password.
	Login func(Form) templ.Component
	// Signup asks a new person for an address, a password, and what the application adds.
	Signup func(Form) templ.Component
	// Confirm asks for the password, to finish what a mailed link began: a sign-up, a new address.
	Confirm func(Form) templ.Component
	// Forgot asks where to send the link for a new password, and Reset for that password.
	Forgot, Reset func(Form) templ.Component
	// Message says something: that a mail is on its way, that a link is no longer good.
	Message func(Message) templ.Component
	// Account is the first page of an account.
	Account func(Account) templ.Component
	// Password, Email, Locale and Delete are the forms of an account; Locale is for language and time zone.
	Password, Email, Locale, Delete func(Form) templ.Component
	// Sessions lists where the user is signed in, and Tokens the access tokens.
	Sessions func(Sessions) templ.Component
	Tokens   func(Tokens) templ.Component
}

// Over returns the views with those that are nil taken from others.
func (v Views) Over(others Views) Views {
	pick(&v.Login, others.Login)
	pick(&v.Signup, others.Signup)
	pick(&v.Confirm, others.Confirm)
	pick(&v.Forgot, others.Forgot)
	pick(&v.Reset, others.Reset)
	pick(&v.Message, others.Message)
	pick(&v.Account, others.Account)
	pick(&v.Password, others.Password)
	pick(&v.Email, others.Email)
	pick(&v.Locale, others.Locale)
	pick(&v.Delete, others.Delete)
	pick(&v.Sessions, others.Sessions)
	pick(&v.Tokens, others.Tokens)
	return v
}

func pick[P any](view *func(P) templ.Component, other func(P) templ.Component) {
	if *view == nil {
		*view = other
	}
}
