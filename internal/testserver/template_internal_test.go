package testserver

import (
	"testing"
	"time"
)

func TestAbandoned(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, want := range map[string]bool{
		newName():                           false,
		"covet_test_" + "abcdefghij":        false, // without a date
		"covet_test_!_abcdefghij":           false,
		"other_" + newName():                false,
		"covet_test_t6fh2d_abcdefghijklmno": true,
	} {
		if got := abandoned(name, now); got != want {
			t.Errorf("abandoned(%q) = %t, want %t", name, got, want)
		}
	}
	if name := newName(); !abandoned(name, now.Add(25*time.Hour)) || abandoned(name, now.Add(23*time.Hour)) {
		t.Errorf("%s is abandoned after a day, neither sooner nor later", name)
	}
}
