package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
)

// refuser is middleware of a module, at a position before the router: the header X-Refuse is the status.
type refuser struct{ position covet.Position }

func (refuser) Name() string { return "refuser" }

func (r refuser) Middleware() []covet.Middleware {
	return []covet.Middleware{{Name: "refuser", Position: r.position, Func: refuse("X-Refuse")}}
}

func refuse(header string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			switch c.Request().Header.Get(header) {
			case "429":
				return problem.Status(http.StatusTooManyRequests).WithHeader("Retry-After", "7")
			case "503":
				return problem.Unavailable(errors.New("secret"))
			case "echo":
				return echo.NewHTTPError(http.StatusTeapot, "secret")
			case "panic":
				panic("secret")
			}
			return next(c)
		}
	}
}

// shapedApp has the errors, the envelopes and the scheme of the options, for the whole API.
func shapedApp(opts api.Options, endpoints func(*covet.App)) func(config) (*covet.App, error) {
	return func(cfg config) (*covet.App, error) {
		a, err := covet.New(cfg.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
		if err != nil {
			return nil, err
		}
		a.Echo.Use(signIn, refuse("X-Refuse-Late"))
		if err := a.Use(refuser{covet.BeforeChecks}, api.New(cfg.API, opts)); err != nil {
			return nil, err
		}
		endpoints(a)
		return a, nil
	}
}

type note struct {
	Title string   `json:"title" required:"true" maxLength:"5"`
	Tags  []string `json:"tags"`
}

func noteEndpoints(r api.Registrar) {
	type body struct{ Body note }
	type change struct {
		api.MustMatch
		Body note
	}
	api.Get(r, "/notes/{kind}", fail)
	api.Post(r, "/notes", func(_ context.Context, in *body) (*body, error) { return in, nil }, api.MaxBody(100))
	api.Put(r, "/notes", func(_ context.Context, in *change) (*body, error) {
		if err := in.Check("1"); err != nil {
			return nil, err
		}
		return nil, gorm.ErrDuplicatedKey
	}, api.Permission("posts.update"))
}

// Every error of an endpoint has the declared shape, wherever it comes from.
func TestErrorShapeHoldsForEveryError(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, method, path, body string
		headers                  []string
		status                   int
	}{
		{"plain error", "GET", "/notes/plain", "", nil, 500},
		{"panic", "GET", "/notes/panic", "", nil, 500},
		{"record", "GET", "/notes/missing", "", nil, 404},
		{"conflict", "GET", "/notes/duplicate", "", nil, 409},
		{"own", "GET", "/notes/problem", "", nil, 409},
		{"echo's", "GET", "/notes/http", "", nil, 418},
		{"unknown address", "GET", "/nowhere", "", nil, 404},
		{"unknown method", "DELETE", "/notes", "", nil, 405},
		{"malformed", "POST", "/notes", "{", nil, 400},
		{"empty", "POST", "/notes", "", nil, 400},
		{"invalid", "POST", "/notes", `{"title":""}`, nil, 422},
		{"too large", "POST", "/notes", `{"title":"` + strings.Repeat("x", 100) + `"}`, nil, 413},
		{"media type", "POST", "/notes", `{}`, []string{"Content-Type: text/plain"}, 415},
		{"another site", "POST", "/notes", `{}`, []string{"Sec-Fetch-Site: cross-site"}, 403},
		{"nobody", "PUT", "/notes", `{}`, nil, 401},
		{"forbidden", "PUT", "/notes", `{}`, []string{"X-Actor: ada"}, 403},
		{"resolver", "PUT", "/notes", `{}`, []string{"X-Actor: broken"}, 503},
		{"no version", "PUT", "/notes", `{"title":"x"}`, []string{"X-Actor: editor"}, 428},
		{"other version", "PUT", "/notes", `{"title":"x"}`, []string{"X-Actor: editor", `If-Match: "2"`}, 412},
		{"duplicate", "PUT", "/notes", `{"title":"x"}`, []string{"X-Actor: editor", `If-Match: "1"`}, 409},
		{"limited", "GET", "/notes/x", "", []string{"X-Refuse: 429"}, 429},
		{"limited, unknown address", "GET", "/nowhere", "", []string{"X-Refuse: 429"}, 429},
		{"maintenance", "POST", "/notes", `{}`, []string{"X-Refuse: 503"}, 503},
		{"echo middleware", "GET", "/notes/x", "", []string{"X-Refuse-Late: echo"}, 418},
		{"late panic", "GET", "/notes/x", "", []string{"X-Refuse-Late: panic"}, 500},
		{"early panic", "GET", "/notes/x", "", []string{"X-Refuse: panic"}, 500},
	}
	for name, build := range map[string]func(config) (*covet.App, error){
		"module": shapedApp(api.Options{Endpoints: []api.Option{api.ErrorShape(failure), api.Scheme("Token")}},
			func(a *covet.App) { noteEndpoints(a) }),
		"group": shapedApp(api.Options{}, func(a *covet.App) {
			noteEndpoints(api.NewGroup(api.NewGroup(a, "/v1"), "/x", api.ErrorShape(failure), api.Scheme("Token")))
			noteEndpoints(a)
		}),
	} {
		prefix := map[string]string{"module": "/api", "group": "/api/v1/x"}[name]
		a := apptest.New(t, build, apptest.Set("log.level", "error"))
		for _, tt := range tests {
			for _, accept := range []string{"application/json", "text/html,application/xhtml+xml,*/*;q=0.8"} {
				headers := append([]string{"Accept: " + accept}, tt.headers...)
				contentType := "application/json"
				if len(tt.headers) > 0 && strings.HasPrefix(tt.headers[0], "Content-Type: ") {
					contentType, headers = strings.TrimPrefix(tt.headers[0], "Content-Type: "), headers[:1]
				}
				page := call(t, a, tt.method, prefix+tt.path, contentType, tt.body, headers...)
				var got Failure
				err := json.Unmarshal([]byte(page.Body()), &got)
				if page.Status() != tt.status || page.Header().Get("Content-Type") != "application/json" ||
					err != nil || len(got.Errors.Body) == 0 || strings.Contains(page.Body(), "secret") ||
					strings.Contains(page.Body(), "about:blank") {
					t.Errorf("%s, %s: %d %s %s", name, tt.name, page.Status(), page.Header().Get("Content-Type"), page.Body())
				}
				if got := page.Header().Get("WWW-Authenticate"); tt.status == 401 && got != "Token" {
					t.Errorf("%s, %s: WWW-Authenticate = %q", name, tt.name, got)
				}
				if got := page.Header().Get("Retry-After"); tt.status == 429 && got != "7" {
					t.Errorf("%s, %s: Retry-After = %q", name, tt.name, got)
				}
			}
		}
		head := call(t, a, "HEAD", prefix+"/notes/missing", "", "")
		if head.Status() != 404 || head.Body() != "" {
			t.Errorf("%s: HEAD gets %d %q", name, head.Status(), head.Body())
		}
		if name == "group" { // what is outside keeps its own
			refused(t, call(t, a, "GET", "/api/notes/missing", "", ""), 404)
			refused(t, call(t, a, "GET", "/api/v1/xy", "", ""), 404)
			page := call(t, a, "PUT", "/api/notes", "application/json", "{}")
			if refused(t, page, 401); page.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("WWW-Authenticate = %q", page.Header().Get("WWW-Authenticate"))
			}
		}
	}
}

// A shape that fails leaves problem details, and never an empty response.
func TestErrorShapeThatPanics(t *testing.T) {
	t.Parallel()
	shape := func(p *problem.Error) Failure {
		if p.Status == http.StatusNotFound {
			panic("secret")
		}
		return failure(p)
	}
	a := apptest.New(t, shapedApp(api.Options{Endpoints: []api.Option{api.ErrorShape(shape)}},
		func(a *covet.App) { noteEndpoints(a) }), apptest.UndocumentedResponses())
	if page := call(t, a, "GET", "/api/notes/missing", "", ""); strings.Contains(page.Body(), "secret") {
		t.Errorf("the cause is sent: %s", page.Body())
	} else {
		refused(t, page, 404)
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	type body struct{ Body note }
	type optional struct{ Body *note }
	type list struct{ Body []note }
	type upload struct {
		Body struct {
			File api.File `json:"file"`
		}
	}
	type checked struct {
		Validated
		Limit int `query:"limit"`
	}
	keep := func(_ context.Context, in *body) (*body, error) { return in, nil }
	a := apptest.New(t, shapedApp(api.Options{Endpoints: []api.Option{api.ResponseEnvelope("data")}}, func(a *covet.App) {
		api.Post(a, "/data", keep)
		api.Post(a, "/bare", keep, api.Envelope(""))
		api.Get(a, "/lists", func(context.Context, *struct{}) (*list, error) { return &list{}, nil })
		api.Post(a, "/taken", func(context.Context, *body) (*body, error) { return nil, gorm.ErrDuplicatedKey })
		api.Post(a, "/uploads", func(_ context.Context, in *upload) (*list, error) { return &list{}, nil }, api.Envelope("x"))
		g := api.NewGroup(a, "", api.Envelope("note"))
		api.Post(g, "/notes", keep)
		api.Post(g, "/optional", func(_ context.Context, in *optional) (*body, error) {
			if in.Body == nil {
				return &body{Body: note{Title: "none"}}, nil
			}
			return &body{Body: *in.Body}, nil
		})
		api.Post(g, "/checked", func(_ context.Context, in *checked) (*list, error) { return &list{}, nil })
		api.Get(g, "/raw", func(context.Context, *struct{}) (*struct{ Body []byte }, error) {
			return &struct{ Body []byte }{[]byte("raw")}, nil
		})
	}))
	tests := []struct{ method, path, body, want string }{
		{"POST", "/data", `{"title":"a"}`, `{"data":{"title":"a","tags":[]}}`},
		{"POST", "/bare", `{"title":"a"}`, `{"title":"a","tags":[]}`},
		{"GET", "/lists", "", `{"data":[]}`},
		{"POST", "/notes", `{"note":{"title":"a","tags":["b"]}}`, `{"note":{"title":"a","tags":["b"]}}`},
		{"POST", "/optional", `{"note":{"title":"a"}}`, `{"note":{"title":"a","tags":[]}}`},
		{"POST", "/optional", "", `{"note":{"title":"none","tags":[]}}`},
		{"GET", "/raw", "", "raw"},
	}
	for _, tt := range tests {
		page := call(t, a, tt.method, "/api"+tt.path, "application/json", tt.body)
		if got := strings.TrimSpace(page.MustStatus(200).Body()); got != tt.want {
			t.Errorf("%s %s = %s, want %s", tt.method, tt.path, got, tt.want)
		}
	}
	contentType, file := form(t, uploadPart("file"))
	call(t, a, "POST", "/api/uploads", contentType, file).MustStatus(200)
	for _, tt := range []struct {
		path, body string
		status     int
		pointers   []string
	}{
		{"/notes", `{"title":"a"}`, 422, []string{"/note", "/title"}},
		{"/notes", `{"note":null}`, 422, []string{"/note"}},
		{"/notes", `{"note":{"title":"too long"},"more":1}`, 422, []string{"/more", "/note/title"}},
		{"/notes", `{"note":{"tags":["a",1]}}`, 422, []string{"/note/tags/1", "/note/title"}},
		{"/notes", `{"note":{"title":"a"},"note":{"title":"a"}}`, 400, []string{"/note"}},
		{"/notes", `[]`, 422, []string{""}},
		{"/checked?limit=7", `{"note":{"title":"a"}}`, 422, []string{"/limit", "/note/title"}},
		{"/data", `{"data":{"title":"a"}}`, 422, []string{"/data", "/title"}},
	} {
		page := call(t, a, "POST", "/api"+tt.path, "application/json", tt.body)
		refused(t, page, tt.status, tt.pointers...)
	}
	refused(t, call(t, a, "POST", "/api/notes", "application/x-www-form-urlencoded", "title=a"), 415)
}

// Validated has rules that no tag can express, about a parameter and about the body.
type Validated struct {
	Body note
}

// Validate implements validate.Validator.
func (v *Validated) Validate(_ context.Context, errs validate.Errors) error {
	errs.Add("title", "This is refused.")
	errs.Add("limit", "This is refused, too.")
	return nil
}

func uploadPart(field string) upload { return upload{field, "a.txt", "", "text"} }

// Programmer errors are reported where they are written.
func TestWrongDeclarationsPanic(t *testing.T) {
	t.Parallel()
	a, _ := describe(t, func(*covet.App) {})
	for name, register := range map[string]func(){
		"a group named as one endpoint":   func() { api.NewGroup(a, "/x", api.OperationID("x")) },
		"a group with a status":           func() { api.NewGroup(a, "/x", api.Status(201)) },
		"a path of echo":                  func() { api.NewGroup(a, "/x/:id") },
		"a path without a slash":          func() { api.NewGroup(a, "x") },
		"an envelope with a quote":        func() { api.Envelope(`a"b`) },
		"an envelope with a comma":        func() { api.ResponseEnvelope("a,omitempty") },
		"a scheme with a space":           func() { api.Scheme("My Token") },
		"a scheme of passwords":           func() { api.Scheme("basic") },
		"an empty scheme":                 func() { api.Scheme("") },
		"errors without a schema":         func() { api.ErrorShape(func(*problem.Error) any { return nil }) },
		"errors that are no JSON":         func() { api.ErrorShape(func(*problem.Error) chan int { return nil }) },
		"errors with a secret":            func() { api.ErrorShape(func(*problem.Error) withSecret { return withSecret{} }) },
		"errors that panic":               func() { api.ErrorShape(func(p *problem.Error) int { return len(p.Header["X"][0]) }) },
		"an endpoint with a wrong output": func() { api.Get(a, "/y", func(context.Context, *struct{}) (*int, error) { return nil, nil }) },
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, "api/contract_test.go:") {
					t.Errorf("%s: the panic is %q, and names no line of this file", name, got)
				}
			}()
			register()
		}()
	}
	wrong := api.New(api.Config{}, api.Options{Endpoints: []api.Option{api.Summary("x")}})
	other, err := covet.New(covet.Config{Database: database.Config{URL: "sqlite::memory:"}},
		covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Stop(context.WithoutCancel(t.Context())) })
	if err := other.Use(wrong); err == nil || !strings.Contains(err.Error(), "Summary") {
		t.Errorf("Use returned %v", err)
	}
}

type withSecret struct {
	Hash string `json:"hash" secret:"true"`
}

// What a handler returns is what the document says, or an error.
func TestOutputsOutsideTheDocument(t *testing.T) {
	t.Parallel()
	type output struct {
		Status int
		Body   note
	}
	status := func(n int) func(context.Context, *struct{}) (*output, error) {
		return func(context.Context, *struct{}) (*output, error) { return &output{Status: n}, nil }
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/none", func(context.Context, *struct{}) (*output, error) { return nil, nil })
		api.Put(a, "/created", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, api.Status(201))
		api.Get(a, "/202", status(202))
		api.Get(a, "/404", status(404))
	}), apptest.Set("log.level", "error"))
	refused(t, call(t, a, "GET", "/api/none", "", ""), 500)
	refused(t, call(t, a, "GET", "/api/404", "", ""), 500)
	answered(t, call(t, a, "GET", "/api/202", "", ""), 202)
	answered(t, call(t, a, "PUT", "/api/created", "", ""), 201)
	if page := call(t, a, "GET", "/api/created", "", "", "If-None-Match: *"); page.Status() != 405 {
		t.Errorf("status = %d", page.Status())
	}
	if page := call(t, a, "GET", "/api/202", "", "", "If-None-Match: *"); page.Status() != 202 {
		t.Errorf("without an ETag If-None-Match gets %d", page.Status())
	}
}

// The document, the page and the client follow the declarations.
func TestDeclarationsAreDescribed(t *testing.T) {
	t.Parallel()
	type body struct{ Body note }
	a, m := describe(t, func(a *covet.App) {
		g := api.NewGroup(a, "/v1", api.ErrorShape(failure), api.Scheme("Token"))
		api.Put(g, "/notes", func(_ context.Context, in *body) (*body, error) { return in, nil },
			api.Envelope("note"), api.Permission("notes.update"))
		api.Get(a, "/plain", func(context.Context, *struct{ api.Actor }) (*body, error) { return nil, nil })
	})
	text, err := m.Document()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "declared.json", text)
	page := serve(a, "/docs", "").Body.String()
	for _, want := range []string{
		`data-scheme="Token"`, `data-scheme="Bearer"`, "Authorization: Token TOKEN", "Authorization: Bearer TOKEN",
		`href="#schema-Failure"`, `href="#schema-Problem"`, "&#34;note&#34;: {",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("/docs has no %s", want)
		}
	}
	var client bytes.Buffer
	for _, cmd := range m.Commands(a) {
		if cmd.Name() == "client" {
			cmd.SetOut(&client)
			cmd.SetArgs([]string{"ts"})
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, want := range []string{
		"body: {\n        note: NoteInput;\n      };", "Promise<{\n    note: Note;\n  }>", `scheme: "Token",`,
		"fail: responseError,", "fail: problemError,", "export type ErrorBody = Failure;",
	} {
		if !strings.Contains(client.String(), want) {
			t.Errorf("the client has no %s", want)
		}
	}
	use, err := os.ReadFile("testdata/use_declared.ts")
	if err != nil {
		t.Fatal(err)
	}
	compile(t, client.String(), string(use))
}
