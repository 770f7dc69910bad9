package mail_test

import (
	"bufio"
	"net"
	"net/textproto"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/mail"
)

// smtpServer speaks enough of RFC 5321 to take one message, and returns its
// address and the lines it was sent.
func smtpServer(t *testing.T) (string, <-chan []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	lines := make(chan []string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines <- serveSMTP(conn)
	}()
	return listener.Addr().String(), lines
}

func serveSMTP(conn net.Conn) []string {
	var got []string
	in := textproto.NewReader(bufio.NewReader(conn))
	say := func(s string) { _, _ = conn.Write([]byte(s + "\r\n")) }
	say("220 test")
	for {
		line, err := in.ReadLine()
		if err != nil {
			return got
		}
		got = append(got, line)
		switch verb, _, _ := strings.Cut(line, " "); verb {
		case "EHLO":
			say("250-test")
			say("250 8BITMIME")
		case "DATA":
			say("354 go on")
			data, _ := in.ReadDotLines()
			got = append(got, data...)
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return got
		default:
			say("250 ok")
		}
	}
}

func TestSMTPDeliversBothParts(t *testing.T) {
	t.Parallel()
	address, lines := smtpServer(t)
	transport, err := mail.NewSMTP(mail.SMTPConfig{URL: "smtp://" + address})
	if err != nil {
		t.Fatal(err)
	}
	err = mail.New(mail.Config{From: "Blog <hello@example.com>"}, transport).Send(t.Context(), mail.Message{
		To: []string{"Ada <ada@example.org>"}, Bcc: []string{"hidden@example.org"},
		Subject: "Grüße", HTML: body("<p>Hello</p>"),
	})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(<-lines, "\n")
	for _, want := range []string{
		"MAIL FROM:<hello@example.com>", "RCPT TO:<ada@example.org>", "RCPT TO:<hidden@example.org>",
		"Subject: =?UTF-8?", "multipart/alternative", "text/plain", "text/html", "<p>Hello</p>", "@example.com>",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in:\n%s", want, all)
		}
	}
	if strings.Contains(all, "Bcc") {
		t.Errorf("the blind copy is visible:\n%s", all)
	}
}

// Threat: an attacker between the application and the server strips STARTTLS and reads the mails.
func TestRemoteServersMustSpeakTLS(t *testing.T) {
	t.Parallel()
	address, lines := smtpServer(t)
	strict, err := mail.NewSMTP(mail.SMTPConfig{URL: "smtp://" + address + "?tls=required"})
	if err != nil {
		t.Fatal(err)
	}
	err = mail.New(mail.Config{}, strict).Send(t.Context(), mail.Message{To: []string{"a@b.c"}, Text: "secret"})
	if err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("error = %v, want a refusal to go on without STARTTLS", err)
	}
	if got := <-lines; strings.Contains(strings.Join(got, "\n"), "secret") {
		t.Errorf("the text was sent in the clear: %q", got)
	}
}

func TestSMTPURLsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://u:hunter2@host:port",
		"smtp://u:hunter2@host:99999", "smtp://u:hunter2@host?tls=maybe", "smtp://u:hunter2%zz@host",
	} {
		_, err := mail.NewSMTP(mail.SMTPConfig{URL: url})
		if err == nil {
			t.Errorf("%q is taken", url)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the password is in the error: %v", err)
		}
	}
}
