package token

import (
	"strings"
	"testing"
)

func TestAccessTokenForm(t *testing.T) {
	t.Parallel()
	token := NewAccess()
	if !WellFormed(token) || !strings.HasPrefix(token, "covet_pat_") || token == NewAccess() {
		t.Errorf("the token is %q", token)
	}
	for i := range token {
		swapped := token[:i] + "x" + token[i+1:]
		if swapped != token && WellFormed(swapped) {
			t.Errorf("a typing error at %d is not detected", i)
		}
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add(NewAccess())
	f.Add("covet_pat_")
	f.Fuzz(func(t *testing.T, text string) {
		if WellFormed(text) && len(text) != len(NewAccess()) {
			t.Errorf("%q counts as a token", text)
		}
	})
}
