// Package views holds the pages of accounts. Copy them into an application with "covet eject auth" to make them its
// own.
package views

import (
	"context"
	"time"

	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/text"
)

// All returns every page of this package.
func All() page.Views {
	return page.Views{
		Login: Login, Signup: Signup, Confirm: Confirm, Forgot: Forgot, Reset: Reset, Message: Message,
		Account: Account, Password: Password, Email: Email, Locale: Locale, Delete: Delete, Sessions: Sessions, Tokens: Tokens,
	}
}

// localeTitle is the title of the page for language and time zone.
func localeTitle(ctx context.Context) string {
	if len(text.LocaleOf(ctx).Languages()) == 1 {
		return page.T(ctx, "locale.title_zone")
	}
	return page.T(ctx, "locale.title")
}

// machine returns a time for the attribute datetime.
func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
