package mails_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/covetgo/covet/app/auth/mails"
	"github.com/covetgo/covet/app/text"
)

func html(t *testing.T, l mails.Letter) string {
	t.Helper()
	var b strings.Builder
	if err := mails.HTML(l).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A mail says the same in HTML and in text, and escapes what it is given.
func TestLetter(t *testing.T) {
	t.Parallel()
	l := mails.Letter{
		App: "Blog & Co", Title: "Finish <your> account", Hello: "Hello,", Text: "Follow the link.",
		Link: "https://example.com/signup/confirm?token=abc", Button: "Finish", LinkHint: "Or open:", Footer: "Not you?",
	}
	got := html(t, l)
	for _, part := range []string{`href="https://example.com/signup/confirm?token=abc"`, "Finish &lt;your&gt; account", "Blog &amp; Co", "Or open:", "Not you?"} {
		if !strings.Contains(got, part) {
			t.Errorf("the HTML lacks %q:\n%s", part, got)
		}
	}
	const text = "Hello,\n\nFollow the link.\n\nFinish:\nhttps://example.com/signup/confirm?token=abc\n\nNot you?\n\n-- \nBlog & Co\n"
	if got := mails.Text(l); got != text {
		t.Errorf("the text is %q", got)
	}
}

// The language and the direction of a mail are those of its context.
func TestLanguage(t *testing.T) {
	t.Parallel()
	catalogue, err := text.NewCatalogue(text.Config{Languages: []string{"en", "ar"}, TimeZone: "UTC"}, own(t))
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string]string{"en": `<html lang="en" dir="ltr">`, "ar": `<html lang="ar" dir="rtl">`} {
		var b strings.Builder
		ctx := text.WithLocale(t.Context(), catalogue.Match(language))
		if err := mails.HTML(mails.Letter{App: "Blog"}).Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("the mail lacks %s: %s", want, b.String())
		}
	}
}

func own(t *testing.T) *text.Set {
	t.Helper()
	set, err := text.Load("", fstest.MapFS{"ar.yaml": {Data: []byte("hello: مرحبا\n")}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestNoticeHasNoLink(t *testing.T) {
	t.Parallel()
	l := mails.Letter{App: "Blog", Title: "Changed", Hello: "Hello,", Text: "It was changed."}
	if got := html(t, l); strings.Contains(got, "<a ") {
		t.Errorf("the HTML has a link:\n%s", got)
	}
	if got := mails.Text(l); got != "Hello,\n\nIt was changed.\n\n-- \nBlog\n" {
		t.Errorf("the text is %q", got)
	}
}
