package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	covet "github.com/covetgo/covet/app"
	covetmodels "github.com/covetgo/covet/models"
)

var anID = uuid.MustParse("123e4567-e89b-42d3-a456-426614174000")

// unsaid is JSON that is refused although it is what the schema of its type says:
// what a schema cannot tell, or what would only clutter it.
var unsaid = []struct {
	value any
	fail  []string
}{
	{time.Time{}, []string{
		`"9999-12-31T23:59:59-12:00"`, `"0000-01-01T00:00:00+12:00"`, `"0000-06-01T00:00:00Z"`,
		`"0999-12-31T23:59:59Z"`, `"1000-01-01T00:00:00+00:01"`,
	}},
	{(*time.Time)(nil), []string{`"9999-12-31T23:59:59-12:00"`}},
	{covetmodels.Date{}, []string{`"0999-12-31"`, `"0001-01-01"`, `"0000-01-01"`}},
	{(*covetmodels.Date)(nil), []string{`"0999-12-31"`}},
	{[]covetmodels.Date{}, []string{`["2026-03-31","0999-12-31"]`}},
	{json.RawMessage{}, []string{
		`1e-20000`, `1e20000`, `0e20000`, `0E-20000`, `{"a":[1e-99999999999]}`,
		`0.` + strings.Repeat("0", 17000) + `1`,
	}},
}

// What no database could store, or nothing could write, is refused.
func TestChecksOutsideTheSchema(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	for n, tt := range unsaid {
		model := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(tt.value), Tag: `json:"v" form:"v"`}})
		e, err := m.newEndpoint("POST", "/unsaid/"+string(rune('a'+n)),
			reflect.StructOf([]reflect.StructField{{Name: "Body", Type: model}}), reflect.TypeFor[struct{}](), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range tt.fail {
			sent := strings.Trim(text, `"`)
			ways := map[string]bool{"JSON": reads(t, a, e, typeJSON, `{"v":`+text+`}`)}
			if !strings.HasPrefix(text, "[") {
				values := url.Values{"v": {sent}}.Encode()
				ways["web form"] = binds(t, a, model, values)
				if text != sent { // of JSON a form sends the text
					ways["API form"] = reads(t, a, e, typeForm, values)
				}
			}
			for way, passes := range ways {
				if passes {
					t.Errorf("%T: %.40s passes as %s", tt.value, text, way)
				}
			}
		}
	}
}

// typed is every type with JSON that is taken for it, in all media types the same,
// and JSON that is not.
var typed = []struct {
	tag        string
	value      any
	pass, fail []string
}{
	{"", "", []string{`"a"`, `""`}, []string{`1`, `null`}},
	{"", int32(0), []string{`1`, `-2147483648`}, []string{`"1"`, `1.5`}},
	{"", int64(0), []string{`9007199254740993`}, []string{`true`, `"1"`}},
	{"", 0.0, []string{`1.5`, `-1e3`}, []string{`"1"`, `null`}},
	{"", false, []string{`true`, `false`}, []string{`1`, `"on"`}},
	{"", time.Time{}, []string{
		`"2026-03-31T18:30:00Z"`, `"1000-01-01T00:00:00Z"`, `"9999-12-31T23:59:59Z"`,
		`"9999-12-31T23:59:59+12:00"`,
	}, []string{`"2026-03-31"`, `"2026-03-31T18:30"`, `""`, `1`}},
	{
		"",
		covetmodels.Date{},
		[]string{`"2026-03-31"`, `"1000-01-01"`, `"9999-12-31"`},
		[]string{`"2026-02-30"`, `"2026-3-1"`, `""`, `1`, `null`, `"2026-03-31T00:00:00Z"`},
	},
	{
		"",
		uuid.UUID{},
		[]string{`"` + anID.String() + `"`},
		[]string{`""`, `"x"`, `"{` + anID.String() + `}"`, `"123e4567e89b42d3a456426614174000"`, `[1]`},
	},
	{
		"",
		decimal.Decimal{},
		[]string{`"10.50"`, `10.5`, `1e3`, `"-0.1"`, `"1e3"`, `0`},
		[]string{`""`, `"1,5"`, `"1e999999999"`, `"NaN"`, `true`, `null`, `"0x1"`, `[1]`},
	},
	{
		`minimum:"2.50" multipleOf:"0.01"`,
		decimal.Decimal{},
		[]string{`2.5`, `"2.51"`, `99999999999999999999.99`},
		[]string{`2.49`, `2.555`, `-3`},
	},
	{`exclusiveMaximum:"3"`, (*decimal.Decimal)(nil), []string{`null`, `2.99`, `"2"`}, []string{`3`, `4.5`}},
	{"", (*covetmodels.Date)(nil), []string{`null`, `"2026-03-31"`}, []string{`"x"`}},
	{"", (*uuid.UUID)(nil), []string{`null`, `"` + anID.String() + `"`}, []string{`1`}},
	{
		"",
		json.RawMessage{},
		[]string{`{"a":[1,null]}`, `"x"`, `12345678901234567890`, `1e-300`, `-1.5E+308`, `1e0000000`},
		nil,
	},
	{`maxItems:"2" uniqueItems:"true"`, []int64{}, []string{`[]`, `[1,2]`}, []string{`[1,1]`, `[1,2,3]`, `["1"]`}},
	{"", []decimal.Decimal{}, []string{`[1,"2"]`}, []string{`["x"]`}},
}

// Every type is taken from JSON and CBOR as its schema says.
func TestTypes(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	for n, tt := range typed {
		name := reflect.TypeOf(tt.value).String()
		model := reflect.StructOf([]reflect.StructField{{Name: "V", Type: reflect.TypeOf(tt.value), Tag: reflect.StructTag(`json:"v" form:"v" ` + tt.tag)}})
		e, err := m.newEndpoint("POST", "/types/"+string(rune('a'+n)),
			reflect.StructOf([]reflect.StructField{{Name: "Body", Type: model}}), reflect.TypeFor[struct{}](), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, text := range append(append([]string{}, tt.pass...), tt.fail...) {
			body := `{"v":` + text + `}`
			for way, got := range map[string]bool{
				"JSON": reads(t, a, e, typeJSON, body),
				"CBOR": reads(t, a, e, typeCBOR, asCBOR(t, m, body)), "schema": matches(t, e, body),
			} {
				if want := i < len(tt.pass); got != want {
					t.Errorf("%s %s: %s passes as %s: %v, want %v", name, tt.tag, text, way, got, want)
				}
			}
		}
	}
}

func asCBOR(t *testing.T, m *Module, text string) string {
	t.Helper()
	data, err := m.cbor.Marshal(json.RawMessage(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type record struct {
	Price  decimal.Decimal   `json:"price"`
	Day    covetmodels.Date  `json:"day"`
	At     time.Time         `json:"at"`
	Code   uuid.UUID         `json:"code"`
	Data   json.RawMessage   `json:"data"`
	Weight *decimal.Decimal  `json:"weight"`
	Until  *covetmodels.Date `json:"until"`
	Parent *uuid.UUID        `json:"parent"`
}

type recordInput struct {
	Day   covetmodels.Date   `path:"day"`
	Code  uuid.UUID          `query:"code"`
	Least *decimal.Decimal   `query:"least" minimum:"0.5"`
	Days  []covetmodels.Date `query:"days"`
	Body  record
}

type recordOutput struct {
	Body record
}

// What is answered is what was sent, with all digits, and what the document says.
func TestTypesRoundTrip(t *testing.T) {
	t.Parallel()
	m, a := testModule(t)
	var got recordInput
	Post(a, "/records/{day}", func(_ context.Context, in *recordInput) (*recordOutput, error) {
		got = *in
		return &recordOutput{Body: in.Body}, nil
	})
	for _, body := range []string{
		`{"price":"12345678901234567890.15","day":"2026-03-31","at":"2026-03-31T18:30:00Z","code":"123e4567-e89b-42d3-a456-426614174000","data":{"n":12345678901234567890},"weight":"0.5","until":"2026-04-01","parent":"123e4567-e89b-42d3-a456-426614174000"}`,
		`{"price":"0","day":"2026-03-31","at":"2026-03-31T18:30:00Z","code":"123e4567-e89b-42d3-a456-426614174000","data":[1,"a",null],"weight":null,"until":null,"parent":null}`,
	} {
		w := send(a, "/api/records/2026-01-02?code="+anID.String()+"&least=0.5&days=2026-01-03&days=2026-01-04",
			typeJSON, body)
		if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != body {
			t.Errorf("%d %s, want %s", w.Code, w.Body, body)
		}
		w = send(a, "/api/records/2026-01-02?code="+anID.String(), typeCBOR, asCBOR(t, m, body))
		if w.Code != http.StatusOK || w.Body.String() != asCBOR(t, m, body) {
			t.Errorf("CBOR: %d %q, want %q", w.Code, w.Body, asCBOR(t, m, body))
		}
	}
	if got.Day != covetmodels.NewDate(2026, 1, 2) || got.Code != anID {
		t.Errorf("parameters = %+v", got)
	}
	for address, want := range map[string]string{
		"2026-13-01":           `"/day"`,
		"2026-01-01?code=x":    `"/code"`,
		"2026-01-01?least=0.4": `at least 0.5`,
		"2026-01-01?days=x":    `"/days`,
	} {
		w := send(a, "/api/records/"+address, typeJSON, `{}`)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", address, w.Code, w.Body, want)
		}
	}
}

func send(a *covet.App, path, mediaType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("Accept", mediaType)
	w := httptest.NewRecorder()
	a.Echo.ServeHTTP(w, r)
	return w
}

func TestTypesInTheDocument(t *testing.T) {
	t.Parallel()
	m, _ := testModule(t)
	in, out := m.schemas.Input(reflect.TypeFor[record]()), m.schemas.Output(reflect.TypeFor[record]())
	var got []string
	for _, ref := range []string{in.Ref, out.Ref} {
		s := m.schemas.Registry().SchemaFromRef(ref)
		for _, name := range []string{"price", "day", "code", "data", "weight", "until", "parent"} {
			text, err := json.Marshal(s.Properties[name])
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, name+" "+string(text))
		}
	}
	const decimals = `{"anyOf":[{"format":"decimal","maxLength":200,"pattern":"^-?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]{1,2})?$","type":"string"},{"type":"number"}`
	want := []string{
		`price ` + decimals + `]}`, `day {"format":"date","type":"string"}`,
		`code {"format":"uuid","type":"string"}`, `data {}`,
		`weight ` + decimals + `,{"type":"null"}]}`, `until {"format":"date","type":["string","null"]}`,
		`parent {"format":"uuid","type":["string","null"]}`,
		`price {"format":"decimal","type":"string"}`, `day {"format":"date","type":"string"}`,
		`code {"format":"uuid","type":"string"}`, `data {}`,
		`weight {"format":"decimal","type":["string","null"]}`, `until {"format":"date","type":["string","null"]}`,
		`parent {"format":"uuid","type":["string","null"]}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
