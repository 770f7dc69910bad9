package value_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/internal/value"
)

// native turns a tree into what encoding/json makes of the same text.
func native(v value.Value) any {
	switch v.Kind {
	case value.Bool:
		return v.Bool
	case value.Number:
		return json.Number(v.Text)
	case value.String:
		return v.Text
	case value.List:
		list := []any{}
		for _, m := range v.Members {
			list = append(list, native(m.Value))
		}
		return list
	case value.Object:
		object := map[string]any{}
		for _, m := range v.Members {
			object[m.Name] = native(m.Value)
		}
		return object
	default:
		return nil
	}
}

func TestParseJSONRefuses(t *testing.T) {
	t.Parallel()
	many := make([]string, 40)
	for i := range many {
		many[i] = `"` + strings.Repeat("a", i+1) + `":1`
	}
	tests := []struct{ name, text, pointer string }{
		{"nothing", ``, ""},
		{"space only", " \n", ""},
		{"cut off", `{"a":{"b":[1,`, "/a/b/1"},
		{"cut off in a string", `{"a":"b`, "/a"},
		{"garbage behind", `{} x`, ""},
		{"second text", `{}{}`, ""},
		{"twice", `{"a":1,"b":{"c":1,"c":2}}`, "/b/c"},
		{"twice, escaped", `{"a":1,"\u0061":2}`, "/a"},
		{"twice of many", `{` + strings.Join(many, ",") + `,"aa":2}`, "/aa"},
		{"deep", strings.Repeat("[", 10000), strings.Repeat("/0", 65)},
		{"deep objects", strings.Repeat(`{"a":`, 10000), strings.Repeat("/a", 65)},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "/a"},
		{"invalid UTF-8 in a name", "{\"\xff\":1}", ""},
		{"overlong UTF-8", "\"\xc0\xaf\"", ""},
		{"lone surrogate", `["\ud800"]`, "/0"},
		{"wrong pair", `["\ud800\u0041"]`, "/0"},
		{"raw control character", "[\"\x01\"]", "/0"},
		{"leading zero", `{"n":01}`, ""},
		{"plus", `+1`, ""},
		{"hexadecimal", `0x10`, ""},
		{"no digit", `[1.]`, "/0"},
		{"no exponent", `[1e]`, "/0"},
		{"NaN", `NaN`, ""},
		{"comment", `{/**/}`, ""},
		{"trailing comma", `[1,]`, "/1"},
		{"single quotes", `{'a':1}`, ""},
		{"byte order mark", "\ufeff{}", ""},
		{"slash in a name", `{"a/b~":x}`, "/a~1b~0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := value.ParseJSON([]byte(tt.text))
			var syntax *value.SyntaxError
			if !errors.As(err, &syntax) || syntax.Detail(t.Context()) == "" {
				t.Fatalf("value %+v, error %v, want a SyntaxError", v, err)
			}
			if tt.name != "garbage behind" && syntax.Pointer != tt.pointer && !strings.HasPrefix(tt.name, "trailing") {
				t.Errorf("pointer = %q, want %q", syntax.Pointer, tt.pointer)
			}
		})
	}
}

// What is read is what encoding/json reads; what encoding/json refuses is refused.
func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.5e+3,true,false,null,"ä\n\ud83d\ude00\/"],"b":{}}`, `[]`, `""`, ` 0 `, `{"a":1,"a":2}`,
		"\"\xff\"", `[1,]`, `"\u00"`, `"\`, `{"a"`, `-`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := value.ParseJSON(data)
		if err != nil {
			return
		}
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.UseNumber()
		var want any
		if err := decoder.Decode(&want); err != nil {
			t.Fatalf("%q is read, and encoding/json says %v", data, err)
		}
		if diff := cmp.Diff(want, native(v)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", data, diff)
		}
	})
}
