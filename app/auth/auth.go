package auth

import (
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth/page"
	"github.com/covetgo/covet/app/auth/views"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/throttle"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/migrations"
)

const loginPath = "/login"

// Module is the accounts of an application. Make it with [New].
type Module struct {
	cfg        Config
	layout     func(title string) templ.Component
	policies   *identity.Policies
	inputs     []ui.Input
	afterLogin string
	links      []page.Link
	views      page.Views
	texts      page.Texts
	fault      error // of the options, told by Routes

	// Set by Routes.
	app       *covet.App
	users     users
	bind      func(*covet.App) users
	cache     *cache
	limiter   *throttle.Limiter
	cookies   web.Cookies
	deviceKey []byte
}

var (
	_ covet.Router   = (*Module)(nil)
	_ covet.Worker   = (*Module)(nil)
	_ covet.Migrator = (*Module)(nil)
)

// New returns the accounts of an application whose people are of the model U, which embeds covetmodels.User. Faults of the
// options are reported by App.Use.
func New[U any, P Account[U]](cfg Config, options Options[U]) *Module {
	cfg = cfg.withDefaults()
	m := &Module{
		cfg: cfg, layout: options.Layout, policies: options.Policies, inputs: options.Signup.Inputs,
		afterLogin: options.AfterLogin, links: options.Links, texts: options.Texts, fault: options.check(),
		views: options.Views.Over(views.All()), cache: newCache(cfg.SessionCache),
		bind: func(a *covet.App) users { return &model[U, P]{db: a.DB, options: options} },
	}
	def(&m.afterLogin, "/")
	return m
}

// Name is "auth".
func (m *Module) Name() string { return "auth" }

// Migrations returns the line of the tables of accounts.
func (m *Module) Migrations() migrations.Source { return migrations.Accounts() }

// Routes adds the pages, and finds out who sends each request.
func (m *Module) Routes(a *covet.App) error {
	if m.fault != nil {
		return m.fault
	}
	m.app, m.users = a, m.bind(a)
	m.limiter = throttle.New(a.Redis, "auth")
	m.cookies, m.deviceKey = a.Cookies(), a.Key("auth device")
	if err := m.cache.watch(a.DB.With(context.Background())); err != nil {
		return fmt.Errorf("watching what is written: %w", err)
	}
	e := a.Echo
	e.Pre(m.identify)
	if m.cfg.SignupClosed {
		e.GET("/signup", func(c echo.Context) error { return m.say(c, http.StatusForbidden, "closed") })
	} else {
		e.GET("/signup", m.showSignup)
		e.POST("/signup", m.signup)
		e.GET("/signup/sent", m.sent("sent.signup"))
		m.confirmRoutes(e, "/signup/confirm", purposeSignup)
	}
	e.GET(loginPath, m.showLogin)
	e.POST(loginPath, m.login)
	m.confirmRoutes(e, "/login/confirm", purposeVerify)
	e.POST("/logout", m.logout)
	e.GET("/password/forgot", m.showForgot)
	e.POST("/password/forgot", m.forgot)
	e.GET("/password/sent", m.sent("sent.reset"))
	e.GET("/password/reset", m.showReset)
	e.POST("/password/reset", m.reset)
	m.confirmRoutes(e, "/account/email/confirm", purposeEmail)
	m.accountRoutes(e)
	return nil
}

func (m *Module) accountRoutes(e *echo.Echo) {
	g := e.Group("/account", RequiredSession(), private)
	g.GET("", m.showAccount)
	g.GET("/password", m.showPassword)
	g.POST("/password", m.changePassword)
	g.GET("/email", m.showEmail)
	g.POST("/email", m.changeEmail)
	g.GET("/sessions", m.showSessions)
	g.POST("/sessions/end-others", m.endOtherSessions)
	g.POST("/sessions/:id/end", m.endSession)
	g.GET("/tokens", m.showTokens)
	g.POST("/tokens", m.createToken)
	g.POST("/tokens/:id/revoke", m.revokeToken)
	g.GET("/delete", m.showDelete)
	g.POST("/delete", m.deleteAccount)
}

// RegisterJobs adds the jobs that mail links and notices, and the one that forgets what has expired.
func (m *Module) RegisterJobs(a *covet.App) error {
	covetjobs.Register[sendLink](a.Jobs, m)
	covetjobs.Register[sendNotice](a.Jobs, m)
	covetjobs.Register[prune](a.Jobs, m)
	a.Jobs.Schedule("auth-prune", "@hourly", prune{})
	return nil
}

// base is what every page has.
func (m *Module) base() page.Base { return page.Base{Layout: m.layout, Texts: m.texts} }

// text returns a text of the pages.
func (m *Module) text(key string) string { return m.texts.Get(key) }
