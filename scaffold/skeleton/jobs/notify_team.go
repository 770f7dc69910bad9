package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/mail"
	covetjobs "github.com/covetgo/covet/jobs"

	"github.com/covetgo/covet/scaffold/skeleton/app/mails"
	"github.com/covetgo/covet/scaffold/skeleton/models"
)

// NotifyTeam mails a message of the contact form to the team.
type NotifyTeam struct {
	MessageID int64 `json:"message_id"`
}

// Work sends the mail, unless it was already sent: a job may run twice.
func (j NotifyTeam) Work(ctx context.Context, d Deps) error {
	var message models.Message
	err := d.DB.With(ctx).First(&message, j.MessageID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil // the message was deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("loading message %d: %w", j.MessageID, err)
	}
	if message.NotifiedAt != nil {
		return nil
	}
	err = d.Mail.Send(ctx, mail.Message{
		To:      []string{d.Team},
		ReplyTo: message.Email,
		Subject: "New message from " + message.Name,
		HTML:    mails.NotifyTeam(message),
	})
	if errors.Is(err, mail.ErrInvalid) {
		return covetjobs.Permanent(err) // a retry cannot succeed
	}
	if err != nil {
		return err
	}
	return d.DB.With(ctx).Model(&message).Update("notified_at", time.Now()).Error
}
