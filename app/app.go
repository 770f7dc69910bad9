package app

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/internal/dev"
	"github.com/covetgo/covet/app/internal/value"
	"github.com/covetgo/covet/app/log"
	"github.com/covetgo/covet/app/mail"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/redis"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/migrations"
)

// App is an application: its configuration and the services that its parts use.
// The fields are set by [New] and not changed afterwards.
type App struct {
	Config Config
	Log    *slog.Logger
	DB     *database.DB
	Redis  *redis.Server
	Jobs   *jobs.Client
	Mail   *mail.Mailer
	// Storage stores uploaded files.
	Storage storage.Store
	Audit   *audit.Log
	Echo    *echo.Echo

	opts      Options
	explainer dev.Explainer
	root      []byte // of all keys
	modules   []Module

	sections    []Section
	showSection []func(Section) error

	lookup      *lookup
	jsonErrors  []func(echo.Context) bool // whether a problem is JSON
	errorShapes []ErrorShape              // of modules
	captured    *mail.Folder              // nil unless mails are captured into the storage folder

	middleware []Middleware // of modules
	chain      []link       // around every request
	cors       []corsPath   // the longest prefix first
	contexts   []ContextProvider

	texts     []*text.Set     // of the library and of modules
	catalogue *text.Catalogue // of texts and Options.Texts

	proxies middleware.Proxies
	life    *lifecycle
	address atomic.Pointer[string] // that the server listens on
}

// Options configure an application in code.
type Options struct {
	// Drivers are the supported databases; the URL in the configuration selects one.
	Drivers []database.Driver
	// Migrations is the application's own source. Defaults to none.
	Migrations migrations.Source
	// Seeds are run by the command seed, in order. Defaults to none.
	Seeds []Seed
	// Texts are the application's own texts, and its languages (see package text). Defaults to none, and English.
	Texts *text.Set
	// Assets are served under their prefix. Defaults to none.
	Assets *web.Assets
	// ErrorPage is the page of a problem in browsers. Defaults to a plain page.
	ErrorPage func(*problem.Error) templ.Component
	// Headers are the security headers. Defaults to the strict ones.
	Headers middleware.Headers
	// Mail delivers mails. Defaults to SMTP, or to capturing without an SMTP_URL.
	Mail mail.Transport
	// Storage stores files. Defaults to the store of STORAGE_URL, or to the folder files in the data folder.
	Storage storage.Store
}

// New creates an application. It connects to nothing and starts nothing, so that commands which only describe the
// application need no server.
func New(cfg Config, opts Options) (*App, error) {
	if err := checkSeeds(opts.Seeds); err != nil {
		return nil, err
	}
	cfg = cfg.underDevServer().withErrorPage()
	a := &App{
		Config: cfg, opts: opts, life: newLifecycle(),
		explainer: dev.Explainer{Editor: cfg.Dev.Editor, Log: cfg.Log.Ring},
	}
	if a.Config.App.DataDir == "" {
		a.Config.App.DataDir = "storage"
	}
	if a.root = []byte(cfg.SecretKey); len(a.root) == 0 {
		a.root = make([]byte, 32)
		_, _ = rand.Read(a.root) // never fails (crypto/rand, Go 1.24)
	}
	a.Log = newLogger(cfg)
	err := a.addTexts(text.Formats(), problem.Texts(), value.Texts(), validate.Texts(), web.Texts())
	if err != nil {
		return nil, err
	}
	if a.DB, err = database.Open(cfg.Database, a.Log, opts.Drivers...); err != nil {
		return nil, err
	}
	if a.Redis, err = redis.New(cfg.Redis, a.Log); err != nil {
		return nil, err
	}
	// Both hold resources from here on, started or not.
	a.life.onStop("database", func(context.Context) error { return a.DB.Close() })
	a.life.onStop("Redis", a.Redis.Stop)
	a.Audit = audit.New(a.DB)
	a.lookup = &lookup{db: a.DB}
	a.Jobs = a.newJobs()
	if a.Mail, err = a.newMailer(); err != nil {
		return nil, err
	}
	if a.Storage, err = a.newStore(); err != nil {
		return nil, err
	}
	if a.Echo, err = a.newEcho(); err != nil {
		return nil, err
	}
	a.followAssets()
	return a, nil
}

// newLogger returns the application's logger, whose lines contain the request and the actor.
func newLogger(cfg Config) *slog.Logger {
	output := cfg.Override.LogOutput
	if output == nil {
		output = os.Stderr
	}
	if cfg.Log.Format == "auto" && cfg.Production() {
		cfg.Log.Format = "json"
	}
	return log.New(output, cfg.Log, func(ctx context.Context, r *slog.Record) {
		if id := middleware.RequestID(ctx); id != "" {
			r.AddAttrs(slog.String("request_id", id))
		}
		if actor, ok := identity.Known(ctx); ok {
			r.AddAttrs(slog.String("actor", actor.ID))
		}
	})
}

// newJobs returns the client of the jobs. Log lines of a job contain the request that enqueued it.
func (a *App) newJobs() *jobs.Client {
	cfg := a.Config.Jobs
	cfg.Keys = append(cfg.Keys, a.Key(jobsPurpose))
	for _, old := range a.Config.OldSecretKeys {
		cfg.Keys = append(cfg.Keys, deriveKey([]byte(old), jobsPurpose))
	}
	client := jobs.New(cfg, a.DB, a.Redis, a.Log)
	client.Use(func(next jobs.Handler) jobs.Handler {
		return func(ctx context.Context) error { return next(a.Context(ctx)) }
	})
	client.Carry("request_id", middleware.RequestID, middleware.WithRequestID)
	client.Carry("locale", a.localeName, a.withLocale)
	return client
}

// jobsPurpose is the purpose of the key that encrypts arguments of jobs.
const jobsPurpose = "job arguments"

func (a *App) newMailer() (*mail.Mailer, error) {
	transport := a.opts.Mail
	switch {
	case a.Config.Override.Mail != nil:
		transport = a.Config.Override.Mail
	case transport != nil:
	case a.Config.SMTP.URL != "":
		smtp, err := mail.NewSMTP(a.Config.SMTP)
		if err != nil {
			return nil, err
		}
		transport = smtp
	default:
		a.captured = mail.NewFolder(filepath.Join(a.Config.App.DataDir, "mail"))
		transport = a.captured
	}
	return mail.New(a.Config.Mail, transport), nil
}

func (a *App) newStore() (storage.Store, error) {
	if a.opts.Storage != nil {
		return a.opts.Storage, nil
	}
	return storage.New(a.Config.Storage, filepath.Join(a.Config.App.DataDir, "files"))
}

// Key derives a key of 32 bytes for one purpose from SECRET_KEY with HKDF (RFC 5869), so that no two purposes share
// one. Without a SECRET_KEY the key is random, and lost when the process ends.
func (a *App) Key(purpose string) []byte { return deriveKey(a.root, purpose) }

func deriveKey(root []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, root, nil, "covet "+purpose, 32)
	if err != nil {
		panic(fmt.Sprintf("deriving the key for %s: %v", purpose, err)) // only for lengths above 8160
	}
	return key
}

// Cookies creates the application's cookies.
func (a *App) Cookies() web.Cookies {
	return web.Cookies{Secure: a.Config.HTTPS(), App: a.Config.App.Name}
}

// Migrations returns the runner of every source: the library's, the modules', and
// the application's.
func (a *App) Migrations() *migrations.Runner {
	sources := []migrations.Source{migrations.Library()}
	for _, m := range a.modules {
		if migrator, ok := m.(Migrator); ok {
			sources = append(sources, migrator.Migrations())
		}
	}
	if a.opts.Migrations.FS != nil {
		sources = append(sources, a.opts.Migrations)
	}
	return migrations.NewRunner(a.DB, sources...)
}

// CapturesMail reports whether mails are captured for /dev/mail instead of being delivered.
func (a *App) CapturesMail() bool { return a.captured != nil }
