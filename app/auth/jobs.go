package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/auth/mails"
	"github.com/covetgo/covet/app/mail"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// sendLink mails a link that somebody asked for.
type sendLink struct {
	TokenID int64 `json:"token_id"`
}

// Kind is the name under which the jobs are stored.
func (sendLink) Kind() string { return "auth.send_link" }

// Options let the job give up when the link would have expired anyway.
func (sendLink) Options() covetjobs.Options {
	return covetjobs.Options{MaxRetry: 8, Timeout: time.Minute}
}

// Work makes the token and mails it. When it runs again, the link of the first mail ends, and the second is good.
//
// Threat: whoever asks learns whether an address has an account. Here nobody waits for the answer, and only the owner of
// the mailbox reads it.
func (j sendLink) Work(ctx context.Context, m *Module) error {
	var row covetmodels.Token
	err := m.app.DB.With(ctx).Take(&row, j.TokenID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("loading the request for a link: %w", err)
	}
	if row.UsedAt != nil || !now().Before(row.ExpiresAt) {
		return nil
	}
	owner, err := m.accountByEmail(ctx, row.Email)
	if err != nil {
		return err
	}
	letter, link := m.decide(&row, owner)
	if !link {
		if err := m.app.DB.With(ctx).Delete(&row).Error; err != nil {
			return fmt.Errorf("forgetting the request for a link: %w", err)
		}
		if letter == "" {
			return nil
		}
		return m.mail(ctx, letter, row.Email, m.app.Config.BaseURL()+loginPath)
	}
	token, err := m.issue(ctx, &row)
	if err != nil {
		return err
	}
	if err := m.forgetOlder(ctx, &row); err != nil {
		return err
	}
	return m.mail(ctx, letter, row.Email, m.linkURL(row.Purpose, token))
}

// decide returns which mail answers a request, if any, and whether a link goes with it. Mails go to the address that is
// stored, never to another way of writing it.
func (m *Module) decide(row *covetmodels.Token, owner *covetmodels.User) (letter string, link bool) {
	switch {
	case row.Purpose == purposeSignup && owner != nil:
		return "exists", false
	case row.Purpose == purposeEmail && owner != nil:
		return "in_use", false
	case row.Purpose == purposeSignup, row.Purpose == purposeEmail:
		return row.Purpose, true
	case owner == nil || owner.DisabledAt != nil:
		return "", false
	}
	row.UserID, row.Email = &owner.ID, owner.Email
	return row.Purpose, true
}

// forgetOlder ends the links that this one replaces: of an account only the newest is good. Those of sign-ups stay,
// because the newest may be an attacker's.
func (m *Module) forgetOlder(ctx context.Context, row *covetmodels.Token) error {
	if row.UserID == nil {
		return nil
	}
	err := m.app.DB.With(ctx).Where("user_id = ? AND purpose = ? AND used_at IS NULL AND id < ?", *row.UserID, row.Purpose, row.ID).
		Delete(&covetmodels.Token{}).Error
	if err != nil {
		return fmt.Errorf("forgetting older links: %w", err)
	}
	return nil
}

// sendNotice tells somebody what was done to their account.
type sendNotice struct {
	// Letter is what is told: "password". To is the address.
	Letter string `json:"letter"`
	To     string `json:"to"`
}

// Kind is the name under which the jobs are stored.
func (sendNotice) Kind() string { return "auth.send_notice" }

// Work mails the notice.
func (j sendNotice) Work(ctx context.Context, m *Module) error {
	return m.mail(ctx, j.Letter, j.To, "")
}

// notify leaves it to a job to tell somebody what was done to their account.
func (m *Module) notify(ctx context.Context, letter, to string) error {
	_, err := m.app.Jobs.Enqueue(ctx, sendNotice{Letter: letter, To: to})
	return err
}

// notices are mails without a link, about what was done.
var notices = map[string]bool{"password": true, "asked": true, "moved": true, "token": true, "deleted": true}

func (m *Module) mail(ctx context.Context, letter, to, link string) error {
	name := m.app.Config.App.Name
	text := func(key string) string { return strings.ReplaceAll(m.text("mail."+key), "{app}", name) }
	l := mails.Letter{
		App: name, Title: text(letter + ".subject"), Hello: text("hello"), Text: text(letter + ".text"), Link: link,
		LinkHint: text("link_hint"), Footer: text("ignore"),
	}
	if link != "" {
		l.Button = text(letter + ".button")
	}
	if notices[letter] {
		l.Footer = text("not_you")
	}
	if letter == "deleted" {
		l.Footer = ""
	}
	err := m.app.Mail.Send(ctx, mail.Message{
		To: []string{to}, Subject: l.Title, HTML: mails.HTML(l), Text: mails.Text(l),
	})
	if errors.Is(err, mail.ErrInvalid) {
		return covetjobs.Permanent(err) // no retry mends an address
	}
	return err
}

// prune forgets what has expired.
type prune struct{}

// Kind is the name under which the jobs are stored.
func (prune) Kind() string { return "auth.prune" }

// Work deletes sessions beyond their limits, and links that have been of no use for a day.
func (prune) Work(ctx context.Context, m *Module) error {
	at, db := now(), m.app.DB
	for _, remember := range []bool{false, true} {
		idle, _ := m.sessionLimits(remember)
		err := db.With(ctx).Where("remember = ? AND last_seen_at < ?", remember, at.Add(-idle-touchEvery)).
			Delete(&covetmodels.Session{}).Error
		if err != nil {
			return fmt.Errorf("deleting idle sessions: %w", err)
		}
	}
	if err := db.With(ctx).Where("expires_at < ?", at).Delete(&covetmodels.Session{}).Error; err != nil {
		return fmt.Errorf("deleting expired sessions: %w", err)
	}
	if err := db.With(ctx).Where("expires_at < ?", at.Add(-24*time.Hour)).Delete(&covetmodels.Token{}).Error; err != nil {
		return fmt.Errorf("deleting expired links: %w", err)
	}
	return nil
}
