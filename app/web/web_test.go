package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
)

func newContext(renderer *web.Renderer, r *http.Request) (echo.Context, *httptest.ResponseRecorder) {
	e := echo.New()
	e.Renderer = renderer
	w := httptest.NewRecorder()
	return e.NewContext(r, w), w
}

func get() *http.Request { return httptest.NewRequest(http.MethodGet, "/", nil) }

func component(f func(ctx context.Context) (string, error)) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		text, err := f(ctx)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		return err
	})
}

func TestRender(t *testing.T) {
	t.Parallel()
	c, w := newContext(&web.Renderer{}, get())
	chain := middleware.Request(middleware.Proxies{})(func(c echo.Context) error {
		return web.Render(c, http.StatusTeapot, component(func(ctx context.Context) (string, error) {
			if nonce := templ.GetNonce(ctx); nonce == "" || nonce != middleware.Nonce(ctx) {
				t.Errorf("the component's nonce is %q", nonce)
			}
			return "<p>hi</p>", nil
		}))
	})
	if err := chain(c); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusTeapot || w.Body.String() != "<p>hi</p>" ||
		w.Header().Get("Content-Type") != "text/html; charset=UTF-8" {
		t.Errorf("%d %s %s", w.Code, w.Header(), w.Body)
	}
}

// A page that breaks half-way is never sent in part.
func TestRenderSendsNothingOfABrokenPage(t *testing.T) {
	t.Parallel()
	c, w := newContext(&web.Renderer{}, get())
	broken := errors.New("broken")
	err := web.Render(c, http.StatusOK, templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return broken
	}))
	if !errors.Is(err, broken) || w.Body.Len() != 0 || c.Response().Committed {
		t.Errorf("error %v, body %q", err, w.Body)
	}
}

// Threat: an open redirect lends our name to another site.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for target, local := range map[string]bool{
		"/contact": true, "/a?b=c#d": true, "/": true,
		"": false, "contact": false, "//evil.example": false, "/\\evil.example": false, "\\\\evil.example": false,
		"https://evil.example": false, "/\t/evil.example": false, "/\n/evil.example": false, "javascript:alert(1)": false,
	} {
		c, w := newContext(&web.Renderer{}, get())
		err := web.Redirect(c, target)
		if local && (err != nil || w.Code != http.StatusSeeOther || w.Header().Get("Location") != target) {
			t.Errorf("%q: %v, %d to %q", target, err, w.Code, w.Header().Get("Location"))
		}
		if !local && (err == nil || w.Header().Get("Location") != "") {
			t.Errorf("%q leads to %q", target, w.Header().Get("Location"))
		}
	}
}

func TestFlash(t *testing.T) {
	t.Parallel()
	renderer := &web.Renderer{Key: []byte("0123456789abcdef0123456789abcdef"), Cookies: web.Cookies{Secure: true}}
	c, w := newContext(renderer, get())
	if err := web.Flash(c, "Thänk you; <b>"); err != nil {
		t.Fatal(err)
	}
	cookie := w.Result().Cookies()[0]
	if cookie.Name != "__Host-flash" || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie = %v", cookie)
	}

	message, cleared := show(t, renderer, cookie)
	if message != "Thänk you; <b>" || !cleared {
		t.Errorf("message = %q, cleared = %v", message, cleared)
	}
	if message, _ := show(t, renderer, nil); message != "" {
		t.Errorf("without a cookie the message is %q", message)
	}
}

// Threat: another site or a subdomain plants a message in our name.
func TestFlashIsSigned(t *testing.T) {
	t.Parallel()
	renderer := &web.Renderer{Key: []byte("0123456789abcdef0123456789abcdef")}
	c, w := newContext(renderer, get())
	if err := web.Flash(c, "ours"); err != nil {
		t.Fatal(err)
	}
	own := w.Result().Cookies()[0].Value
	_, signature, _ := strings.Cut(own, ".")
	for _, value := range []string{
		"cGF5IGhlcmU." + signature, "cGF5IGhlcmU.", "cGF5IGhlcmU",
		"", "%%%." + signature, own + "x",
	} {
		if message, cleared := show(t, renderer, &http.Cookie{Name: "flash", Value: value}); message != "" || !cleared {
			t.Errorf("%q is shown as %q, cleared = %v", value, message, cleared)
		}
	}
	other := &web.Renderer{Key: []byte("another key of thirty-two bytes!")}
	if message, _ := show(t, other, &http.Cookie{Name: "flash", Value: own}); message != "" {
		t.Errorf("another key shows %q", message)
	}
}

func show(t *testing.T, renderer *web.Renderer, cookie *http.Cookie) (message string, cleared bool) {
	t.Helper()
	r := get()
	if cookie != nil {
		r.AddCookie(cookie)
	}
	c, w := newContext(renderer, r)
	err := web.Render(c, http.StatusOK, component(func(ctx context.Context) (string, error) {
		message = web.Flashes(ctx)
		return "", nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return message, strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0")
}

func TestFlashThatIsRefused(t *testing.T) {
	t.Parallel()
	c, w := newContext(&web.Renderer{}, get())
	if err := web.Flash(c, "hi"); err == nil {
		t.Error("a flash without a key is taken")
	}
	c, _ = newContext(&web.Renderer{Key: []byte("k")}, get())
	if err := web.Flash(c, strings.Repeat("x", 2049)); err == nil {
		t.Error("a flash above 2 KB is taken")
	}
	if len(w.Header()) != 0 {
		t.Errorf("header = %v", w.Header())
	}
}

type form struct {
	Name     string `form:"name" required:"true"`
	Password string `form:"password" trim:"false"`
	Age      int    `form:"age"`
	Admin    bool
	Inner    struct {
		City string `form:"city"`
	}
}

func post(target, contentType, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

const urlencoded = "application/x-www-form-urlencoded"

// Threat: fields that the form does not have are set, or set by the address.
func TestBind(t *testing.T) {
	t.Parallel()
	var got form
	values := url.Values{
		"name":     {"  Ada "},
		"password": {" p "},
		"age":      {"36"},
		"Admin":    {"true"},
		"admin":    {"true"},
		"city":     {" Ulm "},
	}
	c, _ := newContext(&web.Renderer{}, post("/?name=query&admin=1", urlencoded, values.Encode()))
	errs, err := web.Bind(c, &got)
	if err != nil || len(errs) != 0 {
		t.Fatal(errs, err)
	}
	want := form{Name: "Ada", Password: " p ", Age: 36}
	want.Inner.City = "Ulm"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}

	got = form{}
	c, _ = newContext(&web.Renderer{}, post("/?city=query&age=7", urlencoded, "name=Ada"))
	if _, err := web.Bind(c, &got); err != nil || got.Inner.City != "" || got.Age != 0 {
		t.Errorf("the address sets %+v, %v", got, err)
	}
	c, _ = newContext(&web.Renderer{}, post("/?name=query", urlencoded, "name=+"))
	if errs, err := web.Bind(c, new(form)); err != nil ||
		!cmp.Equal(errs, validate.Errors{"name": "Please fill this in."}) {
		t.Errorf("errors = %v, %v", errs, err)
	}
}

func TestBindRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType, body string
		status                  int
	}{
		{"other type", "text/csv", "name=x", 415},
		{"no type", "", "name=x", 415},
		{"JSON, which knows fields by name", "application/json", `{"Name":"x","Admin":true}`, 415},
		{"XML", "application/xml", `<form><Admin>true</Admin></form>`, 415},
		{"broken encoding", urlencoded, "name=%zz", 400},
		{"no UTF-8", urlencoded, "name=%ff", 400},
		{"NUL", urlencoded, "name=x%00", 400},
		{
			"NUL in a part", "multipart/form-data; boundary=b",
			"--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx\x00\r\n--b--\r\n", 400,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, _ := newContext(&web.Renderer{}, post("/", tt.contentType, tt.body))
			var got form
			_, err := web.Bind(c, &got)
			if got.Admin {
				t.Error("a field without a form tag was set")
			}
			p := problem.From(err)
			if p == nil || p.Status != tt.status || strings.Contains(p.Detail, "hunter2") {
				t.Errorf("problem = %v, want status %d", p, tt.status)
			}
		})
	}
	c, w := newContext(&web.Renderer{}, post("/", urlencoded, "name="+strings.Repeat("x", 100)))
	c.Request().Body = http.MaxBytesReader(w, c.Request().Body, 10)
	if _, err := web.Bind(c, new(form)); problem.From(err).Status != http.StatusRequestEntityTooLarge {
		t.Errorf("error = %v, want 413", err)
	}
}

func TestWantsHTML(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"text/html,application/xhtml+xml,*/*;q=0.8": true, "application/json": false, "*/*": false, "": false,
		"application/problem+json, text/html": false, "text/html, application/json": true,
	} {
		r := get()
		r.Header.Set("Accept", accept)
		if got := web.WantsHTML(r); got != want {
			t.Errorf("Accept %q wants HTML: %v, want %v", accept, got, want)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	assets, err := web.NewAssets(fstest.MapFS{
		"css/app.css": {Data: []byte("body{}")}, "img/a.svg": {Data: []byte("<svg/>")}, ".hidden": {Data: []byte("x")},
		"LICENSE": {Data: []byte("text")}, "A.WOFF2": {Data: []byte("wOF2")},
	}, "assets")
	if err != nil {
		t.Fatal(err)
	}
	hashed, err := assets.URL("css/app.css")
	if err != nil || !strings.HasPrefix(hashed, "/assets/css/app.") || hashed == "/assets/css/app.css" {
		t.Fatalf("URL = %q, %v", hashed, err)
	}
	if _, err := assets.URL("css/ap.css"); !errors.Is(err, web.ErrNoAsset) {
		t.Errorf("error for a wrong name = %v", err)
	}
	for path, want := range map[string]string{
		hashed:                "public, max-age=31536000, immutable text/css; charset=utf-8",
		"/assets/css/app.css": "no-cache text/css; charset=utf-8",
		"/assets/img/a.svg":   "no-cache image/svg+xml",
		"/assets/LICENSE":     "no-cache text/plain; charset=utf-8",
		"/assets/A.WOFF2":     "no-cache font/woff2",
	} {
		c, w := newContext(nil, httptest.NewRequest(http.MethodGet, path, nil))
		if err := assets.Serve(c); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if got := w.Header().Get("Cache-Control") + " " + w.Header().Get("Content-Type"); got != want ||
			w.Code != http.StatusOK {
			t.Errorf("%s: %d %s, want %s", path, w.Code, got, want)
		}
	}
	for _, path := range []string{
		"/assets/", "/assets/.hidden", "/assets/../web_test.go", "/assets/css",
		"/assets/css/app.AAAAAAAA.css",
	} {
		c, _ := newContext(nil, get())
		c.Request().URL.Path = path
		if err := assets.Serve(c); problem.From(err) == nil || problem.From(err).Status != http.StatusNotFound {
			t.Errorf("%s: %v, want 404", path, err)
		}
	}
}

func TestAssetsAreRevalidated(t *testing.T) {
	t.Parallel()
	assets := web.MustAssets(fstest.MapFS{"a.js": {Data: []byte("1")}}, "/assets/")
	c, w := newContext(nil, httptest.NewRequest(http.MethodGet, "/assets/a.js", nil))
	if err := assets.Serve(c); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/assets/a.js", nil)
	r.Header.Set("If-None-Match", w.Header().Get("ETag"))
	c, w = newContext(nil, r)
	if err := assets.Serve(c); err != nil || w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%v, %d %q, want 304", err, w.Code, w.Body)
	}
}

func FuzzIsLocal(f *testing.F) {
	for _, s := range []string{"/", "//x", "/\\x", "/a//b", "http://x", "/\x00/x"} {
		f.Add(s)
	}
	base, err := url.Parse("https://blog.example.com/deep/page")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if !web.IsLocal(target) {
			return
		}
		reference, err := url.Parse(target)
		if err != nil {
			return // no browser follows it elsewhere
		}
		if resolved := base.ResolveReference(reference); resolved.Host != base.Host || resolved.Scheme != "https" {
			t.Errorf("%q leads to %s", target, resolved)
		}
	})
}
