package ui_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/web/ui"
)

func TestLanguageMenu(t *testing.T) {
	t.Parallel()
	own, err := text.Load("", fstest.MapFS{
		"en.yaml": {Data: []byte("a: b\n")}, "de.yaml": {Data: []byte("a: b\n")},
		"fr.yaml": {Data: []byte("a: b\n")}, "pl.yaml": {Data: []byte("text:\n  name: polski\n")},
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := text.NewCatalogue(text.Config{}, own, text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := ui.LanguageMenu().Render(text.WithLocale(t.Context(), catalogue.Match("de")), &out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{
		`aria-label="Sprache"`, `value="en" lang="en">English</button>`, `value="de" lang="de" aria-current="true">Deutsch</button>`,
		`value="fr" lang="fr">fr</button>`, `value="pl" lang="pl">polski</button>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is missing in %s", want, page)
		}
	}
	out.Reset()
	if err := ui.LanguageMenu().Render(t.Context(), &out); err != nil || out.Len() > 0 {
		t.Errorf("the menu of one language is %q, %v", out.String(), err)
	}
}
