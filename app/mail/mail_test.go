package mail_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/mail"
)

func body(html string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, html)
		return err
	})
}

func ExampleMailer_Send() {
	var sent mail.Memory
	mailer := mail.New(mail.Config{From: "Blog <hello@example.com>"}, &sent)

	err := mailer.Send(context.Background(), mail.Message{
		To:      []string{"Ada <ada@example.com>"},
		Subject: "Welcome",
		HTML:    body(`<h1>Welcome, Ada</h1><p>Read <a href="https://example.com/help">the guide</a>.</p>`),
	})
	fmt.Println(err)
	fmt.Print(sent.Sent()[0].Text)
	// Output:
	// <nil>
	// Welcome, Ada
	//
	// Read the guide (https://example.com/help).
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, html, want string }{
		{"spaces fold", "<p>a\n   b <b>c</b>d</p>", "a b cd\n"},
		{"paragraphs", "<p>a</p><p>b</p>", "a\n\nb\n"},
		{"list", "<ul><li>a</li><li>b</li></ul>c", "- a\n- b\n\nc\n"},
		{"break", "a<br>b", "a\nb\n"},
		{
			"head is left out", "<html><head><title>t</title><style>p{}</style></head><body><script>x()</script>a</body>",
			"a\n",
		},
		{"link", `<a href="https://x.example">here</a>`, "here (https://x.example)\n"},
		{"link that is its text", `<a href="https://x.example">https://x.example</a>`, "https://x.example\n"},
		{"cells", "<table><tr><td>a</td><td>b</td></tr></table>", "a b\n"},
		{"entities", "<p>&lt;b&gt; &amp; c</p>", "<b> & c\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sent mail.Memory
			err := mail.New(mail.Config{}, &sent).Send(t.Context(), mail.Message{To: []string{"a@b.c"}, HTML: body(tt.html)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, sent.Sent()[0].Text); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
		})
	}
}

// Threat: input with a line break adds headers or recipients.
func TestMessagesThatAreRefused(t *testing.T) {
	t.Parallel()
	ok := []string{"a@b.c"}
	broken := errors.New("broken template")
	tests := []struct {
		name string
		msg  mail.Message
		want string
	}{
		{"no recipient", mail.Message{Text: "x"}, "no recipient"},
		{"no body", mail.Message{To: ok}, "no text"},
		{"bad address", mail.Message{To: []string{"nobody"}, Text: "x"}, "To is not a valid email address"},
		{"injected recipient", mail.Message{To: []string{"a@b.c\r\nBcc: d@e.f"}, Text: "x"}, "To is not a valid email address"},
		{"two in one", mail.Message{To: []string{"a@b.c, d@e.f"}, Text: "x"}, "To is not a valid email address"},
		{"injected header", mail.Message{To: ok, Subject: "Hi\r\nBcc: d@e.f", Text: "x"}, "line break"},
		{"bad reply-to", mail.Message{To: ok, ReplyTo: "x\ny", Text: "x"}, "ReplyTo is not a valid email address"},
		{"broken body", mail.Message{
			To:   ok,
			HTML: templ.ComponentFunc(func(context.Context, io.Writer) error { return broken }),
		}, "broken template"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var sent mail.Memory
			err := mail.New(mail.Config{}, &sent).Send(t.Context(), tt.msg)
			if !errors.Is(err, mail.ErrInvalid) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want ErrInvalid with %q", err, tt.want)
			}
			if n := len(sent.Sent()); n != 0 {
				t.Errorf("%d mails went out", n)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	folder := mail.NewFolder(t.TempDir() + "/mail")
	if list, err := folder.List(); err != nil || len(list) != 0 {
		t.Fatalf("empty folder: %v, %v", list, err)
	}
	mailer := mail.New(mail.Config{From: "Blog <hello@example.com>"}, folder)
	for i := range 205 {
		msg := mail.Message{To: []string{"a@b.c"}, ReplyTo: "d@e.f", Subject: fmt.Sprint("mail ", i), HTML: body("<p>hi</p>")}
		if err := mailer.Send(t.Context(), msg); err != nil {
			t.Fatal(err)
		}
	}
	list, err := folder.List()
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 200 || list[0].Subject != "mail 204" || list[199].Subject != "mail 5" {
		t.Errorf("%d mails from %q to %q, want the newest 200", len(list), list[0].Subject, list[len(list)-1].Subject)
	}
	found, err := folder.Find(list[3].ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list[3], found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	if _, err := folder.Find("../../etc/passwd"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Find outside = %v, want fs.ErrNotExist", err)
	}
	if err := folder.Clear(); err != nil {
		t.Fatal(err)
	}
	if list, err := folder.List(); err != nil || len(list) != 0 {
		t.Errorf("after Clear: %d mails, %v", len(list), err)
	}
}
