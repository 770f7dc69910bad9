package value_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/internal/value"
)

type leaf struct {
	Name string `json:"name"`
}

type tree struct {
	leaf
	Bool   bool            `json:"bool"`
	Int    int             `json:"int"`
	Small  int8            `json:"small"`
	Uint   uint64          `json:"uint"`
	Float  float64         `json:"float"`
	Single float32         `json:"single"`
	Bytes  []byte          `json:"bytes"`
	Pair   [2]int          `json:"pair"`
	Map    map[string]leaf `json:"map"`
	Any    any             `json:"any"`
	Time   time.Time       `json:"time"`
	Ptr    *leaf           `json:"ptr"`
	List   []*tree         `json:"list"`
	Raw    json.RawMessage `json:"raw"`
}

// What is bound is what encoding/json makes of the same text.
func FuzzBind(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","bool":true,"int":-5,"small":127,"uint":18446744073709551615,"float":1.5e3,"single":0.1,"bytes":"aGk=","pair":[1,2]}`,
		`{"map":{"a":{"name":"x"}},"any":[1,{"b":null}],"time":"2026-01-02T03:04:05Z","ptr":null,"list":[null,{"int":1}],"raw":{"a":1}}`,
		`{"int":1.0,"small":128,"uint":-0,"float":1e999,"bytes":"?","pair":[1],"time":"now"}`, `{"small":1e2}`,
		`[]`, `null`, `{"Int":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := value.ParseJSON(data)
		if err != nil {
			return
		}
		var got, want tree
		if result := value.Bind(t.Context(), v, reflect.ValueOf(&got).Elem()); len(result.Faults) > 0 {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&want); err != nil {
			if strings.Contains(err.Error(), "into Go struct field") && strings.Contains(err.Error(), "number") {
				return // a whole number with a point or an exponent, which JSON Schema takes for one
			}
			t.Fatalf("%q is bound, and encoding/json says %v", data, err)
		}
		got.Raw, want.Raw = nil, nil // rewritten
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(tree{}),
			cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
	})
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	twins := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"name"`}, {Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"name"`}})
	for want, v := range map[string]any{
		"no JSON is a chan int":      struct{ C chan int }{},
		"it does not say which type": struct{ E error }{},
		"are no strings":             struct{ M map[int]int }{},
		"embedded pointer":           struct{ *leaf }{},
		"option string": struct {
			A int `json:"a,string"`
		}{},
		`two fields are called "name"`: reflect.Zero(twins).Interface(),
	} {
		if err := value.Compile(reflect.TypeOf(v)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
	if err := value.Compile(reflect.TypeFor[tree]()); err != nil {
		t.Error(err)
	}
}

// Threat: a decimal that is short, and takes all memory once it is written out.
func FuzzDecimal(f *testing.F) {
	for _, text := range []string{"1.50", "-.5", "1e99", "1e999999999", "1_000", "0x1", "NaN", "", "+1", "1."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, kind := range []value.Kind{value.String, value.Field, value.Number} {
			var got decimal.Decimal
			result := value.Bind(t.Context(), value.Value{Kind: kind, Text: text}, reflect.ValueOf(&got).Elem())
			if len(result.Faults) == 0 &&
				(got.NumDigits() > value.MaxDecimal || got.Exponent() > 99 || len(got.String()) > 2*value.MaxDecimal) {
				t.Errorf("%q is read as %s", text, got)
			}
		}
	})
}
