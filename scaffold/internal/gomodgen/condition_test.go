package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConditionOf(t *testing.T) {
	t.Parallel()
	all := variants()
	for name, test := range map[string]struct {
		needed func(variant) bool
		want   condition
	}{
		"always": {func(variant) bool { return true }, always},
		"one":    {func(v variant) bool { return v.on("postgres") }, condition{"postgres"}},
		"not":    {func(v variant) bool { return !v.on("api") }, condition{"!api"}},
		"either": {func(v variant) bool { return v.on("sqlite") || v.on("api") }, condition{"sqlite|api"}},
		"three": {
			func(v variant) bool { return v.on("sqlite") || v.on("api") || !v.on("auth") },
			condition{"sqlite|api|!auth"},
		},
		"both": {func(v variant) bool { return v.on("sqlite") && v.on("api") }, condition{"sqlite", "api"}},
		"admin only": {
			func(v variant) bool { return v.on("admin") && v.on("auth") },
			condition{"admin"},
		}, // admin implies auth
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needed := make([]bool, len(all))
			for i, v := range all {
				needed[i] = test.needed(v)
			}
			got, err := conditionOf(all, needed)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConditionOfGivesUp(t *testing.T) {
	t.Parallel()
	all := variants()
	needed := make([]bool, len(all))
	for i := range needed {
		needed[i] = i%5 == 0
	}
	if got, err := conditionOf(all, needed); err == nil {
		t.Errorf("got %v", got)
	}
}

func TestVariantsAreAllChoices(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range variants() {
		key := ""
		for _, name := range []string{"sqlite", "postgres", "mysql", "auth", "admin", "api"} {
			if v.on(name) {
				key += name + " "
			}
		}
		if seen[key] {
			t.Errorf("%s occurs twice", key)
		}
		seen[key] = true
	}
	if len(seen) != 7*6 {
		t.Errorf("got %d", len(seen))
	}
}

func TestCompareLines(t *testing.T) {
	t.Parallel()
	ordered := []string{
		"example.com/a v1.9.0 h1:x", "example.com/a v1.9.0/go.mod h1:x", "example.com/a v1.10.0 h1:x",
		"example.com/a/b v1.0.0 h1:x", "example.com/b@v1.0.0", "example.com/b@v1.1.0",
	}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := compareLines(a, b); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
}
