// Package jobs holds what Covet App does in the background.
package jobs

import (
	"log/slog"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/mail"
	covetjobs "github.com/covetgo/covet/jobs"
)

// Deps is what the jobs work with.
type Deps struct {
	DB   *database.DB
	Mail *mail.Mailer
	Log  *slog.Logger
	// Team is the address that messages go to.
	Team string
	// Keep is how long messages are kept.
	Keep time.Duration
}

// Register makes every job and schedule known to the client.
func Register(client *covetjobs.Client, deps Deps) {
	covetjobs.Register[NotifyTeam](client, deps)
	covetjobs.Register[DeleteOldMessages](client, deps)
	client.Schedule("delete-old-messages", "@daily", DeleteOldMessages{})
}
