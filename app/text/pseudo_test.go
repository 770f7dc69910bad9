package text_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/internal/texttest"
)

// The files of both pseudo-languages are valid, complete, accented and longer, and keep the arguments.
func TestPseudo(t *testing.T) {
	t.Parallel()
	english := "home:\n  title: Hello {name}, {{you}}\n  count: {one: One post, other: \"{n} posts\"}\nseen: \"{at, date}\"\n"
	catalogue, err := text.NewCatalogue(text.Config{}, texttest.Own(t, map[string]string{"en.yaml": english}), text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"en.yaml": english}
	for _, lang := range []string{text.PseudoLong, text.PseudoRTL} {
		content, err := catalogue.Pseudo(lang)
		if err != nil {
			t.Fatal(err)
		}
		files[lang+".yaml"] = string(content)
	}
	set := texttest.Own(t, files)
	pseudo, err := text.NewCatalogue(text.Config{}, set, text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		text.PseudoLong: "[Ĥéļļö Ada, {ýöü} ~~~~]|[3 þöšţš ~~]", text.PseudoRTL: "[Ĥéļļö \u2068Ada\u2069, {ýöü} ~~~~]|[\u2068٣\u2069 þöšţš ~~]",
	} {
		if missing := pseudo.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %q", lang, missing)
		}
		locale, _ := pseudo.Locale(lang)
		ctx := text.WithLocale(t.Context(), locale)
		got := set.T(ctx, "home.title", "name", "Ada") + "|" + set.T(ctx, "home.count", "n", 3)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
	if _, err := catalogue.Pseudo("de"); err == nil || !strings.Contains(err.Error(), `unknown pseudo-language "de"`) {
		t.Errorf("an unknown pseudo-language: %v", err)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	set := texttest.Own(t, map[string]string{
		"en.yaml": "a: A\nb: {c: C}\n", "de.yaml": "a: A\n", "de-AT.yaml": "b: {c: C}\n", "pl.yaml": "text: {name: polski}\n",
	})
	catalogue, err := text.NewCatalogue(text.Config{}, set, text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{"en": "", "de": "b.c", "de-AT": ""} {
		if got := strings.Join(catalogue.Missing(lang), " "); got != want {
			t.Errorf("%s lacks %q, want %q", lang, got, want)
		}
	}
	polish := catalogue.Missing("pl")
	if len(polish) != 2+len(text.Formats().Keys())-1 || strings.Contains(strings.Join(polish, " "), "text.name") {
		t.Errorf("pl lacks %q", polish)
	}
}
