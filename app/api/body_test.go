package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
)

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
	Office   struct {
		Desk struct {
			Floor int `json:"floor" maximum:"9"`
		} `json:"desk"`
	} `json:"office,omitzero"`
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
	body := `{` + minimal +
		`,"plan":"team","age":36,"score":1.5,"small":1e2,"born":"1815-12-10T00:00:00Z","tags":["a","b"],
		"address":{"city":"Ulm"},"homes":[{"city":"Bonn"}],"extra":{"k":"v"},"any":[1,{"x":null}]}`
	var got person
	page := call(t, a, "POST", "/api/echo", "application/json; charset=utf-8", body).MustStatus(http.StatusOK).JSON(&got)
	if got.Name != "Ada" || *got.Age != 36 || got.Small != 100 || got.Address.City != "Ulm" ||
		got.Homes[0].City != "Bonn" || got.Extra["k"] != "v" || got.Lang != "en" || got.Born.Year() != 1815 {
		t.Errorf("echo = %s", page.Body())
	}
	if got := page.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type = %q", got)
	}
}

// Threats: mass assignment; parsers that disagree; values repeated in an answer that others may read.
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
		{"nested", `{` + minimal + `,"office":{"desk":{"floor":10}}}`, 422, []string{"/office/desk/floor"}},
		{"empty enum", `{` + minimal + `,"plan":""}`, 422, []string{"/plan"}},
		{
			"all at once",
			`{"name":"hunter2hunter2","password":"ab","plan":"hunter2","age":0,"score":"hunter2","tags":["a","hunter2"],"address":{},"homes":[{"city":"Bonn"},{"city":1}],"x/y":1}`, 422,
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
	for _, contentType := range []string{
		"text/plain", "text/plain;charset=UTF-8", "", "application/x-json",
		"application/json; charset=utf-16", "text/json", "a b",
	} {
		page := call(t, a, "POST", "/api/echo", contentType, body)
		refused(t, page, http.StatusUnsupportedMediaType)
		if accept := page.Header().Get("Accept"); !strings.Contains(accept, "application/json") {
			t.Errorf("Accept = %q", accept)
		}
	}
	refused(t, call(t, a, "POST", "/api/echo", "application/json", body, "Content-Encoding: gzip"),
		http.StatusUnsupportedMediaType)
	call(t, a, "POST", "/api/echo", "application/problem+json", body).MustStatus(http.StatusOK)
}
