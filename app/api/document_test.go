package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"github.com/santhosh-tekuri/jsonschema/v6"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
)

var update = flag.Bool("update", false, "write the golden files")

// Post has members of every kind.
type Post struct {
	ID        int64             `json:"id" readOnly:"true"`
	Title     string            `json:"title" required:"true" maxLength:"100" unique:"posts.title" doc:"what it is about"`
	Slug      string            `json:"slug" minLength:"2" pattern:"^[a-z-]+$" patternDescription:"small letters and hyphens"`
	State     string            `json:"state,omitempty" enum:"draft,public" default:"draft"`
	Rating    *float64          `json:"rating,omitempty" minimum:"0" maximum:"5" multipleOf:"0.5"`
	Category  int64             `json:"category" exists:"categories.id" minimum:"1"`
	Tags      []string          `json:"tags" maxItems:"5" maxLength:"20" uniqueItems:"true"`
	Author    Author            `json:"author"`
	Reviewers []Author          `json:"reviewers,omitempty"`
	Parent    *Post             `json:"parent,omitempty"`
	Meta      map[string]string `json:"meta,omitempty"`
	Extra     any               `json:"extra,omitempty"`
	Data      []byte            `json:"data,omitempty"`
	CreatedAt time.Time         `json:"created_at" readOnly:"true"`
	Password  string            `json:"-"`
	Blob      Blob              `json:"blob"`
}

// Author is a person. Email is one of two with the same name.
type Author struct {
	Email string `json:"email" required:"true" format:"email"`
}

// Blob has the name of a type that browsers have.
type Blob struct {
	A int `json:"a"`
}

// richApp has endpoints with everything that a document can say.
func richApp(a *covet.App) {
	type list struct {
		api.OptionalActor
		api.Cursor
		Q    string   `query:"q" maxLength:"100" doc:"words */ to look for"`
		Sort []string `query:"sort" enum:"title,age"`
		Key  string   `header:"X-Key" required:"true"`
		Lang string   `cookie:"lang"`
	}
	type posts struct {
		api.Links
		Body []Post
	}
	type one struct {
		ID int64 `path:"id" minimum:"1"`
	}
	type output struct {
		ETag     string    `header:"ETag" doc:"the version"`
		Modified time.Time `header:"Last-Modified"`
		Body     Post
	}
	type create struct{ Body Post }
	type change struct {
		api.Actor
		api.MustMatch
		one
		Body struct {
			Title *string `json:"title,omitempty" maxLength:"100"`
			State string  `json:"state,omitempty" enum:"draft,public"`
		}
	}
	type picture struct {
		one
		Body struct {
			Caption string     `json:"caption" required:"true"`
			File    api.File   `json:"file" required:"true" accept:"image/png"`
			More    []api.File `json:"more,omitempty" maxItems:"3"`
		}
	}
	type raw struct {
		RawBody []byte `contentType:"image/png,image/jpeg"`
	}
	type bytesOutput struct {
		ContentType string `header:"Content-Type" default:"image/png"`
		Body        []byte
	}
	api.Get(a, "/posts", func(context.Context, *list) (*posts, error) { return nil, nil })
	api.Post(a, "/posts", func(context.Context, *create) (*output, error) { return nil, nil }, api.Status(201),
		api.Permission("posts.create"), api.Summary("Write a post"), api.Errors(402))
	api.Get(a, "/posts/{id}", func(context.Context, *one) (*output, error) { return nil, nil }, api.Tags("reading"))
	api.Patch(a, "/posts/{id}", func(context.Context, *change) (*output, error) { return nil, nil },
		api.OperationID("changePost"), api.Description("Changes what is sent.\nNothing else."))
	api.Delete(a, "/posts/{id}", func(context.Context, *one) (*struct{}, error) { return nil, nil }, api.Deprecated())
	api.Post(a, "/posts/{id}/picture", func(context.Context, *picture) (*struct{}, error) { return nil, nil })
	api.Put(a, "/logo", func(context.Context, *raw) (*bytesOutput, error) { return nil, nil })
	api.Get(a, "/published", func(context.Context, *one2) (*struct{ Body Published }, error) { return nil, nil })
	api.Get(a, "/secret", func(context.Context, *one2) (*struct{}, error) { return nil, nil }, api.Hidden())
}

// Published is a Post with more, by embedding what is not exported.
type Published struct {
	hidden
	Views int `json:"views"`
}

type hidden struct {
	Slug string `json:"slug"`
}

type one2 struct{}

// describe returns the module of an application that is never started.
func describe(t *testing.T, endpoints func(*covet.App)) (*covet.App, *api.Module) {
	t.Helper()
	cfg := config{Config: covet.Config{
		App:      covet.Application{DataDir: t.TempDir(), Name: "Blog", URL: "https://blog.example.com"},
		Database: database.Config{URL: "sqlite:" + t.TempDir() + "/none/none.db"},
	}}
	a, err := covet.New(cfg.Config, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.WithoutCancel(t.Context())) })
	m := api.New(api.Config{Docs: api.DocsPublic}, api.Options{Description: "What the blog can do."})
	if err := a.Use(m); err != nil {
		t.Fatal(err)
	}
	endpoints(a)
	return a, m
}

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", path, diff)
	}
}

func load(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// The document is one of OpenAPI 3.1 by its official schema, and each schema in it
// one of JSON Schema 2020-12.
func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	_, m := describe(t, richApp)
	document, err := m.Document()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "openapi.json", document)
	official, err := os.ReadFile("testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	for url, text := range map[string][]byte{
		"https://spec.openapis.org/oas/3.1/schema/2022-10-07": official,
		"https://blog.example.com/openapi.json":               document,
	} {
		if err := compiler.AddResource(url, load(t, text)); err != nil {
			t.Fatal(err)
		}
	}
	schema := compiler.MustCompile("https://spec.openapis.org/oas/3.1/schema/2022-10-07")
	if err := schema.Validate(load(t, document)); err != nil {
		t.Error(err)
	}
	var parts struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &parts); err != nil || len(parts.Components.Schemas) < 5 {
		t.Fatalf("%v, schemas %v", err, parts.Components.Schemas)
	}
	for name := range parts.Components.Schemas {
		if _, err := compiler.Compile("https://blog.example.com/openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(string(document), "secret") || strings.Contains(string(document), "Password") {
		t.Error("the document has what is hidden")
	}
}

// It is the same for the same code, and needs no database.
func TestDocumentIsDeterministic(t *testing.T) {
	t.Parallel()
	var first []byte
	for range 5 {
		_, m := describe(t, richApp)
		document, err := m.Document()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = document
		}
		if !bytes.Equal(first, document) {
			t.Fatal(cmp.Diff(string(first), string(document)))
		}
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	a, m := describe(t, richApp)
	run := func(name string, args ...string) string {
		t.Helper()
		for _, cmd := range m.Commands(a) {
			if cmd.Name() != name {
				continue
			}
			var out bytes.Buffer
			cmd.SetOut(&out)
			cmd.SetErr(&out)
			cmd.SetArgs(append([]string{}, args...))
			if err := cmd.ExecuteContext(t.Context()); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		t.Fatalf("there is no command %s", name)
		return ""
	}
	document, err := m.Document()
	if err != nil {
		t.Fatal(err)
	}
	if got := run("openapi"); got != string(document) {
		t.Error("openapi prints something else than the document")
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if got := run("openapi", "-o", file); got != "" {
		t.Errorf("it prints %q", got)
	}
	if written, err := os.ReadFile(file); err != nil || !bytes.Equal(written, document) {
		t.Errorf("the file differs: %v", err)
	}
	client := run("client", "ts")
	golden(t, "client.ts", []byte(client))
	use, err := os.ReadFile("testdata/use.ts")
	if err != nil {
		t.Fatal(err)
	}
	compile(t, client, string(use))
}

// compile runs tsc over the client and a program that uses it, where it is
// installed: COVET_TSC names it, or it is in the path.
func compile(t *testing.T, client, use string) {
	t.Helper()
	tsc := os.Getenv("COVET_TSC")
	if tsc == "" {
		var err error
		if tsc, err = exec.LookPath("tsc"); err != nil {
			if os.Getenv("COVET_REQUIRE_SERVERS") == "1" {
				t.Fatal("tsc is required: install the npm package typescript, or name it in COVET_TSC")
			}
			t.Skip("tsc is not installed: the client was compared with its golden file only")
		}
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"client.ts": client, "use.ts": use} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{
		"--strict", "--noEmit", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess",
		"--noUnusedLocals", "--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--module", "es2022",
		"--moduleResolution", "bundler", "use.ts",
	}
	cmd := exec.CommandContext(t.Context(), tsc, args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("tsc: %v\n%s", err, output)
	}
}

// documented returns an application with an API.
func documented(t *testing.T, env, docs string, routes ...string) *covet.App {
	t.Helper()
	cfg := config{API: api.Config{Docs: docs}}
	cfg.Config = covet.Config{
		App:      covet.Application{DataDir: t.TempDir(), Env: env, Name: "<Blog>"},
		Database: database.Config{URL: "sqlite::memory:"},
		Override: covet.Override{LogOutput: t.Output()},
	}
	a, err := newApp(func(a *covet.App) { richApp(a) })(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.WithoutCancel(t.Context())) })
	for _, path := range routes {
		a.Echo.GET(path, func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	}
	return a
}

func TestDocsAreServed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env, docs string
		status    int
	}{
		{"production", api.DocsPublic, 200},
		{"production", api.DocsOff, 404},
		{"production", api.DocsPermission, 401},
		{"production", "", 401},
		{"development", "", 200},
		{"test", "", 200},
		{"development", api.DocsPermission, 401},
	} {
		a := documented(t, tt.env, tt.docs)
		for _, path := range []string{"/docs", "/openapi.json"} {
			if w := serve(a, path, ""); w.Code != tt.status {
				t.Errorf("docs %q in %s: %s has status %d, want %d", tt.docs, tt.env, path, w.Code, tt.status)
			}
		}
	}
	a := documented(t, "production", api.DocsPublic)
	page := serve(a, "/docs", "").Body.String()
	if strings.Contains(page, "<Blog>") || strings.Contains(page, " style=") || strings.Contains(page, "//cdn") {
		t.Error("the page has what it should not")
	}
	document := serve(a, "/openapi.json", "")
	if got := document.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
	if w := serve(a, "/openapi.json", document.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("the same document is sent again: %d", w.Code)
	}
}

// Threat: an attacker reads which endpoints there are, in the document, the page, or the files of the page.
func TestDocsNeedThePermission(t *testing.T) {
	t.Parallel()
	a := documented(t, "production", "", "/login")
	asset := assetIn.FindString(serve(documented(t, "test", ""), "/docs", "").Body.String())
	if asset == "" {
		t.Fatal("the page has no file")
	}
	for _, path := range []string{"/docs", "/openapi.json", asset} {
		for _, tt := range []struct {
			actor, accept string
			status        int
		}{
			{"", "text/html", 303},
			{"", "application/json", 401},
			{"", "", 401},
			{"ada", "text/html", 403},
			{"ada", "", 403},
			{"broken", "", 500},
			{"revoked", "", 401},
			{"documentalist", "text/html", 200},
			{"documentalist", "", 200},
			{"documentalist posts.read", "", 403},
			{"documentalist api.docs", "", 200},
		} {
			r := httptest.NewRequest(http.MethodGet, path, nil)
			r.Header.Set("X-Actor", tt.actor)
			r.Header.Set("Accept", tt.accept)
			w := httptest.NewRecorder()
			a.Echo.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%s of %q for %q has status %d, want %d", path, tt.actor, tt.accept, w.Code, tt.status)
			}
			if got, want := w.Header().Get("Location"), "/login?next="+url.QueryEscape(path); tt.status == 303 && got != want {
				t.Errorf("%s leads to %s", path, got)
			}
			if tt.status == 401 && w.Header().Get("Content-Type") != problem.ContentType {
				t.Errorf("%s of %q is %s", path, tt.actor, w.Header().Get("Content-Type"))
			}
		}
	}
	document, err := moduleOf(a).Document()
	if err != nil || len(document) == 0 {
		t.Errorf("the command openapi prints %d bytes, %v", len(document), err)
	}
}

var assetIn = regexp.MustCompile(`/docs/assets/[^"]+`)

// moduleOf returns the API of an application.
func moduleOf(a *covet.App) *api.Module {
	for _, m := range a.Modules() {
		if found, ok := m.(*api.Module); ok {
			return found
		}
	}
	return nil
}
