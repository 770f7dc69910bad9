package inflect_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/inflect"
)

// Names that others have, or that no file can have everywhere, are refused with the reason; what is suggested instead
// is near, or nothing.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, problem, suggestion string }{
		{"covet_job", "belong to Covet", "site_covet_job"},
		{"goose/version", "belong to the migrations", ""},
		{"sqlite_sequence", "belong to SQLite", ""},
		{"SqliteThing", "belong to SQLite", ""},
		{"con", "Windows", ""},
		{"nul", "Windows", ""},
		{"aux", "Windows", ""},
		{"prn", "Windows", ""},
		{"com1", "Windows", ""},
		{"lpt9", "Windows", ""},
		{"aux/post", "Windows", ""},
		{"café", "other characters", "cafe"},
		{"Größe", "other characters", "none"},
		{"статья", "other characters", "none"},
		{"記事", "other characters", "none"},
		{"blog post", "other characters", "blog_post"},
	} {
		_, err := inflect.Parse(test.name)
		var refused *inflect.Error
		if !errors.As(err, &refused) || !strings.Contains(refused.Problem, test.problem) {
			t.Errorf("%s: %v, and not that: %s", test.name, err, test.problem)
			continue
		}
		switch {
		case test.suggestion == "none" && refused.Suggestion != "", test.suggestion != "none" && refused.Suggestion == "":
			t.Errorf("%s: %q is suggested", test.name, refused.Suggestion)
		case test.suggestion != "none" && test.suggestion != "" && refused.Suggestion != test.suggestion:
			t.Errorf("%s: %q is suggested, and not %q", test.name, refused.Suggestion, test.suggestion)
		}
		if strings.Contains(err.Error(), `""`) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, name := range []string{"console", "auxiliary", "com10", "covetous", "goose", "context"} {
		if _, err := inflect.Parse(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
