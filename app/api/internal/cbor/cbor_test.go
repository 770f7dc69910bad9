package cbor_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	fx "github.com/fxamacker/cbor/v2"

	"github.com/covetgo/covet/app/api/internal/cbor"
	"github.com/covetgo/covet/app/internal/value"
)

func newCBOR(t *testing.T) *cbor.Codec {
	t.Helper()
	c, err := cbor.New()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := fx.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Threat: a number of a million bytes, which takes seconds to become digits.
func TestParseCBORBigNumbers(t *testing.T) {
	t.Parallel()
	power := func(bits uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), bits) }
	tests := []struct {
		name string
		n    *big.Int
		ok   bool
	}{
		{"most bits", power(255), true},
		{"most bits, negative", new(big.Int).Neg(power(255)), true},
		{"one bit more", power(256), false},
		{"one bit more, negative", new(big.Int).Neg(new(big.Int).Add(power(256), big.NewInt(1))), false},
		{"1 MiB", power(8 << 20), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data := encode(t, map[string]any{"a/b": []any{1, tt.n}})
			tree, err := newCBOR(t).Parse(data)
			if syntax := (*value.SyntaxError)(nil); !tt.ok &&
				(!errors.As(err, &syntax) || syntax.Pointer != "/a~1b/1" || !strings.Contains(syntax.Detail(t.Context()), "too large")) {
				t.Errorf("error = %v", err)
			}
			if tt.ok && (err != nil || tree.Members[0].Value.Members[1].Value.Text != tt.n.String()) {
				t.Errorf("tree = %+v, %v", tree, err)
			}
		})
	}
}

// Threat: 1 MiB of tiny values, which become 200 MiB.
func TestParseBoundsValues(t *testing.T) {
	t.Parallel()
	ones := func(n int) []any {
		list := make([]any, n)
		for i := range list {
			list[i] = 1
		}
		return list
	}
	numbered := func(n int) map[string]any {
		m := make(map[string]any, n)
		for i := range n {
			m[strconv.Itoa(i)] = map[string]any{}
		}
		return m
	}
	tests := []struct {
		name string
		tree any
		want error
	}{
		{"list", ones(value.MaxValues - 1), nil},
		{"longer list", ones(value.MaxValues), value.ErrTooMany},
		{"lists", []any{ones(value.MaxValues / 2), ones(value.MaxValues/2 - 3)}, nil},
		{"more in lists", []any{ones(value.MaxValues / 2), ones(value.MaxValues/2 - 2)}, value.ErrTooMany},
		{"members", numbered(value.MaxValues - 1), nil},
		{"more members", numbered(value.MaxValues), value.ErrTooMany},
		{"text that looks like values", strings.Repeat("1", 1<<20), nil},
		{"all kinds", []any{1.5, true, nil, "text", []byte("bytes"), -70_000, uint64(1) << 63, time.Unix(0, 0)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := newCBOR(t).Parse(encode(t, tt.tree)); !errors.Is(err, tt.want) {
				t.Errorf("CBOR: %v", err)
			}
			text, err := json.Marshal(tt.tree)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := value.ParseJSON(text); !errors.Is(err, tt.want) {
				t.Errorf("JSON: %v", err)
			}
		})
	}
	// A map that lies about its length hides nothing.
	lie := append([]byte{0x82, 0xba, 0, 1, 0, 0}, make([]byte, 1<<20)...)
	if _, err := newCBOR(t).Parse(lie); err == nil {
		t.Error("a map that lies about its length is read")
	}
}

// No input makes the reader of CBOR fail otherwise than with an error.
func FuzzCBOR(f *testing.F) {
	c, err := cbor.New()
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range []any{
		map[string]any{"a": []any{1, -1.5, "x", []byte{1}, nil, true}},
		time.Now(), uint64(math.MaxUint64),
	} {
		data, err := c.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := c.Parse(data)
		if err != nil {
			return
		}
		var got struct {
			A []int `json:"a"`
		}
		value.Bind(t.Context(), v, reflect.ValueOf(&got).Elem())
		var anything any
		value.Bind(t.Context(), v, reflect.ValueOf(&anything).Elem())
	})
}
