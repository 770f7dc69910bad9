package auth

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/mails"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/mail"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// sendLink mails a link that was requested.
type sendLink struct {
	TokenID int64 `json:"token_id"`
}

// Kind is the name under which the jobs are stored.
func (sendLink) Kind() string { return "auth.send_link" }

// Options let the job give up when the link would have expired anyway.
func (sendLink) Options() covetjobs.Options {
	return covetjobs.Options{MaxRetry: 8, Timeout: time.Minute}
}

// Work issues the link and mails it. When it runs again, the link of the first mail ends, and the second is valid.
//
// Threat: the client learns whether an address has an account. Here nobody waits for the result, and only the owner of
// the mailbox reads it.
func (j sendLink) Work(ctx context.Context, m *Module) error {
	row, err := m.links.Requested(ctx, j.TokenID)
	if errors.Is(err, token.ErrInvalid) {
		return nil
	}
	if err != nil {
		return err
	}
	owner, err := m.accounts.ByEmail(ctx, row.Email)
	if err != nil {
		return err
	}
	letter, link := letterFor(row, owner)
	if owner != nil {
		ctx = m.WithLocaleOf(ctx, owner)
	}
	if !link {
		if err := m.links.Delete(ctx, row); err != nil {
			return err
		}
		if letter == "" {
			return nil
		}
		return m.mail(ctx, letter, row.Email, m.app.Config.BaseURL()+loginPath)
	}
	secret, err := m.links.Issue(ctx, row)
	if err != nil {
		return err
	}
	expiry := texts.T(ctx, "mail.expires", "at", row.ExpiresAt)
	return m.mail(ctx, letter, row.Email, m.linkURL(row.Purpose, secret), expiry)
}

// letterFor returns which mail answers a request, if any, and whether it has a link. Mails go to the address that is
// stored, never to another way of writing it.
func letterFor(row *covetmodels.Token, owner *covetmodels.User) (letter string, link bool) {
	switch {
	case row.Purpose == token.Signup && owner != nil:
		return "exists", false
	case row.Purpose == token.Email && owner != nil:
		return "in_use", false
	case row.Purpose == token.Signup, row.Purpose == token.Email:
		return row.Purpose, true
	case owner == nil || owner.DisabledAt != nil:
		return "", false
	}
	row.UserID, row.Email = &owner.ID, owner.Email
	return row.Purpose, true
}

// requestLink has a job mail a link, in the transaction of ctx. The secret of the link is made there, so that the
// table of jobs never holds one.
func (m *Module) requestLink(ctx context.Context, row covetmodels.Token) error {
	if err := m.links.Request(ctx, &row); err != nil {
		return err
	}
	_, err := m.app.Jobs.Enqueue(ctx, sendLink{TokenID: row.ID})
	return err
}

// linkPath returns the page of links with a purpose.
func linkPath(purpose string) string {
	switch purpose {
	case token.Signup:
		return "/signup/confirm"
	case token.Verify:
		return "/login/confirm"
	case token.Reset:
		return "/password/reset"
	default:
		return "/account/email/confirm"
	}
}

func (m *Module) linkURL(purpose, secret string) string {
	return m.app.Config.BaseURL() + linkPath(purpose) + "?token=" + secret
}

// sendNotice mails a notice about an account.
type sendNotice struct {
	// Letter is the notice: "password". To is the address.
	Letter string `json:"letter"`
	To     string `json:"to"`
	// Tokens is how many access tokens were revoked.
	Tokens int64 `json:"tokens,omitempty"`
}

// Kind is the name under which the jobs are stored.
func (sendNotice) Kind() string { return "auth.send_notice" }

// Work mails the notice.
func (j sendNotice) Work(ctx context.Context, m *Module) error {
	var more []string
	if j.Tokens > 0 {
		more = append(more, texts.T(ctx, "mail.revoked", "n", j.Tokens))
	}
	return m.mail(ctx, j.Letter, j.To, "", more...)
}

// notify has a job mail a notice about an account, in the transaction of ctx. The job runs in the language of the owner,
// whose account may be gone by then.
func (m *Module) notify(ctx context.Context, notice account.Notice) error {
	_, err := m.app.Jobs.Enqueue(m.WithLocaleOf(ctx, notice.Account), sendNotice{Letter: notice.Letter, To: notice.To, Tokens: notice.Tokens})
	return err
}

// mail sends a letter in the language of ctx. More are sentences after its text.
func (m *Module) mail(ctx context.Context, letter, to, link string, more ...string) error {
	name := m.app.Config.App.Name
	sentences := append([]string{texts.T(ctx, "mail."+letter+".text", "app", name)}, more...)
	l := mails.Letter{
		App: name, Title: texts.T(ctx, "mail."+letter+".subject", "app", name), Hello: texts.T(ctx, "mail.hello"),
		Text: strings.Join(sentences, " "), Link: link,
		LinkHint: texts.T(ctx, "mail.link_hint"), Footer: texts.T(ctx, "mail.ignore"),
	}
	if link != "" {
		l.Button = texts.T(ctx, "mail."+letter+".button")
	}
	switch letter {
	case "password", "asked", "moved", "token":
		l.Footer = texts.T(ctx, "mail.not_you")
	case "deleted", "disabled", "enabled":
		l.Footer = ""
	}
	err := m.app.Mail.Send(ctx, mail.Message{
		To: []string{to}, Subject: l.Title, HTML: mails.HTML(l), Text: mails.Text(l),
	})
	if errors.Is(err, mail.ErrInvalid) {
		return covetjobs.Permanent(err) // no retry fixes an address
	}
	return err
}

// prune deletes what has expired.
type prune struct{}

// Kind is the name under which the jobs are stored.
func (prune) Kind() string { return "auth.prune" }

// Work deletes sessions beyond their limits, log-ins that have expired, and links that expired a day ago.
func (prune) Work(ctx context.Context, m *Module) error {
	ctx = database.Background(ctx)
	at := token.Now()
	if err := m.sessions.Prune(ctx, at); err != nil {
		return err
	}
	if err := m.flow.Prune(ctx, at); err != nil {
		return err
	}
	return m.links.Prune(ctx, at)
}
