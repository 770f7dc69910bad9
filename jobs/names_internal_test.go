package jobs

import (
	"testing"
	"time"
)

func FuzzSnakeCase(f *testing.F) {
	f.Add("NotifyTeam")
	f.Fuzz(func(t *testing.T, name string) {
		if kind := snakeCase(name); name != "" && kind == "" {
			t.Errorf("%q has an empty kind", name)
		}
	})
}

func TestDefaultBackoff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		attempt int
		about   time.Duration
	}{{1, 2 * time.Second}, {2, 4 * time.Second}, {10, 1024 * time.Second}, {14, 6 * time.Hour}, {1000, 6 * time.Hour}} {
		for range 50 {
			got := DefaultBackoff(test.attempt)
			if low, high := test.about*8/10, test.about*12/10; got < low || got > high {
				t.Errorf("attempt %d: %v, want %v to %v", test.attempt, got, low, high)
			}
		}
	}
}
