package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTPConfig configures the mail server.
type SMTPConfig struct {
	// URL is the mail server (RFC 5321). smtp://user:password@host:587 requires STARTTLS; smtps://host:465 uses TLS
	// from the start. With ?tls=none, and on loopback addresses unless ?tls=required, smtp:// is not encrypted. Empty
	// captures mails instead. Defaults to "".
	URL string `doc:"mail server, smtp://user:password@host:587; empty captures mails"`
	// Timeout limits connecting and each delivery. Defaults to 15 seconds.
	Timeout time.Duration `default:"15s" doc:"time limit of each delivery"`
}

// Validate validates the URL.
func (c SMTPConfig) Validate() error {
	if c.URL == "" {
		return nil
	}
	_, err := NewSMTP(c)
	return err
}

// SMTP delivers through a mail server, with one connection per message.
type SMTP struct{ client *gomail.Client }

// NewSMTP parses cfg.URL and opens no connection. Its errors never contain the password.
func NewSMTP(cfg SMTPConfig) (*SMTP, error) { return newSMTP(cfg, nil) }

// newSMTP returns the transport that trusts the certificates of roots; nil for those of the system.
func newSMTP(cfg SMTPConfig, roots *x509.CertPool) (*SMTP, error) {
	const example = "smtp://user:password@mail.example.com:587"
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, fmt.Errorf("reading SMTP_URL: expected a URL such as %s", example)
	}
	opts := []gomail.Option{gomail.WithTimeout(15 * time.Second)}
	if cfg.Timeout > 0 {
		opts[0] = gomail.WithTimeout(cfg.Timeout)
	}
	port, policy, err := smtpSecurity(u)
	if err != nil {
		return nil, err
	}
	security := &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: roots}
	dial := new(net.Dialer).DialContext
	if u.Scheme == "smtps" {
		dial = (&tls.Dialer{Config: security}).DialContext
		policy = gomail.TLSOpportunistic // the connection is encrypted already
	}
	opts = append(opts, gomail.WithTLSPolicy(policy), gomail.WithPort(port), gomail.WithTLSConfig(security),
		gomail.WithDialContextFunc(tracked(dial)))
	if user := u.User.Username(); user != "" {
		password, _ := u.User.Password()
		auth := gomail.SMTPAuthAutoDiscover
		if policy == gomail.NoTLS && u.Scheme == "smtp" {
			auth = gomail.SMTPAuthPlainNoEnc
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(user), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), opts...)
	if err != nil {
		return nil, fmt.Errorf("preparing the SMTP client for %s: %w", u.Host, err)
	}
	return &SMTP{client: client}, nil
}

// smtpSecurity returns the port and whether STARTTLS is required.
//
// Threat: an attacker on the network strips STARTTLS and reads the mails.
func smtpSecurity(u *url.URL) (int, gomail.TLSPolicy, error) {
	port, policy := 587, gomail.TLSMandatory
	if u.Scheme == "smtps" {
		port = 465
	}
	if u.Port() != "" {
		n, err := strconv.Atoi(u.Port())
		if err != nil || n < 1 || n > 65535 {
			return 0, 0, fmt.Errorf("reading SMTP_URL: invalid port %q", u.Port())
		}
		port = n
	}
	switch mode := u.Query().Get("tls"); {
	case mode == "none":
		policy = gomail.NoTLS
	case mode == "required":
	case mode != "":
		return 0, 0, fmt.Errorf("reading SMTP_URL: unknown tls=%s, expected none or required", mode)
	case loopback(u.Hostname()):
		policy = gomail.NoTLS
	}
	return port, policy, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// connectionKey is the key of a *net.Conn in the context of a delivery.
type connectionKey struct{}

// tracked returns a dial function that stores the connection in the context of the delivery.
func tracked(dial gomail.DialContextFunc) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := dial(ctx, network, address)
		if held, ok := ctx.Value(connectionKey{}).(*net.Conn); ok && err == nil {
			*held = connection
		}
		return connection, err
	}
}

// Deliver sends the message to the mail server. The client leaves a connection open whose server refuses the handshake,
// STARTTLS or the log-in, so it is closed here.
func (s *SMTP) Deliver(ctx context.Context, e *Envelope) error {
	var connection net.Conn
	err := s.client.DialAndSendWithContext(context.WithValue(ctx, connectionKey{}, &connection), e.message())
	if connection != nil {
		_ = connection.Close() // after a delivery it is closed already
	}
	return err
}

// message returns the envelope as MIME: text alone, or text and HTML as
// alternatives (RFC 2046 §5.1.4).
func (e *Envelope) message() *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.SetDateWithValue(e.Date)
	msg.SetMessageIDWithValue(e.ID + "@" + domain(e.From))
	msg.FromMailAddress(e.From)
	msg.ToMailAddress(e.To...)
	msg.CcMailAddress(e.Cc...)
	msg.BccMailAddress(e.Bcc...)
	if e.ReplyTo != nil {
		msg.ReplyToMailAddress(e.ReplyTo)
	}
	msg.Subject(e.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, e.Text)
	if e.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, e.HTML)
	}
	return msg
}

func domain(from *netmail.Address) string {
	for i := len(from.Address) - 1; i >= 0; i-- {
		if from.Address[i] == '@' {
			return from.Address[i+1:]
		}
	}
	return "localhost"
}
