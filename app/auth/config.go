package auth

import (
	"time"

	"github.com/covetgo/covet/config"
)

// Config configures accounts. An application embeds it as the field Auth of its own configuration; the zero value of
// each field means its default, except for SessionCache.
type Config struct {
	// SignupClosed keeps the world out: accounts are made by the command "user create" only. Defaults to false.
	SignupClosed bool `doc:"nobody can sign up; accounts are made by the command user create"`
	// SessionIdle ends a session that nothing is asked in. Defaults to 12 hours.
	SessionIdle time.Duration `default:"12h" min:"1m" doc:"how long an unused session lasts"`
	// SessionMax ends a session, however much is asked in it. Defaults to 7 days.
	SessionMax time.Duration `default:"7d" min:"1m" doc:"how long a session lasts at most"`
	// RememberIdle and RememberMax are the limits of sessions that outlive the browser ("stay signed in"). Default to 30
	// days and 180 days.
	RememberIdle time.Duration `default:"30d" min:"1m" doc:"how long an unused session lasts that outlives the browser"`
	RememberMax  time.Duration `default:"180d" min:"1m" doc:"how long a session lasts at most that outlives the browser"`
	// SessionCache is how long this process may go on with what it knows of a session, when another process has changed
	// it. What this process changes counts at once. 0 asks the database for every request. Defaults to 250 milliseconds.
	SessionCache time.Duration `default:"250ms" min:"0s" max:"1m" doc:"how long changes by other processes may go unnoticed; 0: not at all"`
	// ResetLink is how long a link for a new password is good. Defaults to 10 minutes.
	ResetLink time.Duration `default:"10m" min:"1m" max:"24h" doc:"how long a link for a new password is good"`
	// ConfirmLink is how long a link is good that confirms an address together with a password. Defaults to 24 hours.
	ConfirmLink time.Duration `default:"24h" min:"1m" doc:"how long a link that confirms an address is good"`
	// LoginsPerAccount is how many attempts to sign in to one account are answered in 15 minutes, for each address of a
	// client, and for each browser that has signed in before. Defaults to 10.
	LoginsPerAccount int `default:"10" min:"1" doc:"attempts to sign in to one account from one address, in 15 minutes"`
	// LoginsPerAddress is how many attempts from one address are answered in 15 minutes, whichever account they are for.
	// Defaults to 100.
	LoginsPerAddress int `default:"100" min:"1" doc:"attempts to sign in from one address, in 15 minutes"`
	// MailsPerAddress is how many mails one client can ask for in an hour. Defaults to 20.
	MailsPerAddress int `default:"20" min:"1" doc:"mails that one client can ask for in an hour"`
	// MailsPerAccount is how many mails can be asked for in an hour to one recipient, by one client. Defaults to 5.
	MailsPerAccount int `default:"5" min:"1" doc:"mails to one recipient that one client can ask for in an hour"`
}

// Validate checks what no tag can express.
func (c *Config) Validate(f *config.Faults) {
	d := c.withDefaults()
	if d.SessionIdle > d.SessionMax {
		f.Add("session_idle", "", "it is longer than session_max")
	}
	if d.RememberIdle > d.RememberMax {
		f.Add("remember_idle", "", "it is longer than remember_max")
	}
}

func (c Config) withDefaults() Config {
	def(&c.SessionIdle, 12*time.Hour)
	def(&c.SessionMax, 7*24*time.Hour)
	def(&c.RememberIdle, 30*24*time.Hour)
	def(&c.RememberMax, 180*24*time.Hour)
	def(&c.ResetLink, 10*time.Minute)
	def(&c.ConfirmLink, 24*time.Hour)
	def(&c.LoginsPerAccount, 10)
	def(&c.LoginsPerAddress, 100)
	def(&c.MailsPerAddress, 20)
	def(&c.MailsPerAccount, 5)
	return c
}

func def[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
