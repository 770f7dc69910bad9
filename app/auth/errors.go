package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/problem"
)

// The errors of the functions for accounts. They are the causes of problems with a status and a text for the client,
// so that a handler can return what it gets:
//
//	account, err := accounts.Authenticate(ctx, credentials)
//	if err != nil {
//		return err // 401, 403 or 429 with a text, or 500
//	}
//
// and find them with [errors.Is].
var (
	// ErrCredentials is the cause of 401: there is no such account, it is disabled, or the password is wrong. Nothing
	// tells which.
	ErrCredentials = errors.New("the e-mail address or the password is wrong")
	// ErrUnconfirmed is the cause of 403: the password is right, and the address was never confirmed.
	ErrUnconfirmed = errors.New("the address of the account is not confirmed")
	// ErrStepRequired is the cause of 403: the password is right, and the account has to pass another step of the log-in,
	// which needs a browser.
	ErrStepRequired = errors.New("the log-in has another step")
	// ErrEmailTaken is the cause of 409: another account has the address.
	ErrEmailTaken = errors.New("there is an account with this address")
	// ErrChanged is the cause of 409: the account was changed, disabled or deleted since it was read.
	ErrChanged = errors.New("the account was changed during the log-in")
	// ErrLastAdmin is the cause of 409: no account would be left that may do everything.
	ErrLastAdmin = account.ErrLastAdmin
	// ErrTooManyTokens is the cause of 409: the account has 50 valid access tokens.
	ErrTooManyTokens = errors.New("the account has as many access tokens as it may have")
	// ErrNotFound is the cause of 404: there is no such account, session or access token.
	ErrNotFound = errors.New("not found")
)

func wrongCredentials(ctx context.Context) error {
	return problem.New(http.StatusUnauthorized, "wrong_credentials", texts.T(ctx, "login.wrong")).
		WithHeader(echo.HeaderWWWAuthenticate, "Bearer").WithCause(ErrCredentials)
}

func unconfirmed(ctx context.Context) error {
	return problem.New(http.StatusForbidden, "email_unconfirmed", texts.T(ctx, "login.unconfirmed")).WithCause(ErrUnconfirmed)
}

func stepRequired(ctx context.Context) error {
	return problem.New(http.StatusForbidden, "login_step_required", texts.T(ctx, "login.step_required")).
		WithCause(ErrStepRequired)
}

func emailTaken(ctx context.Context) error {
	return problem.New(http.StatusConflict, "email_taken", texts.T(ctx, "taken.text")).WithCause(ErrEmailTaken)
}
