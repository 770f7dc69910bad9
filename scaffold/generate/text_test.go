package generate_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/scaffold/generate"
)

// Printed instructions name the thing to look at.
func TestTexts(t *testing.T) {
	t.Parallel()
	dir := newBlog(t)
	if _, err := tryGenerate(t, dir, "policy", "user", nil, generate.Flags{}); err == nil || !strings.Contains(err.Error(), `"user" cannot be the name of a policy: `) {
		t.Errorf("a policy of users: %v", err)
	}
	write(t, generated(t, dir, "migration", "backfill_slugs", nil, generate.Flags{}))
	write(t, generated(t, dir, "resource", "tag", []string{"name:string!"}, generate.Flags{}))
	if notes := strings.Join(destroyed(t, dir, "migration", "backfill_slugs").Notes, " "); strings.Contains(notes, "table") || !strings.Contains(notes, "covet migrate down") {
		t.Errorf("the notes are %s", notes)
	}
	if notes := strings.Join(destroyed(t, dir, "resource", "tag").Notes, " "); !strings.Contains(notes, "the table still exists") {
		t.Errorf("the notes are %s", notes)
	}
	for _, text := range []string{"{{", "{{.Nothing}}", "no Go", "package models\n\nfunc {"} {
		put(t, dir, ".covet/templates/resource/model.go.tmpl", text)
		if _, err := tryGenerate(t, dir, "resource", "post", nil, generate.Flags{}); err == nil || !strings.Contains(err.Error(), ".covet/templates/resource/model.go.tmpl") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
