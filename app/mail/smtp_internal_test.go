package mail

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http/httptest"
	"net/textproto"
	"slices"
	"strings"
	"testing"
)

// serveOnce takes one connection, replies with what reply returns for each line, and returns the lines that it got until
// the client closed the connection.
func serveOnce(t *testing.T, listener net.Listener, reply func(line string) string) <-chan []string {
	t.Helper()
	lines := make(chan []string, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			lines <- nil
			return
		}
		defer connection.Close()
		in := textproto.NewReader(bufio.NewReader(connection))
		var got []string
		for say := "220 test"; ; {
			if _, err := connection.Write([]byte(say + "\r\n")); err != nil {
				break
			}
			line, err := in.ReadLine()
			if err != nil {
				break
			}
			got = append(got, line)
			if line == "DATA" {
				_, _ = connection.Write([]byte("354 go on\r\n"))
				_, _ = in.ReadDotLines()
			}
			say = reply(line)
		}
		lines <- got
	}()
	return lines
}

// tlsListener returns a listener with TLS, and the roots that trust it.
func tlsListener(t *testing.T) (net.Listener, *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: server.TLS.Certificates, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return listener, roots
}

// A server with TLS from the first byte that offers only PLAIN gets the log-in and the message.
func TestImplicitTLS(t *testing.T) {
	t.Parallel()
	listener, roots := tlsListener(t)
	lines := serveOnce(t, listener, func(line string) string {
		switch {
		case strings.HasPrefix(line, "EHLO"):
			return "250-test\r\n250 AUTH PLAIN"
		case strings.HasPrefix(line, "AUTH"):
			return "235 welcome"
		case line == "QUIT":
			return "221 bye"
		}
		return "250 ok"
	})
	transport, err := newSMTP(SMTPConfig{URL: "smtps://ada:secret@" + listener.Addr().String()}, roots)
	if err != nil {
		t.Fatal(err)
	}
	if err := New(Config{}, transport).Send(t.Context(), Message{To: []string{"a@b.c"}, Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	login := "AUTH PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00ada\x00secret"))
	if got := <-lines; !slices.Contains(got, login) || !slices.Contains(got, "RCPT TO:<a@b.c>") {
		t.Errorf("the server got %q", got)
	}
}

// Threat: an attacker in the place of the server, with a certificate that nobody has issued for it.
func TestImplicitTLSChecksTheCertificate(t *testing.T) {
	t.Parallel()
	listener, _ := tlsListener(t)
	lines := serveOnce(t, listener, func(string) string { return "250 ok" })
	transport, err := newSMTP(SMTPConfig{URL: "smtps://ada:secret@" + listener.Addr().String()}, x509.NewCertPool())
	if err != nil {
		t.Fatal(err)
	}
	err = New(Config{}, transport).Send(t.Context(), Message{To: []string{"a@b.c"}, Text: "Hello"})
	if err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("error = %v, want one about the certificate", err)
	}
	if got := <-lines; len(got) > 0 {
		t.Errorf("the server got %q", got)
	}
}

// A refused handshake closes the connection: the server would otherwise hold it until the garbage collector runs.
func TestRefusedDeliveryClosesTheConnection(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(string) string{
		"no STARTTLS": func(string) string { return "250 test" },
		"no greeting": func(string) string { return "554 go away" },
		"a wrong password": func(line string) string {
			if strings.HasPrefix(line, "EHLO") {
				return "250-test\r\n250 AUTH PLAIN"
			}
			return "535 wrong"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			lines := serveOnce(t, listener, reply)
			query := "?tls=required"
			if name == "a wrong password" {
				query = "?tls=none"
			}
			transport, err := NewSMTP(SMTPConfig{URL: "smtp://ada:secret@" + listener.Addr().String() + query})
			if err != nil {
				t.Fatal(err)
			}
			if err := New(Config{}, transport).Send(t.Context(), Message{To: []string{"a@b.c"}, Text: "Hello"}); err == nil {
				t.Error("the delivery succeeds")
			}
			<-lines // ends with the connection
		})
	}
}
