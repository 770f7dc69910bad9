package app

import (
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/log"
	"github.com/covetgo/covet/app/mail"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/internal/devlink"
	"github.com/covetgo/covet/internal/errorpage"
	"github.com/covetgo/covet/jobs"
)

// Config is the configuration of the kernel. An application embeds it in a
// Config of its own:
//
//	type Config struct {
//		covet.Config
//		Contact contact.Config
//	}
type Config struct {
	App Application
	// Bind is the address to listen on. Defaults to localhost in development and
	// test, and to every address in production.
	Bind string `doc:"address to listen on; empty: localhost, in production every address"`
	// Port is the TCP port to listen on; 0 lets the system choose. Defaults to 8000.
	Port int `default:"8000" min:"0" max:"65535" doc:"TCP port to listen on"`
	// SecretKey is the root of every key that signs cookies and tokens: 32 characters or more. Required in production.
	// Defaults to a random key, so that cookies become invalid when the process ends.
	SecretKey string `secret:"true" doc:"root of the keys that sign cookies, 32 characters or more"`
	// OldSecretKeys are former values of SecretKey, to decrypt arguments of jobs after a change. Cookies that they
	// signed are invalid. Defaults to none.
	OldSecretKeys []string `secret:"true" doc:"former secret keys, which decrypt arguments of existing jobs"`
	// TrustedProxies are the reverse proxies whose X-Forwarded-For, X-Forwarded-Proto and X-Request-Id are trusted:
	// addresses, networks ("10.0.0.0/8"), or "private" for all private networks. Defaults to none.
	TrustedProxies []string `doc:"trusted reverse proxies: addresses, networks, or private"`
	HTTP           HTTPConfig
	Log            log.Config
	Database       database.Config
	Redis          redis.Config
	Storage        storage.Config
	Jobs           jobs.Config
	Worker         WorkerConfig
	Mail           mail.Config
	SMTP           mail.SMTPConfig `config:"smtp"`
	Text           text.Config
	Dev            DevConfig
	// Override replaces services of the kernel in tests. It has no configuration keys.
	Override Override `config:"-"`
	// DevServer is the link to the dev server that started this process; nil without one. Package command sets it, and
	// it is ignored outside of development.
	DevServer *devlink.Link `config:"-"`
}

// Override contains services that replace the configured ones. Its zero value replaces none.
type Override struct {
	// Mail delivers mails instead of SMTP_URL and Options.Mail.
	Mail mail.Transport
	// LogOutput receives the log instead of standard error.
	LogOutput io.Writer
}

// Application identifies the application and its environment.
type Application struct {
	// Name is the name of the application for people. Defaults to the name of its binary.
	Name string `doc:"name of the application"`
	// Env is development, test or production. Defaults to development.
	Env string `default:"development" enum:"development,test,production" doc:"development, test or production"`
	// URL is the public address, for links in mails. Required in production. Defaults to http://localhost and the port.
	URL string `doc:"public address, such as https://blog.example.com"`
	// DataDir is the folder for the application's own files: captured mails, locks, uploads.
	// Defaults to "storage".
	DataDir string `default:"storage" doc:"folder for the application's own files: captured mails, locks, uploads"`
}

// DevConfig is for development. It is ignored in production.
type DevConfig struct {
	// Editor opens source files from error pages: vscode, cursor, zed, idea, goland, sublime, nvim, none or another
	// name in docs/errors.md, or a template of a link with {file}, {line} and {column}. Defaults to the editor in
	// TERM_PROGRAM, VISUAL or EDITOR, and to vscode.
	Editor string `doc:"opens source from error pages: vscode, cursor, zed, goland, nvim, ... or a link with {file} and {line}"`
}

// ringSize is the number of log lines that are stored for the error page in development.
const ringSize = 300

// withErrorPage returns the configuration with statements and log lines recorded for the error page in development, and
// without them elsewhere.
//
// Threat: statements and log lines of other users' requests stay in the memory of a server, and appear on a page.
func (c Config) withErrorPage() Config {
	c.Database.Record, c.Log.Ring = false, nil
	if c.Development() {
		c.Database.Record, c.Log.Ring = true, log.NewRing(ringSize)
	}
	return c
}

// HTTPConfig limits what one client can use of the server. Zero durations and sizes mean their defaults.
type HTTPConfig struct {
	// HeaderTimeout limits reading the headers. Defaults to 5 seconds.
	HeaderTimeout time.Duration `default:"5s" min:"0s" doc:"timeout for reading a request's headers"`
	// ReadTimeout limits reading a whole request. Defaults to 60 seconds.
	ReadTimeout time.Duration `default:"60s" min:"0s" doc:"timeout for reading a whole request"`
	// WriteTimeout limits a response from the end of its request's headers on. After nine tenths of it, the context of
	// the request ends, and a waiting statement becomes a 503. A handler that streams moves both with SetWriteDeadline
	// of http.ResponseController. Defaults to 60 seconds.
	WriteTimeout time.Duration `default:"60s" min:"0s" doc:"timeout for writing a response"`
	// IdleTimeout closes idle connections. Defaults to 120 seconds.
	IdleTimeout time.Duration `default:"120s" min:"0s" doc:"timeout of idle connections"`
	// MaxHeader limits the headers of a request. Defaults to 64KiB.
	MaxHeader config.Bytes `default:"64KiB" doc:"maximum size of a request's headers"`
	// MaxBody limits the body of a request. Defaults to 10MiB.
	MaxBody config.Bytes `default:"10MiB" doc:"maximum size of a request's body"`
	// MaxConnectionsPerAddress limits the connections of one client address (of IPv6, one /64 network); further ones
	// are closed. Trusted proxies and this machine are exempt. -1 means unlimited. Defaults to 512.
	MaxConnectionsPerAddress int `default:"512" min:"-1" doc:"maximum number of connections of one address; -1: unlimited"`
	// TrustedOrigins are other origins whose pages may send writes, as "https://admin.example.com". Defaults to none.
	TrustedOrigins []string `doc:"other origins whose pages may send writes, such as https://admin.example.com"`
	// DrainDelay is how long requests are still accepted after /ready has become 503, so that a load balancer notices
	// first. Defaults to 0.
	DrainDelay time.Duration `default:"0s" min:"0s" doc:"how long requests are still accepted after /ready became 503"`
	// ShutdownTimeout is how long a stop waits for requests. Defaults to 30 seconds.
	ShutdownTimeout time.Duration `default:"30s" min:"0s" doc:"how long a stop waits for running requests"`
}

// Kernel returns the kernel's part of an application's configuration. It is promoted to every struct that embeds
// Config, so commands can find it.
func (c *Config) Kernel() *Config { return c }

// Development reports whether the application runs on its developer's machine.
func (c *Config) Development() bool { return c.App.Env == "" || c.App.Env == config.Development }

// Production reports whether the application serves real users.
func (c *Config) Production() bool { return c.App.Env == config.Production }

// HTTPS reports whether users reach the application over TLS.
func (c *Config) HTTPS() bool { return strings.HasPrefix(c.origin(), "https://") }

// origin returns the origin of App.URL as browsers write it (RFC 6454 §6.1), or "".
func (c *Config) origin() string {
	u, err := url.Parse(c.App.URL)
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return u.Scheme + "://" + host
}

// BaseURL returns the public address without a trailing slash.
func (c *Config) BaseURL() string {
	if c.App.URL != "" {
		return strings.TrimRight(c.App.URL, "/")
	}
	return "http://localhost:" + strconv.Itoa(c.Port)
}

// Validate checks rules that tags cannot express, and the requirements of production.
func (c *Config) Validate(f *config.Faults) {
	if c.App.URL != "" && !isAddress(c.App.URL) {
		f.Add("app.url", "Use the public address, such as https://blog.example.com.",
			"it must be a plain http or https address")
	}
	if _, err := middleware.ParseProxies(c.TrustedProxies); err != nil {
		f.Add("trusted_proxies", "", "%s", err)
	}
	if _, err := middleware.CrossOrigin(false, c.HTTP.TrustedOrigins...); err != nil {
		f.Add("http.trusted_origins", "Use the form https://admin.example.com for each.", "%s", err)
	}
	if !errorpage.KnownEditor(c.Dev.Editor) {
		f.Add("dev.editor", "Use a name such as vscode, or a link such as myeditor://open?file={file}&line={line}.",
			"unknown editor")
	}
	if _, err := storage.New(c.Storage, c.App.DataDir); err != nil {
		f.Add("storage.url", "Leave it empty for the folder files in app.data_dir.", "%s", err)
	}
	if c.SecretKey != "" && config.WeakSecret(c.SecretKey) {
		f.Add("secret_key", "Use the output of: openssl rand -base64 32", "it is too weak")
	}
	if !f.Production() {
		return
	}
	if c.SecretKey == "" {
		f.Add("secret_key", "Use the output of: openssl rand -base64 32", "it is required in production")
	}
	if c.App.URL == "" {
		f.Add("app.url", "Set APP_URL to the public address, such as https://blog.example.com.",
			"it is required in production, for links in mails")
	}
	if c.SMTP.URL == "" {
		f.Add("smtp.url", "Set SMTP_URL to your mail server, such as smtp://user:password@mail.example.com:587.",
			"mails are not captured in production")
	}
}

// isAddress reports whether text is the address of a site: no user, no query, no
// fragment.
func isAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// Warnings returns settings that are allowed in production but may be mistakes.
func (c *Config) Warnings() []string {
	if !c.Production() {
		return nil
	}
	var list []string
	if strings.HasPrefix(c.Database.URL, "sqlite:") {
		list = append(list,
			"the database is SQLite: one machine, backed up as a file; set DATABASE_URL for PostgreSQL or MySQL")
	}
	if c.Redis.URL == "" {
		list = append(list, "the queue is embedded: this process only; set REDIS_URL to run more than one")
	}
	if !c.HTTPS() {
		list = append(list, "APP_URL is not https: cookies are sent unencrypted unless a proxy adds TLS")
	}
	return list
}
