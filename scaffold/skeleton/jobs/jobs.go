// Package jobs contains the background jobs of Covet App.
package jobs

import (
	"log/slog"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/mail"
	covetjobs "github.com/covetgo/covet/jobs"
)

// Deps are the dependencies of the jobs.
type Deps struct {
	DB   *database.DB
	Mail *mail.Mailer
	Log  *slog.Logger
	// Team is the recipient of messages.
	Team string
	// Keep is how long messages are stored.
	Keep time.Duration
}

// Register registers every job and schedule with the client.
func Register(client *covetjobs.Client, deps Deps) {
	covetjobs.Register[NotifyTeam](client, deps)
	covetjobs.Register[DeleteOldMessages](client, deps)
	client.Schedule("delete-old-messages", "@daily", DeleteOldMessages{})
}
