package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/santhosh-tekuri/jsonschema/v6"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
)

// vocabulary is every tag with values that pass and values that do not.
var vocabulary = []struct {
	tag        string
	pass, fail []any // of one Go type
}{
	{`required:"true"`, []any{"a", " a "}, []any{""}},
	{`required:"true"`, []any{0, 1}, nil},
	{`required:"true"`, []any{true, false}, nil},
	{`required:"true"`, []any{[]string{"a"}}, nil},
	{`minLength:"2"`, []any{"ab", "äö", "👩👩"}, []any{"", "a", "ä", "👩"}},
	{`maxLength:"2"`, []any{"", "ab", "äö", "👩👩"}, []any{"abc", "äöü"}},
	{`minimum:"2"`, []any{2, 3}, []any{1, 0, -5}},
	{`minimum:"2.5"`, []any{2.5, 3.0}, []any{2.4, -1.0}},
	{`maximum:"2"`, []any{2, 0, -3}, []any{3}},
	{`maximum:"9007199254740993"`, []any{int64(9007199254740992)}, []any{int64(9007199254740995)}},
	{`exclusiveMinimum:"0"`, []any{1, 2}, []any{0, -1}},
	{`exclusiveMinimum:"0"`, []any{0.1}, []any{0.0, -0.1}},
	{`exclusiveMaximum:"2"`, []any{1, 0}, []any{2, 3}},
	{`multipleOf:"5"`, []any{0, 5, -10}, []any{4, 1}},
	{`multipleOf:"0.05"`, []any{0.15, 1.1, 0.0, 3.0}, []any{0.16, 0.001}},
	{`enum:"free,team"`, []any{"free", "team"}, []any{"Free", "gold", " free"}},
	{`enum:"1,5"`, []any{1, 5}, []any{0, 2}},
	{`enum:"0.5,1"`, []any{0.5, 1.0}, []any{0.0, 2.0}},
	{`enum:"true"`, []any{true}, []any{false}},
	{`pattern:"^[a-z]+$"`, []any{"abc"}, []any{"ABC", "a b", "1"}},
	{`format:"email"`, []any{"ada@example.com", "a@b.c"}, []any{"ada", "Ada <a@b.c>", "a@"}},
	{`format:"uri"`, []any{"https://example.com/a?b=c"}, []any{"example.com", "javascript:alert(1)", "/path"}},
	{
		`format:"uuid"`,
		[]any{"123e4567-e89b-42d3-a456-426614174000"},
		[]any{"123", "{123e4567-e89b-42d3-a456-426614174000}", "123e4567e89b42d3a456426614174000"},
	},
	{`format:"date"`, []any{"2026-02-28", "2028-02-29"}, []any{"2026-02-29", "28.02.2026", "2026-2-8"}},
	{`format:"time"`, []any{"12:30:00Z", "23:59:59+01:00"}, []any{"12:30", "25:00:00Z"}},
	{
		`format:"date-time"`,
		[]any{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+01:00"},
		[]any{"2026-01-02", "2026-01-02 03:04:05", "2026-13-02T03:04:05Z"},
	},
	{`format:"hostname"`, []any{"example.com", "localhost", "a-b.c"}, []any{"-a.b", "a..b", "a_b", "a b"}},
	{`format:"ipv4"`, []any{"192.0.2.1"}, []any{"192.0.2", "256.0.0.1", "::1"}},
	{`format:"ipv6"`, []any{"2001:db8::1", "::1"}, []any{"192.0.2.1", "2001:db8::g"}},
	{`format:"password"`, []any{"anything"}, nil},
	{`minItems:"2"`, []any{[]string{"a", "b"}}, []any{[]string{"a"}}},
	{`maxItems:"2"`, []any{[]string{"a"}, []string{"a", "b"}}, []any{[]string{"a", "b", "c"}}},
	{`uniqueItems:"true"`, []any{[]string{"a", "b"}}, []any{[]string{"a", "b", "a"}}},
	{`uniqueItems:"true"`, []any{[]int{1, 2}}, []any{[]int{2, 2}}},
	{`maxLength:"2"`, []any{[]string{"ab", "c"}}, []any{[]string{"ab", "abc"}}},
	{`enum:"a,b"`, []any{[]string{"a", "b"}}, []any{[]string{"a", "c"}}},
	{`minimum:"1"`, []any{[]int{1, 2}}, []any{[]int{1, 0}}},
}

func testModule(t *testing.T) (*Module, *covet.App) {
	t.Helper()
	a, err := covet.New(covet.Config{
		App:      covet.Application{DataDir: t.TempDir(), Name: "Test"},
		Database: database.Config{URL: "sqlite::memory:"},
	}, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(t.Context()) })
	m := New(Config{}, Options{})
	if err := a.Use(m); err != nil {
		t.Fatal(err)
	}
	return m, a
}

// A value means the same in a JSON body, in a form sent to an endpoint, in a form
// of a page, in a model, and in the published schema.
func TestVocabulary(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	for n, tt := range vocabulary {
		for i, value := range append(append([]any{}, tt.pass...), tt.fail...) {
			want := i < len(tt.pass)
			t.Run(tt.tag, func(t *testing.T) {
				model := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(value), Tag: reflect.StructTag(`json:"v" form:"v" trim:"false" ` + tt.tag)}})
				e, err := m.newEndpoint("POST", fmt.Sprintf("/v/%d/%d", n, i),
					reflect.StructOf([]reflect.StructField{{Name: "Body", Type: model}}), reflect.TypeFor[struct{}](), nil)
				if err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(map[string]any{"v": value})
				if err != nil {
					t.Fatal(err)
				}
				values := url.Values{"v": samples(value)}.Encode()
				for name, got := range map[string]bool{
					"JSON":     reads(t, a, e, "application/json", string(text)),
					"API form": reads(t, a, e, typeForm, values),
					"web form": binds(t, a, model, values),
					"model":    validates(t, model, value),
					"schema":   matches(t, e, string(text)),
				} {
					if got != want {
						t.Errorf("%s: %#v passes: %v, want %v", name, value, got, want)
					}
				}
			})
		}
	}
}

// Nothing is nothing everywhere: an empty field of a form, a member that is left
// out, and a zero value.
func TestNothing(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	for i, tt := range []struct {
		tag  string
		zero any
		want bool
	}{
		{`required:"true"`, "", false},
		{`required:"true"`, (*int)(nil), false},
		{`required:"true"`, []string(nil), false},
		{`minLength:"1"`, "", false},
		{`minLength:"1"`, (*string)(nil), true},
		{`minimum:"1"`, 0, false},
		{`minimum:"1"`, (*int)(nil), true},
		{`maximum:"1"`, 0, true},
		{`enum:"a,b"`, "", true},
		{`pattern:"^a$"`, "", true},
		{`format:"email"`, "", true},
		{`maxItems:"1"`, []string(nil), true},
		{`minItems:"1"`, []string(nil), false},
	} {
		model := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(tt.zero), Tag: reflect.StructTag(`json:"v" form:"v" ` + tt.tag)}})
		e, err := m.newEndpoint("POST", "/nothing/"+string(rune('a'+i)),
			reflect.StructOf([]reflect.StructField{{Name: "Body", Type: model}}), reflect.TypeFor[struct{}](), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]bool{
			"JSON":     reads(t, a, e, "application/json", `{}`),
			"web form": binds(t, a, model, "other=1"),
			"model":    validates(t, model, tt.zero),
			"schema":   matches(t, e, `{}`),
		} {
			if got != tt.want {
				t.Errorf("%s %T %s: nothing passes: %v, want %v", name, tt.zero, tt.tag, got, tt.want)
			}
		}
	}
	// A number or boolean that is required and was not given.
	for _, zero := range []any{0, false, 0.0} {
		model := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(zero), Tag: `json:"v" form:"v" required:"true"`}})
		e, err := m.newEndpoint("POST", "/required/"+reflect.TypeOf(zero).String(),
			reflect.StructOf([]reflect.StructField{{Name: "Body", Type: model}}), reflect.TypeFor[struct{}](), nil)
		if err != nil {
			t.Fatal(err)
		}
		if reads(t, a, e, "application/json", `{}`) || reads(t, a, e, typeForm, "v=") ||
			binds(t, a, model, "v=") || matches(t, e, `{}`) {
			t.Errorf("a %T that was not given passes required", zero)
		}
	}
}

func samples(value any) []string {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.Slice {
		text, _ := json.Marshal(value)
		if s, ok := value.(string); ok {
			return []string{s}
		}
		return []string{string(text)}
	}
	var list []string
	for i := range v.Len() {
		list = append(list, samples(v.Index(i).Interface())...)
	}
	return list
}

func post(contentType, body string, e *echo.Echo) echo.Context {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return e.NewContext(r, httptest.NewRecorder())
}

// reads reports whether an endpoint takes a body.
func reads(t *testing.T, a *covet.App, e *endpoint, contentType, body string) bool {
	t.Helper()
	c := post(contentType, body, a.Echo)
	r := &reader{c: c, endpoint: e, ctx: t.Context()}
	in := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Body", Type: e.input.body.t}}))
	return passes(t, r.read(in.Elem()))
}

func passes(t *testing.T, err error) bool {
	t.Helper()
	if p := problem.From(err); p != nil && p.Status != http.StatusUnprocessableEntity {
		t.Fatal(err)
	}
	return err == nil
}

// binds reports whether a page takes a form.
func binds(t *testing.T, a *covet.App, model reflect.Type, body string) bool {
	t.Helper()
	errs, err := web.Bind(post(typeForm, body, a.Echo), reflect.New(model).Interface())
	if err != nil {
		t.Fatal(err)
	}
	return len(errs) == 0
}

// validates reports whether a model is valid.
func validates(t *testing.T, model reflect.Type, value any) bool {
	t.Helper()
	v := reflect.New(model)
	v.Elem().Field(0).Set(reflect.ValueOf(value))
	errs, err := validate.Struct(t.Context(), v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	return len(errs) == 0
}

// matches reports whether the published schema of a body takes a JSON text.
func matches(t *testing.T, e *endpoint, text string) bool {
	t.Helper()
	document, err := json.Marshal(e.operation.RequestBody.Content[typeJSON].Schema)
	if err != nil {
		t.Fatal(err)
	}
	return compileSchema(t, document, "").Validate(decode(t, []byte(text))) == nil
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return value
}

func compileSchema(t *testing.T, document []byte, fragment string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.RegisterFormat(&jsonschema.Format{Name: "uri", Validate: func(v any) error {
		// The published format is wider than what is taken, which are addresses of the web.
		if s, ok := v.(string); ok && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "http://") {
			return http.ErrNotSupported
		}
		return nil
	}})
	if err := c.AddResource("https://example.com/schema", decode(t, document)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://example.com/schema" + fragment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A struct that is left out is an empty object: what has to be in it is missing.
func TestNestedNothing(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	type inner struct {
		N int `json:"n" required:"true"`
	}
	type model struct {
		Deep struct {
			Inner inner `json:"inner"`
		} `json:"deep"`
		Maybe *inner `json:"maybe"`
	}
	e, err := m.newEndpoint("POST", "/nested", reflect.TypeFor[struct{ Body model }](), reflect.TypeFor[struct{}](), nil)
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]bool{
		`{}`: false, `{"deep":{}}`: false, `{"deep":{"inner":{"n":0}}}`: true,
		`{"deep":{"inner":{"n":0}},"maybe":{}}`: false, `{"deep":{"inner":{"n":0}},"maybe":null}`: true,
	} {
		if got := reads(t, a, e, typeJSON, body); got != want {
			t.Errorf("%s passes: %v, want %v", body, got, want)
		}
	}
	op, _ := json.Marshal(m.schemas.Registry().SchemaFromRef(e.operation.RequestBody.Content[typeJSON].Schema.Ref))
	if !strings.Contains(string(op), `"required":["deep"]`) {
		t.Errorf("schema = %s", op)
	}
}
