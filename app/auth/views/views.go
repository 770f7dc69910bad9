// Package views holds the pages of accounts. Copy them into an application with "covet eject auth" to make them its
// own.
package views

import (
	"time"

	"github.com/covetgo/covet/app/auth/page"
)

// All returns every page of this package.
func All() page.Views {
	return page.Views{
		Login: Login, Signup: Signup, Confirm: Confirm, Forgot: Forgot, Reset: Reset, Message: Message,
		Account: Account, Password: Password, Email: Email, Delete: Delete, Sessions: Sessions, Tokens: Tokens,
	}
}

// moment writes a time for people, in UTC, which the label beside it says.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04") }

// day writes a date for people.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }

// machine writes a time for the attribute datetime.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
