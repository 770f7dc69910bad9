package auth

import (
	"context"

	"github.com/a-h/templ"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/flow"
	"github.com/covetgo/covet/app/auth/internal/identify"
	"github.com/covetgo/covet/app/auth/internal/limit"
	"github.com/covetgo/covet/app/auth/internal/session"
	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/login"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/auth/views"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/internal/fortest"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/throttle"
	"github.com/covetgo/covet/app/web/ui"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/migrations"
)

// Module is the accounts of an application: its pages, its commands, and the functions for accounts that both are made
// of. Make it with [New]. Its functions may be used once the application has it (App.Use), by many at once.
type Module struct {
	cfg            Config
	layout         func(title string) templ.Component
	policies       *identity.Policies
	inputs         func(context.Context) []ui.Input
	afterLogin     string
	pages          func(context.Context) []page.Link
	views          page.Views
	steps          []login.Step
	authenticators []login.Authenticator
	fault          error // of the options, reported by Routes
	bind           func(*database.DB) account.Users

	// Set by Routes.
	app      *covet.App
	users    account.Users
	accounts *account.Store
	sessions *session.Store
	links    *token.Links
	access   *token.Access
	resolver *identify.Resolver
	flow     *flow.Flow
	limits   *limit.Limiter
	cookies  session.Cookies
}

var (
	_ covet.Router             = (*Module)(nil)
	_ covet.Worker             = (*Module)(nil)
	_ covet.Migrator           = (*Module)(nil)
	_ covet.TextProvider       = (*Module)(nil)
	_ covet.ContextProvider    = (*Module)(nil)
	_ covet.MiddlewareProvider = (*Module)(nil)
)

// New returns the accounts of an application whose users are of the model U, which embeds covetmodels.User. Faults of
// the options are reported by App.Use.
func New[U any, P Account[U]](cfg Config, options Options[U]) *Module {
	m := &Module{
		cfg: cfg.withDefaults(), layout: options.Layout, policies: options.Policies, inputs: options.Signup.Inputs,
		afterLogin: options.AfterLogin, pages: options.Links, views: options.Views.Over(views.All()),
		authenticators: options.Authenticators, fault: options.check(),
		bind: func(db *database.DB) account.Users { return account.NewModel[U, P](db, options.hooks()) },
	}
	m.steps = append([]login.Step{passwordStep{m}}, options.Steps...)
	def(&m.afterLogin, "/")
	if m.inputs == nil {
		m.inputs = func(context.Context) []ui.Input { return nil }
	}
	if m.pages == nil {
		m.pages = func(context.Context) []page.Link { return nil }
	}
	return m
}

// Name is "auth".
func (m *Module) Name() string { return "auth" }

// Migrations returns the migrations of the tables of accounts.
func (m *Module) Migrations() migrations.Source { return migrations.Accounts() }

// Texts returns the texts of pages, mails and problems, which an application translates and overrides by the name "auth".
func (m *Module) Texts() []*text.Set { return []*text.Set{texts.Set} }

// Routes adds the pages.
func (m *Module) Routes(a *covet.App) error {
	if m.fault != nil {
		return m.fault
	}
	if err := m.open(a); err != nil {
		return err
	}
	e := a.Echo
	signupPages{m}.routes(e)
	m.loginRoutes(e)
	resetPages{m}.routes(e)
	confirm := confirmPages{m}
	if !m.cfg.SignupClosed {
		confirm.routes(e, token.Signup)
	}
	confirm.routes(e, token.Verify)
	confirm.routes(e, token.Email)
	g := e.Group(accountPath, RequiredSession(), private)
	accountPages{m}.routes(g)
	localePages{m}.routes(g)
	credentialPages{m}.routes(g)
	return nil
}

// open makes what the functions for accounts need of the application.
func (m *Module) open(a *covet.App) (err error) {
	m.app, m.users = a, m.bind(a.DB)
	m.sessions = session.NewStore(a.DB, session.Limits{
		Idle: m.cfg.SessionIdle, Max: m.cfg.SessionMax, RememberIdle: m.cfg.RememberIdle, RememberMax: m.cfg.RememberMax,
	})
	m.cookies = session.NewCookies(a.Cookies(), a.Key("auth device"))
	m.links = token.NewLinks(a.DB, m.cfg.ResetLink, m.cfg.ConfirmLink)
	m.access = token.NewAccessStore(a.DB)
	m.flow = &flow.Flow{Steps: m.steps, DB: a.DB}
	m.accounts = &account.Store{
		DB: a.DB, Log: a.Log, Audit: a.Audit, Users: m.users, Sessions: m.sessions, Access: m.access, Links: m.links,
		Logins: m.flow, Notify: m.notify,
	}
	m.limits = limit.New(throttle.New(a.Redis, "auth"), limit.Config{
		LoginsPerAccount: m.cfg.LoginsPerAccount, LoginsPerAddress: m.cfg.LoginsPerAddress,
		MailsPerAccount: m.cfg.MailsPerAccount, MailsPerAddress: m.cfg.MailsPerAddress,
	})
	m.resolver, err = identify.NewResolver(a.DB, a.Log, m.users, m.sessions, m.access, m.cfg.SessionCache)
	return err
}

// RegisterJobs adds the jobs that mail links and notices, and the one that deletes what has expired.
func (m *Module) RegisterJobs(a *covet.App) error {
	covetjobs.Register[sendLink](a.Jobs, m)
	covetjobs.Register[sendNotice](a.Jobs, m)
	covetjobs.Register[prune](a.Jobs, m)
	a.Jobs.Schedule("auth-prune", "@hourly", prune{})
	return nil
}

// UseCheapPasswords makes passwords cheap to hash, and weak, for the tests of applications; app/apptest calls it. An
// application cannot: the type of the parameter is internal to Covet.
func (m *Module) UseCheapPasswords(only fortest.Only) { m.accounts.Passwords = password.Cheap(only) }

// base is what every page has.
func (m *Module) base() page.Base { return page.Base{Layout: m.layout} }
