package main

import (
	"strings"
	"testing"
)

// Each fault can be planted: its old text is there. Whether it is caught, "make mutants" finds out.
func TestFaultsAreCurrent(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, f := range faults {
		if _, _, err := f.find("../.."); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if names[f.name] {
			t.Errorf("two faults are called %q", f.name)
		}
		names[f.name] = true
		if f.old == f.new || len(f.tests) == 0 || !strings.Contains(f.name, ": ") {
			t.Errorf("%q is not a fault with tests", f.name)
		}
	}
}
