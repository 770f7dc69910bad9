//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package terminal

import "testing"

func TestKeys(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"r": "r", "rq": "rq", "": "", "\x1b": "", "\x1b[A": "", "\x1b[Ac": "c", "\x1b[1;5Cq": "q", "\x1bOPo": "o",
		"\x1br": "", "é": "é",
	} {
		if got := string(keys([]byte(sent))); got != want {
			t.Errorf("%q: %q, want %q", sent, got, want)
		}
	}
}
