// Package config is the configuration of Covet App: Covet's keys and the application's own.
package config

import (
	"net/mail"
	"time"

	covet "github.com/covetgo/covet/app"
	// covet:if admin
	"github.com/covetgo/covet/app/admin"
	// covet:end
	// covet:if api
	"github.com/covetgo/covet/app/api"
	// covet:end
	// covet:if auth
	"github.com/covetgo/covet/app/auth"
	// covet:end
	covetconfig "github.com/covetgo/covet/config"
)

// Config is read from config.yaml, .env and the environment.
type Config struct {
	covet.Config
	// covet:if auth
	Auth auth.Config
	// covet:end
	// covet:if admin
	Admin admin.Config
	// covet:end
	// covet:if api
	API api.Config
	// covet:end
	Contact Contact
}

// Contact configures the contact form.
type Contact struct {
	// To is the recipient of the messages. Defaults to team@localhost.
	To string `default:"team@localhost" doc:"recipient of the messages of the contact form"`
	// Keep is how long messages are stored. Defaults to 90 days.
	Keep time.Duration `default:"2160h" min:"1h" doc:"how long messages of the contact form are stored"`
	// PerAddress is the maximum number of messages of one client address per hour. Defaults to 10.
	PerAddress int `default:"10" min:"1" doc:"maximum number of contact messages of one address per hour"`
}

// Validate checks rules that tags cannot express, when the configuration is loaded.
func (c *Contact) Validate(f *covetconfig.Faults) {
	if _, err := mail.ParseAddress(c.To); err != nil {
		f.Add("to", "Use the form team@example.com or Team <team@example.com>.", "must be a valid email address")
	}
}
