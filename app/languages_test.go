package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/internal/texttest"
)

func newTextApp(t *testing.T, own *text.Set) *covet.App {
	t.Helper()
	return newAppOf(t, testConfig(t), covet.Options{Texts: own})
}

func TestLanguageOfARequest(t *testing.T) {
	t.Parallel()
	own := texttest.Own(t, map[string]string{
		"en.yaml": "hello: Hello\n",
		"de.yaml": "hello: Hallo\nproblem:\n  status:\n    \"404\": Hier ist nichts.\n",
		"ar.yaml": "hello: مرحبا\n",
	})
	a := newTextApp(t, own)
	a.Echo.GET("/hello", func(c echo.Context) error {
		l := text.LocaleOf(c.Request().Context())
		return c.String(http.StatusOK, own.T(c.Request().Context(), "hello")+" "+l.String()+" "+l.Direction())
	})
	tests := []struct {
		name, accept string
		cookies      map[string]string
		want         string
	}{
		{"nothing", "", nil, "Hello en UTC ltr"},
		{"accepted", "de-AT, en;q=0.5", nil, "Hallo de UTC ltr"},
		{"right to left", "ar", nil, "مرحبا ar UTC rtl"},
		{"unknown", "fr", nil, "Hello en UTC ltr"},
		{"faulty", ";;;q=9", nil, "Hello en UTC ltr"},
		{"chosen", "de", map[string]string{"language": "en"}, "Hello en UTC ltr"},
		{"chosen, unknown", "de", map[string]string{"language": "xx"}, "Hallo de UTC ltr"},
		{"zone of the browser", "", map[string]string{"browser_time_zone": "Asia/Tokyo"}, "Hello en Asia/Tokyo ltr"},
		{
			"zone of the user", "",
			map[string]string{"time_zone": "Europe/Berlin", "browser_time_zone": "Asia/Tokyo"},
			"Hello en Europe/Berlin ltr",
		},
		{"zone that is a path", "", map[string]string{"time_zone": "../../etc/passwd"}, "Hello en UTC ltr"},
		{"zone that is too long", "", map[string]string{"time_zone": strings.Repeat("a/", 4000)}, "Hello en UTC ltr"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/hello", nil)
			r.Header.Set("Accept-Language", tt.accept)
			for name, value := range tt.cookies {
				if name != "browser_time_zone" {
					name = a.Cookies().Name(name)
				}
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			a.Echo.ServeHTTP(w, r)
			if got := w.Body.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	r := httptest.NewRequest(http.MethodGet, "/nothing", nil)
	r.Header.Set("Accept-Language", "de")
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"detail":"Hier ist nichts."`) || !strings.Contains(w.Body.String(), `"title":"Not Found"`) {
		t.Errorf("the problem is %s", w.Body)
	}
}

func TestChangeLanguage(t *testing.T) {
	t.Parallel()
	own := texttest.Own(t, map[string]string{"en.yaml": "hello: Hello\n", "de.yaml": "hello: Hallo\n"})
	a := newTextApp(t, own)
	post := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, web.LanguagePath, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		a.Echo.ServeHTTP(w, r)
		return w
	}
	for body, want := range map[string]string{
		"language=de&back=/posts":          "/posts",
		"language=de&back=//evil.example":  "/",
		"language=de&back=https://x.test/": "/",
		"language=en":                      "/",
	} {
		w := post(body)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: %d %q, want %q", body, w.Code, w.Header().Get("Location"), want)
		}
		if cookie := w.Header().Get("Set-Cookie"); !strings.Contains(cookie, "language="+body[9:11]+";") {
			t.Errorf("%s: the cookie is %q", body, cookie)
		}
	}
	if w := post("language=tlh"); w.Code != http.StatusBadRequest || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("an unknown language: %d %q", w.Code, w.Header())
	}
	single := newApp(t, testConfig(t))
	w := httptest.NewRecorder()
	single.Echo.ServeHTTP(w, httptest.NewRequest(http.MethodPost, web.LanguagePath, nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("an application with one language has the route: %d", w.Code)
	}
}

// TestErrorPageInGerman renders the heading and the detail in the language of the request.
func TestErrorPageInGerman(t *testing.T) {
	t.Parallel()
	own := texttest.Own(t, map[string]string{"en.yaml": "hello: Hello\n", "de.yaml": "hello: Hallo\n"})
	a := newTextApp(t, own)
	r := httptest.NewRequest(http.MethodGet, "/nothing", nil)
	r.Header.Set("Accept-Language", "de")
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	for _, want := range []string{`<html lang="de" dir="ltr">`, "<h1>Seite nicht gefunden</h1>", "Diese Seite gibt es nicht."} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q: %s", want, w.Body)
		}
	}
}

func TestFaultyTexts(t *testing.T) {
	t.Parallel()
	own := texttest.Own(t, map[string]string{"en.yaml": "validate:\n  requird: Fill me in\n"})
	_, err := covet.New(testConfig(t), covet.Options{Texts: own, Drivers: []database.Driver{sqlite.Driver{}}})
	if err == nil || !strings.Contains(err.Error(), "en.yaml: validate has no text requird") {
		t.Errorf("err = %v", err)
	}
}
