package dev

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctionNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"blog/app/contact.(*Handler).Show": {"blog/app/contact", "Handler", "Show"},
		"blog/app/contact.Handler.Show":    {"blog/app/contact", "Handler", "Show"},
		"blog/app.home":                    {"blog/app", "", "home"},
		"blog/app.routes.func1":            {"blog/app", "", "routes"},
		"blog/app.routes.func1.2":          {"blog/app", "", "routes"},
		"example.com/blog/app.New.func2":   {"example.com/blog/app", "", "New"},
		"main.main":                        {"main", "", "main"},
	} {
		match := functionName.FindStringSubmatch(name)
		if match == nil {
			t.Errorf("%s is not understood", name)
			continue
		}
		if diff := cmp.Diff(want, match[1:]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A closure is not found by the function around it, such as the one that registers all routes.
func TestClosuresHaveNoPlace(t *testing.T) {
	t.Parallel()
	if file, line := findFunction(mainModule() + "/app/internal/dev.findFunction.func1"); file != "" || line != 0 {
		t.Errorf("the closure was found in %s:%d", file, line)
	}
}
