package words_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/internal/texttest"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	texttest.Check(t, words.Texts(), texttest.Code{
		Receivers: []string{"words"}, Functions: map[string]int{"ID": 0, "T": 1, "errorOf": 0, "refuse": 1, "bad": 1},
		Folders: []string{
			"../..", "../auditui", "../bulk", "../export", "../form", "../jobsui", "../jobsui/view", "../list", "../meta",
			"../query", "../registry", "../relation", "../request", "../site", "../views", ".",
		},
	})
}

// german returns a context in German, with texts of an application.
func german(t *testing.T, own string) context.Context {
	t.Helper()
	s, err := text.Load("", fstest.MapFS{"de.yaml": {Data: []byte(own)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	c, err := text.NewCatalogue(text.Config{}, s, words.Texts(), text.Formats())
	if err != nil {
		t.Fatal(err)
	}
	return text.WithLocale(t.Context(), c.Default())
}

func TestWords(t *testing.T) {
	t.Parallel()
	english, german := t.Context(), german(t, "groups: {content: Redaktion, my_shop: Laden}")
	for _, tt := range []struct{ got, want string }{
		{words.Lower(english, "Blog post"), "blog post"},
		{words.Lower(german, "Blogbeitrag"), "Blogbeitrag"},
		{words.Group(english, ""), "Content"},
		{words.Group(english, "My shop"), "My shop"},
		{words.Group(german, ""), "Redaktion"},
		{words.Group(german, "My shop"), "Laden"},
		{words.Group(german, "Accounts"), "Konten"},
		{words.YesNo(german, true) + words.YesNo(english, false), "JaNo"},
		{words.T(english, "all", "n", words.AtMost(english, 1000, 1000)), "All 1,000"},
		{words.T(german, "all", "n", words.AtMost(german, 1001, 1000)), "Alle 1.000+"},
		{words.KeyOf("send-password-Link ü"), "send_password_link__"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}
