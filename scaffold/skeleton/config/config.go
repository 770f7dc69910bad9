// Package config is the configuration of Covet App: what Covet needs, and what
// the application adds.
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
	// To is who reads the messages. Defaults to team@localhost.
	To string `default:"team@localhost" doc:"who reads the messages of the contact form"`
	// Keep is how long messages are kept. Defaults to 90 days.
	Keep time.Duration `default:"2160h" min:"1h" doc:"how long the messages of the contact form are kept"`
	// PerAddress is how many messages one client address can send in an hour. Defaults to 10.
	PerAddress int `default:"10" min:"1" doc:"messages that one address can send by the contact form in an hour"`
}

// Validate checks what no tag can express. It is called when the configuration is loaded.
func (c *Contact) Validate(f *covetconfig.Faults) {
	if _, err := mail.ParseAddress(c.To); err != nil {
		f.Add("to", "Write it as team@example.com or Team <team@example.com>.", "it is no e-mail address")
	}
}
