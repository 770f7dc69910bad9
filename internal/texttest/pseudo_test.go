package texttest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/internal/texttest"
)

func TestPseudo(t *testing.T) {
	t.Parallel()
	set, err := text.Load("notes", fstest.MapFS{"en.yaml": {Data: []byte(`
title: Your Notes
list:
  hello: "{{x}} Hello, {name}. You have been here since {at, date}."
  count: {one: One note, other: "{n} notes"}
`)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	own := texttest.Pseudo(t, text.Formats(), set)
	catalogue, err := text.NewCatalogue(text.Config{}, own, text.Formats(), set)
	if err != nil {
		t.Fatal(err)
	}
	ctx := text.WithLocale(t.Context(), catalogue.Match(text.PseudoLong))
	at := time.Date(2026, 3, 1, 16, 5, 0, 0, time.UTC)
	shown := []string{
		set.T(ctx, "title"), set.T(ctx, "list.hello", "name", "Ada", "at", at), set.T(ctx, "list.count", "n", 2),
	}
	for _, got := range shown {
		if found := texttest.Literals(t, got, "Ada"); len(found) > 0 || !strings.HasSuffix(got, "]") {
			t.Errorf("%q has the literals %q", got, found)
		}
	}
	if !strings.Contains(shown[1], "Ada") || !strings.Contains(shown[1], "2026") || strings.Contains(shown[1], "16") {
		t.Errorf("the arguments are lost: %q", shown[1])
	}
	if got := set.T(t.Context(), "title"); got != "Your Notes" {
		t.Errorf("English became %q", got)
	}
}

func TestLiterals(t *testing.T) {
	t.Parallel()
	page := `<!DOCTYPE html><html lang="en-XA"><head><title>Ţíţļé</title><style>a { color: red }</style></head><body>
		<script>alert("x")</script><p class="lead" title="Hover">Ĥéļļó, Ada</p><p>Sign in</p><code>covet</code>
		<p>Sign in</p><span translate="no">Berlin</span><img alt="Íɱáǧé" src="/a.png"><input aria-label="Search" value="x">`
	want := []string{"Hover", "Sign in", "Search"}
	if got := texttest.Literals(t, page, "Ada"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := texttest.Literals(t, "Ĥéļļó\nhttps://example.com", "https://example.com"); len(got) != 0 {
		t.Errorf("got %q", got)
	}
}
