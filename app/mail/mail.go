// Package mail sends emails: messages with an HTML body, written as a templ component, and a plain-text part. In
// production they are sent over SMTP; in development and tests they are captured.
//
//	err := mailer.Send(ctx, mail.Message{
//		To:      []string{"Ada <ada@example.com>"},
//		Subject: "Welcome",
//		HTML:    mails.Welcome(user),
//	})
//
// Send mails from background jobs and not from requests: a job is retried when the mail server is unavailable.
package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
)

// Config contains the settings of all mails.
type Config struct {
	// From is the sender of messages without one, in the form of RFC 5322: "Blog <hello@example.com>". Defaults to
	// "hello@localhost".
	From string `default:"hello@localhost" doc:"sender of mails without one"`
}

// Validate validates the sender.
func (c Config) Validate() error {
	if c.From == "" {
		return nil
	}
	_, err := parseAddresses("from", []string{c.From})
	return err
}

// Message is a mail to send.
type Message struct {
	// From is the sender. Defaults to Config.From.
	From string
	// ReplyTo is the address for replies. Defaults to From.
	ReplyTo string
	// To, Cc and Bcc are the recipients, each "Ada <ada@example.com>" or "ada@example.com". At least one is required.
	To, Cc, Bcc []string
	// Subject is one line of text.
	Subject string
	// HTML is the body. It may be nil when Text is set.
	HTML templ.Component
	// Text is the plain-text part. Defaults to the text of HTML.
	Text string
}

// Envelope is a message that is ready to be sent: addresses are parsed and bodies rendered.
type Envelope struct {
	// ID identifies the message. It is the left side of its Message-ID header.
	ID string
	// Date is when the envelope was created, in UTC.
	Date time.Time
	// From, ReplyTo, To, Cc and Bcc are the parsed addresses; ReplyTo may be nil.
	From, ReplyTo *netmail.Address
	To, Cc, Bcc   []*netmail.Address
	Subject       string
	// HTML is empty for a message of plain text; Text never is.
	HTML, Text string
}

// Transport delivers envelopes. Its methods are safe for concurrent use.
type Transport interface {
	// Deliver sends the message or returns why it could not.
	Deliver(ctx context.Context, e *Envelope) error
}

// Mailer sends messages through a transport. It is safe for concurrent use.
type Mailer struct {
	from      string
	transport Transport
}

// New returns a mailer. Send reports a malformed Config.From.
func New(cfg Config, transport Transport) *Mailer {
	from := cfg.From
	if from == "" {
		from = "hello@localhost"
	}
	return &Mailer{from: from, transport: transport}
}

// ErrInvalid is wrapped by errors of Send for an invalid message, for which a retry does not help.
var ErrInvalid = errors.New("invalid message")

// Send renders the message and sends it through the transport. It returns an error that wraps [ErrInvalid] if the
// message is invalid, and the transport's error if that does not accept it.
func (m *Mailer) Send(ctx context.Context, msg Message) error {
	envelope, err := m.prepare(ctx, msg)
	if err != nil {
		return fmt.Errorf("preparing mail %q: %w: %w", msg.Subject, ErrInvalid, err)
	}
	if err := m.transport.Deliver(ctx, envelope); err != nil {
		return fmt.Errorf("delivering mail %q: %w", msg.Subject, err)
	}
	return nil
}

func (m *Mailer) prepare(ctx context.Context, msg Message) (*Envelope, error) {
	e := &Envelope{ID: uuid.NewString(), Date: time.Now().UTC(), Subject: msg.Subject, Text: msg.Text}
	if strings.ContainsAny(msg.Subject, "\r\n") {
		return nil, errors.New("the subject contains a line break")
	}
	var faults []error
	parse := func(field string, list ...string) []*netmail.Address {
		addresses, err := parseAddresses(field, list)
		faults = append(faults, err)
		return addresses
	}
	from := msg.From
	if from == "" {
		from = m.from
	}
	sender := parse("From", from)
	e.To, e.Cc, e.Bcc = parse("To", msg.To...), parse("Cc", msg.Cc...), parse("Bcc", msg.Bcc...)
	if msg.ReplyTo != "" {
		if replyTo := parse("ReplyTo", msg.ReplyTo); len(replyTo) == 1 {
			e.ReplyTo = replyTo[0]
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	e.From = sender[0]
	if len(e.To)+len(e.Cc)+len(e.Bcc) == 0 {
		return nil, errors.New("no recipient")
	}
	return e, e.render(ctx, msg.HTML)
}

func (e *Envelope) render(ctx context.Context, body templ.Component) error {
	if body != nil {
		var html strings.Builder
		if err := body.Render(ctx, &html); err != nil {
			return fmt.Errorf("rendering the body: %w", err)
		}
		e.HTML = html.String()
	}
	if e.Text == "" {
		e.Text = plainText(e.HTML)
	}
	if strings.TrimSpace(e.Text) == "" {
		return errors.New("no text")
	}
	return nil
}

// parseAddresses parses addresses by RFC 5322.
//
// Threat: a line break in an address adds headers or recipients.
func parseAddresses(field string, list []string) ([]*netmail.Address, error) {
	addresses := make([]*netmail.Address, 0, len(list))
	for _, text := range list {
		address, err := netmail.ParseAddress(text)
		if err != nil || strings.ContainsAny(text, "\r\n") {
			return nil, fmt.Errorf("%s is not a valid email address: %q", field, text)
		}
		addresses = append(addresses, address)
	}
	return addresses, nil
}
