package mails_test

import (
	"strings"
	"testing"

	"github.com/covetgo/covet/app/auth/mails"
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
		App: "Blog & Co", Title: "Finish <your> account", Hello: "Hello,", Text: "follow the link.",
		Link: "https://example.com/signup/confirm?token=abc", Button: "Finish", LinkHint: "Or open:", Footer: "Not you?",
	}
	got := html(t, l)
	for _, part := range []string{`href="https://example.com/signup/confirm?token=abc"`, "Finish &lt;your&gt; account", "Blog &amp; Co", "Or open:", "Not you?"} {
		if !strings.Contains(got, part) {
			t.Errorf("the HTML lacks %q:\n%s", part, got)
		}
	}
	const text = "Hello,\n\nfollow the link.\n\nFinish:\nhttps://example.com/signup/confirm?token=abc\n\nNot you?\n\n-- \nBlog & Co\n"
	if got := mails.Text(l); got != text {
		t.Errorf("the text is %q", got)
	}
}

func TestNoticeHasNoLink(t *testing.T) {
	t.Parallel()
	l := mails.Letter{App: "Blog", Title: "Changed", Hello: "Hello,", Text: "it was changed."}
	if got := html(t, l); strings.Contains(got, "<a ") {
		t.Errorf("the HTML has a link:\n%s", got)
	}
	if got := mails.Text(l); got != "Hello,\n\nit was changed.\n\n-- \nBlog\n" {
		t.Errorf("the text is %q", got)
	}
}
