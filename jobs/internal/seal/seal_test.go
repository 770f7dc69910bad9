package seal_test

import (
	"bytes"
	"testing"

	"github.com/covetgo/covet/jobs/internal/seal"
)

func sealer(t *testing.T, keys ...[]byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func TestArgumentsAreReadAgain(t *testing.T) {
	t.Parallel()
	text, name, err := sealer(t, key(1)).Seal("id", "kind", []byte("secret"))
	if err != nil || bytes.Contains(text, []byte("secret")) {
		t.Fatalf("%q, error %v", text, err)
	}
	for what, keys := range map[string][][]byte{"same key": {key(1)}, "after a change of the key": {key(2), key(1)}} {
		if got, err := sealer(t, keys...).Open("id", "kind", name, text); err != nil || string(got) != "secret" {
			t.Errorf("%s: %q, error %v", what, got, err)
		}
	}
}

// The attacks: another job, another kind, changed text, a key that is gone.
func TestForgedArgumentsAreRefused(t *testing.T) {
	t.Parallel()
	s := sealer(t, key(1))
	text, name, err := s.Seal("id", "kind", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(text)
	changed[0] ^= 1
	for what, open := range map[string]func() ([]byte, error){
		"another job":   func() ([]byte, error) { return s.Open("other", "kind", name, text) },
		"another kind":  func() ([]byte, error) { return s.Open("id", "other", name, text) },
		"changed text":  func() ([]byte, error) { return s.Open("id", "kind", name, changed) },
		"no base64":     func() ([]byte, error) { return s.Open("id", "kind", name, []byte("{}")) },
		"a missing key": func() ([]byte, error) { return sealer(t, key(2)).Open("id", "kind", name, text) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: opened as %q", what, got)
		}
	}
}

func TestKeysAreChecked(t *testing.T) {
	t.Parallel()
	if _, err := seal.New([][]byte{make([]byte, 16)}); err == nil {
		t.Error("a key of 16 bytes is accepted")
	}
	if _, _, err := sealer(t).Seal("id", "kind", nil); err == nil {
		t.Error("sealed without a key")
	}
	if a, b := sealer(t, key(1)).Digest([]byte("x")), sealer(t, key(2)).Digest([]byte("x")); bytes.Equal(a, b) {
		t.Error("the digest does not depend on the key")
	}
}
