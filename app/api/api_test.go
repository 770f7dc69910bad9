package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/storage"
	covetmodels "github.com/covetgo/covet/models"
)

type config struct {
	covet.Config
	API api.Config
}

// newApp returns how to make an application with endpoints.
func newApp(endpoints func(a *covet.App)) func(config) (*covet.App, error) {
	return func(cfg config) (*covet.App, error) {
		a, err := covet.New(cfg.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}})
		if err != nil {
			return nil, err
		}
		a.Echo.Use(signIn)
		if err := a.Use(api.New(cfg.API, api.Options{})); err != nil {
			return nil, err
		}
		endpoints(a)
		return a, nil
	}
}

// signIn makes the header X-Actor say who acts: a name and the scopes of a token.
func signIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		name, scopes, token := strings.Cut(c.Request().Header.Get("X-Actor"), " ")
		ctx := identity.WithResolver(c.Request().Context(), func(context.Context) (identity.Actor, bool, error) {
			actor := identity.Actor{ID: name, Name: name}
			switch name {
			case "":
				return identity.Actor{}, false, nil
			case "broken":
				return identity.Actor{}, false, errors.New("database is away: secret")
			case "revoked":
				refusal := problem.Unauthorized("This access token was revoked.").WithHeader("WWW-Authenticate", "Bearer")
				return identity.Actor{}, false, fmt.Errorf("looking up the token: %w", refusal)
			case "editor":
				actor.Permissions = []string{"posts.*"}
			}
			if token {
				actor.Token, actor.Scopes = true, strings.Fields(scopes)
			}
			return actor, true, nil
		})
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// call sends a request, with headers as "Name: value".
func call(t *testing.T, a *apptest.App, method, path, contentType, body string, headers ...string) *apptest.Page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		r.Body = http.NoBody
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, h := range headers {
		name, v, _ := strings.Cut(h, ": ")
		r.Header.Add(name, v)
	}
	return a.Client().Do(r)
}

// details are the members of a problem.
type details struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []problem.Field
}

// answered holds that the page has a status.
func answered(t *testing.T, page *apptest.Page, status int) {
	t.Helper()
	if page.Status() != status {
		t.Fatalf("status = %d, want %d\n%s", page.Status(), status, page.Body())
	}
}

// refused holds that the page is a problem with a status, pointing where it should.
func refused(t *testing.T, page *apptest.Page, status int, pointers ...string) details {
	t.Helper()
	answered(t, page, status)
	if got := page.Header().Get("Content-Type"); got != problem.ContentType {
		t.Errorf("Content-Type = %q, want a problem\n%s", got, page.Body())
	}
	var d details
	page.JSON(&d)
	if d.Status != status || d.Title == "" || d.Code == "" {
		t.Errorf("problem = %+v", d)
	}
	var got []string
	for _, f := range d.Errors {
		got = append(got, f.Pointer)
	}
	if strings.Join(got, " ") != strings.Join(pointers, " ") {
		t.Errorf("pointers = %q, want %q\n%s", got, pointers, page.Body())
	}
	return d
}

type address struct {
	City string `json:"city" required:"true" maxLength:"10"`
}

type person struct {
	ID       int64      `json:"id" readOnly:"true"`
	Name     string     `json:"name" required:"true" maxLength:"10"`
	Password string     `json:"password,omitempty" minLength:"3" maxLength:"20"`
	Plan     string     `json:"plan,omitempty" enum:"free,team"`
	Age      *int       `json:"age,omitempty" minimum:"1" maximum:"150"`
	Score    float64    `json:"score,omitempty"`
	Small    int8       `json:"small,omitempty"`
	Born     *time.Time `json:"born,omitempty"`
	Tags     []string   `json:"tags,omitempty" maxItems:"2" maxLength:"5"`
	Address  *address   `json:"address,omitempty"`
	Homes    []address  `json:"homes,omitempty"`
	Work     struct {
		Desk struct {
			Floor int `json:"floor" maximum:"9"`
		} `json:"desk"`
	} `json:"work,omitzero"`
	Extra  map[string]string `json:"extra,omitempty"`
	Any    any               `json:"any,omitempty"`
	Lang   string            `json:"lang,omitempty" default:"en"`
	Secret string            `json:"-"`
}

type (
	echoInput  struct{ Body person }
	echoOutput struct{ Body person }
)

func echoHandler(_ context.Context, in *echoInput) (*echoOutput, error) {
	return &echoOutput{Body: in.Body}, nil
}

func echoApp(t *testing.T) *apptest.App {
	t.Helper()
	return apptest.New(t, newApp(func(a *covet.App) { api.Post(a, "/echo", echoHandler) }))
}

const minimal = `"name":"Ada","password":"abc"`

func TestJSON(t *testing.T) {
	t.Parallel()
	a := echoApp(t)
	body := `{` + minimal + `,"plan":"team","age":36,"score":1.5,"small":1e2,"born":"1815-12-10T00:00:00Z","tags":["a","b"],
		"address":{"city":"Ulm"},"homes":[{"city":"Bonn"}],"extra":{"k":"v"},"any":[1,{"x":null}]}`
	var got person
	page := call(t, a, "POST", "/api/echo", "application/json; charset=utf-8", body).MustStatus(http.StatusOK).JSON(&got)
	if got.Name != "Ada" || *got.Age != 36 || got.Small != 100 || got.Address.City != "Ulm" || got.Homes[0].City != "Bonn" || got.Extra["k"] != "v" || got.Lang != "en" || got.Born.Year() != 1815 {
		t.Errorf("echo = %s", page.Body())
	}
	if got := page.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
}

// Threats: mass assignment; parsers that disagree; values repeated to whoever reads along.
func TestJSONThatIsRefused(t *testing.T) {
	t.Parallel()
	a := echoApp(t)
	tests := []struct {
		name, body string
		status     int
		pointers   []string
	}{
		{"empty", ``, 400, []string{""}},
		{"space", `  `, 400, []string{""}},
		{"not JSON", `hunter2`, 400, []string{""}},
		{"cut off", `{"name":"hunter2`, 400, []string{"/name"}},
		{"garbage behind", `{` + minimal + `}hunter2`, 400, []string{""}},
		{"name twice", `{"name":"hunter2","name":"b"}`, 400, []string{"/name"}},
		{"deep", `{"any":` + strings.Repeat("[", 100000), 400, []string{"/any" + strings.Repeat("/0", 64)}},
		{"invalid UTF-8", "{\"name\":\"hunter2\xff\"}", 400, []string{"/name"}},
		{"NUL", `{"name":"a\u0000","password":"abc"}`, 422, []string{"/name"}},
		{"NUL in any", `{` + minimal + `,"any":["\u0000"]}`, 422, []string{"/any/0"}},
		{"NUL in a name", `{` + minimal + `,"extra":{"a\u0000":"x"}}`, 422, []string{"/extra/a\u0000"}},
		{"huge number", `{` + minimal + `,"score":1e999}`, 422, []string{"/score"}},
		{"huge number in any", `{` + minimal + `,"any":1e999}`, 422, []string{"/any"}},
		{"number beyond its type", `{` + minimal + `,"small":128}`, 422, []string{"/small"}},
		{"fraction", `{` + minimal + `,"small":1.5}`, 422, []string{"/small"}},
		{"long number", `{` + minimal + `,"small":` + strings.Repeat("9", 100000) + `}`, 422, []string{"/small"}},
		{"unknown", `{` + minimal + `,"admin":true}`, 422, []string{"/admin"}},
		{"other case", `{` + minimal + `,"Plan":"team"}`, 422, []string{"/Plan"}},
		{"Go name of a hidden field", `{` + minimal + `,"Secret":"x"}`, 422, []string{"/Secret"}},
		{"read-only", `{` + minimal + `,"id":7}`, 422, []string{"/id"}},
		{"null", `{"name":null,"password":"abc"}`, 422, []string{"/name"}},
		{"top level list", `[]`, 422, []string{""}},
		{"top level null", `null`, 422, []string{""}},
		{"bad time", `{` + minimal + `,"born":"hunter2"}`, 422, []string{"/born"}},
		{"nested", `{` + minimal + `,"work":{"desk":{"floor":10}}}`, 422, []string{"/work/desk/floor"}},
		{"empty enum", `{` + minimal + `,"plan":""}`, 422, []string{"/plan"}},
		{
			"all at once", `{"name":"hunter2hunter2","password":"ab","plan":"hunter2","age":0,"score":"hunter2","tags":["a","hunter2"],"address":{},"homes":[{"city":"Bonn"},{"city":1}],"x/y":1}`, 422,
			[]string{"/address/city", "/age", "/homes/1/city", "/name", "/password", "/plan", "/score", "/tags/1", "/x~1y"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := call(t, a, "POST", "/api/echo", "application/json", tt.body)
			refused(t, page, tt.status, tt.pointers...)
			if strings.Contains(page.Body(), "hunter2") {
				t.Errorf("the value is repeated: %s", page.Body())
			}
		})
	}
}

// Threats: a page of another site sends JSON as text/plain, which browsers do not
// ask about; encodings that hide what is sent.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	a := echoApp(t)
	body := `{` + minimal + `}`
	for _, contentType := range []string{"text/plain", "text/plain;charset=UTF-8", "", "application/x-json", "application/json; charset=utf-16", "text/json", "a b"} {
		page := call(t, a, "POST", "/api/echo", contentType, body)
		refused(t, page, http.StatusUnsupportedMediaType)
		if accept := page.Header().Get("Accept"); !strings.Contains(accept, "application/json") {
			t.Errorf("Accept = %q", accept)
		}
	}
	refused(t, call(t, a, "POST", "/api/echo", "application/json", body, "Content-Encoding: gzip"), http.StatusUnsupportedMediaType)
	call(t, a, "POST", "/api/echo", "application/problem+json", body).MustStatus(http.StatusOK)
}

type failInput struct {
	Kind string `path:"kind"`
}

func fail(ctx context.Context, in *failInput) (*struct{}, error) {
	switch in.Kind {
	case "plain":
		return nil, errors.New("secret: connection to 10.0.0.1")
	case "missing":
		return nil, gorm.ErrRecordNotFound
	case "file":
		_, err := storage.NewFolder("nowhere").Open(ctx, "secret.png")
		return nil, err
	case "duplicate":
		return nil, gorm.ErrDuplicatedKey
	case "dangling":
		return nil, gorm.ErrForeignKeyViolated
	case "http":
		return nil, echo.NewHTTPError(http.StatusTeapot, "secret")
	case "problem":
		p := problem.New(http.StatusConflict, "sold_out", "There is none left.").WithHeader("Retry-After", "60")
		p.Fields = []problem.Field{{Pointer: "/seat", Detail: "Taken."}}
		return nil, p
	}
	panic("secret")
}

// Threat: causes tell an attacker about the inside.
func TestProblems(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp(func(a *covet.App) { api.Get(a, "/fail/{kind}", fail) }), apptest.Set("log.level", "error"))
	tests := []struct {
		path     string
		status   int
		code     string
		pointers []string
	}{
		{"/api/fail/plain", 500, "internal", nil},
		{"/api/fail/panic", 500, "internal", nil},
		{"/api/fail/missing", 404, "not_found", nil},
		{"/api/fail/file", 404, "not_found", nil},
		{"/api/fail/duplicate", 409, "conflict", nil},
		{"/api/fail/dangling", 409, "conflict", nil},
		{"/api/fail/http", 418, "status_418", nil},
		{"/api/fail/problem", 409, "sold_out", []string{"/seat"}},
		{"/api/nowhere", 404, "not_found", nil},
		{"/api", 404, "not_found", nil},
	}
	for _, tt := range tests {
		for _, accept := range []string{"application/json", "text/html,application/xhtml+xml,*/*;q=0.8"} {
			page := call(t, a, "GET", tt.path, "", "", "Accept: "+accept)
			if d := refused(t, page, tt.status, tt.pointers...); d.Code != tt.code {
				t.Errorf("%s: code = %q, want %q", tt.path, d.Code, tt.code)
			}
			if strings.Contains(page.Body(), "secret") {
				t.Errorf("%s: %s", tt.path, page.Body())
			}
		}
	}
	page := call(t, a, "DELETE", "/api/fail/plain", "", "", "Accept: text/html")
	refused(t, page, http.StatusMethodNotAllowed)
	if allow := page.Header().Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow = %q", allow)
	}
	if page := call(t, a, "GET", "/elsewhere", "", "", "Accept: text/html").MustStatus(404); !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Errorf("outside of the prefix the answer is %s", page.Header().Get("Content-Type"))
	}
}

type meOutput struct {
	Body struct {
		Name  string `json:"name"`
		Known bool   `json:"known"`
	}
}

func TestActor(t *testing.T) {
	t.Parallel()
	type meInput struct {
		api.Actor
		Limit int `query:"limit" minimum:"1"`
	}
	type maybeInput struct{ api.OptionalActor }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/me", func(_ context.Context, in *meInput) (*meOutput, error) {
			out := &meOutput{}
			out.Body.Name = in.Name
			return out, nil
		})
		api.Get(a, "/maybe", func(_ context.Context, in *maybeInput) (*meOutput, error) {
			out := &meOutput{}
			out.Body.Name, out.Body.Known = in.Name, in.Known
			return out, nil
		})
		api.Post(a, "/posts", func(context.Context, *struct{ Body person }) (*struct{}, error) { return nil, nil }, api.Permission("posts.create"))
		api.Put(a, "/me", func(context.Context, *meInput) (*struct{}, error) { return nil, nil })
		api.Get(a, "/who", func(context.Context, *meInput) (*struct{}, error) { return nil, nil }, api.AnyScope())
		api.Get(a, "/public", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
	}))
	tests := []struct {
		name, method, path, actor string
		status                    int
	}{
		{"nobody", "GET", "/api/me", "", 401},
		{"nobody learns nothing else", "GET", "/api/me?limit=0", "", 401},
		{"unknown who", "GET", "/api/me", "broken", 503},
		{"revoked token", "GET", "/api/me", "revoked", 401},
		{"revoked token, optional", "GET", "/api/maybe", "revoked", 401},
		{"revoked token, permission", "POST", "/api/posts", "revoked", 401},
		{"somebody", "GET", "/api/me", "ada", 200},
		{"HEAD", "HEAD", "/api/me", "ada", 200},
		{"nobody, optional", "GET", "/api/maybe", "", 200},
		{"unknown who, optional", "GET", "/api/maybe", "broken", 503},
		{"permission of nobody", "POST", "/api/posts", "", 401},
		{"permission of nobody known", "POST", "/api/posts", "broken", 503},
		{"permission of somebody else", "POST", "/api/posts", "ada", 403},
		{"permission, checked before the body", "POST", "/api/posts", "editor", 400},
		{"token for something else", "POST", "/api/posts", "editor posts.read", 403},
		{"token for it", "POST", "/api/posts", "editor posts.create", 400},
		{"token without scopes", "POST", "/api/posts", "editor -", 403},
		{"session, no permission named", "PUT", "/api/me", "editor", 204},
		{"narrow token, no permission named", "PUT", "/api/me", "editor posts.read", 403},
		{"wide token for posts, no permission named", "PUT", "/api/me", "editor posts.*", 403},
		{"token without scopes, no permission named", "PUT", "/api/me", "editor -", 403},
		{"token for everything, no permission named", "PUT", "/api/me", "editor posts.read *", 204},
		{"narrow token, refused before the parameters", "PUT", "/api/me?limit=0", "editor posts.read", 403},
		{"narrow token, optional", "GET", "/api/maybe", "editor posts.read", 403},
		{"narrow token, any scope", "GET", "/api/who", "editor posts.read", 204},
		{"nobody, any scope", "GET", "/api/who", "", 401},
		{"narrow token, nobody asks who", "GET", "/api/public", "editor posts.read", 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := call(t, a, tt.method, tt.path, "", "", "X-Actor: "+tt.actor)
			answered(t, page, tt.status)
			if got := page.Header().Get("WWW-Authenticate"); (got == "Bearer") != (tt.status == 401) {
				t.Errorf("WWW-Authenticate = %q", got)
			}
			if strings.Contains(page.Body(), "secret") {
				t.Error(page.Body())
			}
			if got := page.Header().Get("Cache-Control"); tt.status == 200 && got != "private, no-cache" {
				t.Errorf("Cache-Control = %q", got)
			}
		})
	}
	var got struct{ Name string }
	if call(t, a, "GET", "/api/me", "", "", "X-Actor: ada").JSON(&got); got.Name != "ada" {
		t.Errorf("me = %+v", got)
	}
}

// Threat: a cache that answers one person with what was meant for another.
func TestCaches(t *testing.T) {
	t.Parallel()
	type public struct {
		Cache string `header:"Cache-Control"`
		ETag  string `header:"ETag"`
		Body  string
	}
	type output struct{ Body string }
	type tenant struct{ api.OptionalActor }
	answer := func(context.Context, *struct{}) (*output, error) { return &output{"x"}, nil }
	choose := func(context.Context, *struct{}) (*public, error) {
		return &public{Cache: "public, max-age=60", Body: "x"}, nil
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Provide(a, func(context.Context, *tenant) error { return nil })
		api.Get(a, "/plain", answer)
		api.Get(a, "/nothing", func(context.Context, *struct{}) (*output, error) { return nil, nil })
		api.Get(a, "/permission", answer, api.Permission("posts.update"))
		api.Get(a, "/tenant", func(context.Context, *struct{ Tenant tenant }) (*output, error) { return &output{"x"}, nil })
		api.Get(a, "/public", choose)
		api.Get(a, "/chosen", choose, api.Permission("posts.update"))
	}))
	const private, who = "private, no-cache", "Cookie, Authorization"
	tests := []struct{ path, header, cache, vary string }{
		{"/plain", "", "", "Accept"},
		{"/plain", "Cookie: a=b", private, who + ", Accept"},
		{"/plain", "Authorization: Bearer x", private, who + ", Accept"},
		{"/nothing", "", "", ""},
		{"/nothing", "Cookie: a=b", private, who},
		{"/permission", "", private, who + ", Accept"},
		{"/tenant", "", private, who + ", Accept"},
		{"/public", "", "public, max-age=60", "Accept"},
		{"/public", "Cookie: a=b", "public, max-age=60", "Accept"},
		{"/chosen", "", "public, max-age=60", who + ", Accept"},
	}
	for _, tt := range tests {
		headers := []string{"X-Actor: editor"}
		if tt.header != "" {
			headers = append(headers, tt.header)
		}
		h := call(t, a, "GET", "/api"+tt.path, "", "", headers...).Header()
		if cache, vary := h.Get("Cache-Control"), varies(h); cache != tt.cache || vary != tt.vary {
			t.Errorf("%s %s: Cache-Control = %q, want %q; Vary = %q, want %q", tt.path, tt.header, cache, tt.cache, vary, tt.vary)
		}
	}
	etag := call(t, a, "GET", "/api/chosen", "", "", "X-Actor: editor").Header().Get("ETag")
	page := call(t, a, "GET", "/api/chosen", "", "", "X-Actor: editor", "If-None-Match: "+etag)
	if vary := strings.Join(page.Header().Values("Vary"), ", "); page.Status() != 304 || !strings.Contains(vary, who) {
		t.Errorf("not modified: %d, Vary = %q", page.Status(), vary)
	}
}

// varies returns Vary without what the compression adds.
func varies(h http.Header) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.Join(h.Values("Vary"), ", "), "Accept-Encoding"), ", ")
}

func TestParameters(t *testing.T) {
	t.Parallel()
	type input struct {
		ID     int64     `path:"id" minimum:"1"`
		Name   string    `path:"name"`
		Q      string    `query:"q" maxLength:"3"`
		N      *int      `query:"n" maximum:"5"`
		Size   uint8     `query:"size" default:"7"`
		Tags   []string  `query:"tag" maxItems:"2" enum:"a,b,c"`
		Since  time.Time `query:"since"`
		Key    string    `header:"X-Key" required:"true"`
		Langs  []string  `header:"X-Langs"`
		Cookie string    `cookie:"theme" enum:"light,dark"`
	}
	type output struct{ Body input }
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/things/{id}/{name}", func(_ context.Context, in *input) (*output, error) { return &output{*in}, nil })
	}))
	var got input
	call(t, a, "GET", "/api/things/7/a%2Fb?q=xyz&n=5&tag=a&tag=b&since=2026-01-02T03:04:05Z&other=1", "", "", "X-Key: k", "X-Langs: de, en", "X-Langs: fr", "Cookie: theme=dark").
		MustStatus(http.StatusOK).JSON(&got)
	if got.ID != 7 || got.Name != "a/b" || got.Q != "xyz" || *got.N != 5 || got.Size != 7 || len(got.Tags) != 2 || got.Since.Year() != 2026 || len(got.Langs) != 3 || got.Cookie != "dark" {
		t.Errorf("input = %+v", got)
	}
	tests := []struct {
		path     string
		status   int
		pointers []string
	}{
		{"/api/things/0/x", 422, []string{"/X-Key", "/id"}},
		{"/api/things/hunter2/x?q=hunter2&n=6&size=256&tag=a&tag=b&tag=c&since=hunter2", 422, []string{"/X-Key", "/id", "/n", "/q", "/since", "/size", "/tag"}},
		{"/api/things/1/x?tag=a&tag=hunter2&q=a&q=b&n=", 422, []string{"/X-Key", "/q", "/tag/1"}},
		{"/api/things/1/x%00?q=%ff", 422, []string{"/X-Key", "/name", "/q"}},
		{"/api/things/99999999999999999999/x?q=%zz", 400, nil},
	}
	for _, tt := range tests {
		page := call(t, a, "GET", tt.path, "", "")
		refused(t, page, tt.status, tt.pointers...)
		if strings.Contains(page.Body(), "hunter2") {
			t.Errorf("the value is repeated: %s", page.Body())
		}
	}
}

// account has a secret that nobody should see, and another that nobody can.
type account struct {
	Name   string
	Hash   string `secret:"true"`
	Hidden string `json:"-" secret:"true"`
}

// member has it by embedding, and holds itself.
type member struct {
	account
	Boss *member `json:"boss"`
}

// Threat: mass assignment of what an account says about itself.
func TestAccountsAsBodies(t *testing.T) {
	t.Parallel()
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/users", func(context.Context, *struct{ Body covetmodels.User }) (*struct{}, error) { return nil, nil })
	}))
	call(t, a, "POST", "/api/users", "application/json", `{"Email":"ada@example.com"}`).MustStatus(http.StatusNoContent)
	refused(t, call(t, a, "POST", "/api/users", "application/json", `{"Email":"ada@example.com","ID":1,"EmailVerifiedAt":"2026-01-02T03:04:05Z",
		"DisabledAt":null,"CreatedAt":"2026-01-02T03:04:05Z","UpdatedAt":"2026-01-02T03:04:05Z","PasswordHash":"x","Roles":[]}`), 422,
		"/CreatedAt", "/DisabledAt", "/EmailVerifiedAt", "/ID", "/PasswordHash", "/Roles", "/UpdatedAt")
}

func TestSecretsThatAreNoMembers(t *testing.T) {
	t.Parallel()
	type user struct {
		covetmodels.User
		DisplayName string
		Keys        []covetmodels.AccessToken
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Post(a, "/users", func(_ context.Context, in *struct{ Body struct{ Email string } }) (*struct{ Body user }, error) {
			out := &struct{ Body user }{}
			out.Body.Email, out.Body.PasswordHash = in.Body.Email, "hunter2"
			out.Body.Keys = []covetmodels.AccessToken{{TokenHash: "hunter2"}}
			return out, nil
		})
	}))
	for _, accept := range []string{"application/json", "application/cbor"} {
		page := call(t, a, "POST", "/api/users", "application/json", `{"Email":"ada@example.com"}`, "Accept: "+accept).MustStatus(http.StatusOK)
		if strings.Contains(page.Body(), "hunter2") || !strings.Contains(page.Body(), "ada@example.com") {
			t.Errorf("%s: %q", accept, page.Body())
		}
	}
}

func TestRegistrationsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	a, err := newApp(func(*covet.App) {})(config{Config: covet.Config{App: covet.Application{Storage: t.TempDir()}, Database: database.Config{URL: "sqlite::memory:"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	type none struct{}
	get := func(path string, register func(string)) func() { return func() { register(path) } }
	tests := []struct {
		want string
		do   func()
	}{
		{"the path has the parameters [id]", get("/a/{id}", func(p string) { api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }) })},
		{"and the input [id]", get("/a", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				ID int `path:"id"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{"write the path as", get("a", func(p string) { api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }) })},
		{"GET has no body", get("/b", func(p string) {
			api.Get(a, p, func(context.Context, *struct{ Body person }) (*none, error) { return nil, nil })
		})},
		{"it has no tag path", get("/c", func(p string) {
			api.Get(a, p, func(context.Context, *struct{ Q string }) (*none, error) { return nil, nil })
		})},
		{"format is unknown", get("/d", func(p string) {
			api.Post(a, p, func(context.Context, *struct {
				Body struct {
					A string `format:"nonsense"`
				}
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{"no parameter is a *int", get("/e", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				A **int `query:"a"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{`default:"x" is no int`, get("/f", func(p string) {
			api.Get(a, p, func(context.Context, *struct {
				A int `query:"a" default:"x"`
			},
			) (*none, error) {
				return nil, nil
			})
		})},
		{"neither Status nor Body", get("/g", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Post person }, error) { return nil, nil })
		})},
		{"no JSON is a func", get("/h", func(p string) {
			api.Post(a, p, func(context.Context, *struct{ Body struct{ F func() } }) (*none, error) { return nil, nil })
		})},
		{"is no permission", get("/i", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*none, error) { return nil, nil }, api.Permission("Posts Create"))
		})},
		{"field Body: field Hash of api_test.account is tagged secret", get("/j", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Body account }, error) { return nil, nil })
		})},
		{"field Hash of api_test.account is tagged secret", get("/k", func(p string) {
			api.Post(a, p, func(context.Context, *struct{ Body *account }) (*none, error) { return nil, nil })
		})},
		{"field Hash of api_test.account is tagged secret", get("/l", func(p string) {
			api.Get(a, p, func(context.Context, *none) (*struct{ Body map[string][]*member }, error) { return nil, nil })
		})},
		{"is provided twice", func() { api.Provide(a, func(context.Context, *api.Actor) error { return nil }) }},
		{"registered already", func() {
			for range 2 {
				api.Get(a, "/twice", func(context.Context, *none) (*none, error) { return nil, nil })
			}
		}},
	}
	for _, tt := range tests {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, tt.want) {
					t.Errorf("panic = %q, want %q in it", text, tt.want)
				}
			}()
			tt.do()
		}()
	}
	bare, err := covet.New(a.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = bare.Stop(t.Context())
		if text, _ := recover().(string); !strings.Contains(text, "a.Use(api.New") {
			t.Errorf("panic = %q", text)
		}
	}()
	api.Get(bare, "/x", func(context.Context, *none) (*none, error) { return nil, nil })
}

// serve answers a GET without a server.
func serve(a *covet.App, path, etag string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("If-None-Match", etag)
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	return w
}
