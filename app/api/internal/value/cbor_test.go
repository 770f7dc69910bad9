package value_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/covetgo/covet/app/api/internal/value"
)

func newCBOR(t *testing.T) *value.CBOR {
	t.Helper()
	c, err := value.NewCBOR()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	data, err := cbor.Marshal(v)
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
			if syntax := (*value.SyntaxError)(nil); !tt.ok && (!errors.As(err, &syntax) || syntax.Pointer != "/a~1b/1" || !strings.Contains(syntax.Detail, "too large")) {
				t.Errorf("error = %v", err)
			}
			if tt.ok && (err != nil || tree.Members[0].Value.Members[1].Value.Text != tt.n.String()) {
				t.Errorf("tree = %+v, %v", tree, err)
			}
		})
	}
}
