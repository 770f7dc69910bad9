package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	covetmodels "github.com/covetgo/covet/models"
)

// Reader is the model of users of this application.
type Reader struct{ covetmodels.User }

// API lets programs, such as a mobile app, sign up and log in by JSON. Both answer with an access token.
type API struct{ accounts *auth.Module }

type credentials struct{ Email, Password string }

// SignUp answers POST /api/users.
func (h *API) SignUp(c echo.Context) error {
	var sent credentials
	if err := c.Bind(&sent); err != nil {
		return err
	}
	now := time.Now() // no mail is sent: this application trusts the address
	reader := Reader{covetmodels.User{Email: sent.Email, EmailVerifiedAt: &now}}
	if err := h.accounts.CreateAccount(c.Request().Context(), &reader, sent.Password); err != nil {
		return err // 422 with the fields, 409 or 429
	}
	return h.respond(c, http.StatusCreated, &reader.User)
}

// LogIn answers POST /api/users/login.
func (h *API) LogIn(c echo.Context) error {
	var sent credentials
	if err := c.Bind(&sent); err != nil {
		return err
	}
	account, err := h.accounts.Authenticate(c.Request().Context(), auth.Credentials{
		Email: sent.Email, Password: sent.Password,
	})
	if err != nil {
		return err // 401, 403 or 429
	}
	return h.respond(c, http.StatusOK, account)
}

// LogOut answers DELETE /api/user: the token of the request ends.
func (h *API) LogOut(c echo.Context) error {
	if err := h.accounts.RevokeCurrent(c.Request().Context()); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// Show answers GET /api/user, behind auth.Required.
func (h *API) Show(c echo.Context) error {
	reader, _, err := auth.Current[Reader](c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"email": reader.Email})
}

func (h *API) respond(c echo.Context, status int, account *covetmodels.User) error {
	token, err := h.accounts.IssueToken(c.Request().Context(), account, auth.NewToken{
		Name: "app", Scopes: []string{"*"}, ExpiresAt: time.Now().AddDate(0, 3, 0), LogIn: true,
	})
	if err != nil {
		return err
	}
	return c.JSON(status, map[string]any{"email": account.Email, "token": token})
}

// newReaders returns the application.
func newReaders(cfg settings) (*covet.App, error) {
	a, err := covet.New(cfg.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		return nil, err
	}
	accounts := auth.New[Reader](cfg.Auth, auth.Options[Reader]{
		Layout: func(string) templ.Component { return templ.NopComponent },
	})
	h := &API{accounts: accounts}
	a.Echo.POST("/api/users", h.SignUp)
	a.Echo.POST("/api/users/login", h.LogIn)
	a.Echo.GET("/api/user", h.Show, auth.Required())
	a.Echo.DELETE("/api/user", h.LogOut, auth.Required())
	return a, a.Use(accounts)
}

// An API by which programs sign up and log in, and receive an access token.
func Example_api() {
	cfg := settings{}
	cfg.Database.URL, cfg.Log.Level, cfg.App.Env = "sqlite::memory:", "error", "test"
	a, err := newReaders(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer a.Stop(ctx)
	if err := a.Migrate(ctx); err != nil {
		fmt.Println(err)
		return
	}
	send := func(path, body string) int {
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(body))
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
		w := httptest.NewRecorder()
		a.Echo.ServeHTTP(w, r)
		return w.Code
	}
	fmt.Println(send("/api/users", `{"email": "ada@example.com", "password": "correct horse battery"}`))
	fmt.Println(send("/api/users", `{"email": "ada@example.com", "password": "short"}`))
	fmt.Println(send("/api/users/login", `{"email": "ada@example.com", "password": "a wrong password"}`))
	fmt.Println(send("/api/users/login", `{"email": "Ada@Example.com", "password": "correct horse battery"}`))
	// Output:
	// 201
	// 422
	// 401
	// 200
}
