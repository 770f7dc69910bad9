// Package auth_test measures what it costs to know who is signed in.
//
//	go test -run '^$' -bench . -benchtime 2s ./bench/auth
//
// One trivial page is requested by a guest and by a user who is signed in, in turns, so that a slow moment of the
// machine hits both. The page needs the actor, so that each session is looked up. Requests go to the handler itself,
// without a connection, and nothing is logged: whatever is the same for both would bring the ratio nearer to 1.
// "of-guest" is the throughput of the one as a share of the other's, by the medians; "uncached" is with
// auth.session_cache=0s.
package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/apptest"
	covetpassword "github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
	"github.com/covetgo/covet/scaffold/skeleton/app"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

const plain = "correct horse battery"

// batch is how many requests are one turn.
const batch = 200

func BenchmarkSignedIn(b *testing.B) {
	for name, cache := range map[string]string{"cached": "250ms", "uncached": "0s"} {
		b.Run(name, func(b *testing.B) {
			a := apptest.New(b, app.New, apptest.Set("auth.session_cache", cache), apptest.Set("log.level", "error"),
				apptest.Set("database.url", "sqlite:"+b.TempDir()+"/bench.db"))
			a.Echo.GET("/who", func(c echo.Context) error {
				if actor, ok := identity.From(c.Request().Context()); ok {
					return c.HTML(http.StatusOK, "<p>Hello "+actor.Email+"</p>")
				}
				return c.HTML(http.StatusOK, "<p>Hello dear visitor here</p>")
			})
			session := signIn(b, a)
			kinds := map[string]func(*http.Request){
				"guest":     func(*http.Request) {},
				"signed-in": func(r *http.Request) { r.AddCookie(session) },
			}
			took := map[string][]time.Duration{}
			for b.Loop() {
				for kind, mark := range kinds {
					took[kind] = append(took[kind], ask(b, a.Echo, mark))
				}
			}
			guest, signedIn := median(took["guest"]), median(took["signed-in"])
			b.ReportMetric(float64(guest)/float64(signedIn), "of-guest")
			b.ReportMetric(float64(guest.Nanoseconds())/batch, "ns/guest")
			b.ReportMetric(float64(signedIn.Nanoseconds())/batch, "ns/signed-in")
		})
	}
}

// ask sends a batch of requests over HTTP's handler, and returns how long it took.
func ask(b *testing.B, handler http.Handler, mark func(*http.Request)) time.Duration {
	b.Helper()
	began := time.Now()
	for range batch {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/who", nil)
		mark(r)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatalf("status %d", w.Code)
		}
	}
	return time.Since(began)
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// signIn makes an account and returns the cookie of its session.
func signIn(b *testing.B, a *apptest.App) *http.Cookie {
	b.Helper()
	hash, err := covetpassword.Hash(b.Context(), plain)
	if err != nil {
		b.Fatal(err)
	}
	verified := time.Now().UTC()
	user := models.User{User: covetmodels.User{Email: "ada@example.com", PasswordHash: hash, EmailVerifiedAt: &verified}}
	if err := a.DB.With(b.Context()).Create(&user).Error; err != nil {
		b.Fatal(err)
	}
	form := url.Values{"email": {user.Email}, "password": {plain}}
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/login", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.Name == "session" {
			return cookie
		}
	}
	b.Fatalf("no session: %d %s", w.Code, w.Body)
	return nil
}
