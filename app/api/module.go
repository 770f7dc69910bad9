package api

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api/internal/cbor"
	"github.com/covetgo/covet/app/api/internal/schema"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
)

// Config is the configuration of the API. Embed it in an application's:
//
//	type Config struct {
//		covet.Config
//		API api.Config
//	}
type Config struct {
	// Prefix is the path prefix of endpoints. Defaults to /api.
	Prefix string `default:"/api" doc:"path prefix of endpoints"`
	// Docs says who may read the document at /openapi.json and its page at /docs: DocsPublic, DocsPermission or
	// DocsOff. Defaults to DocsPermission in production, and to DocsPublic elsewhere.
	Docs string `enum:"public,permission,off" doc:"who may read /docs and /openapi.json: public, permission (api.docs) or off; empty: public, in production permission"`
}

// The values of Config.Docs.
const (
	DocsPublic     = "public"     // anyone
	DocsPermission = "permission" // users with the permission api.docs, in a browser or with an access token
	DocsOff        = "off"        // nobody: the addresses respond 404
)

// Options are settings in code. The zero value is a good default.
type Options struct {
	// Title is the name of the API. Defaults to the name of the application.
	Title string
	// Version is the version of the API, which changes when clients break. Defaults to 1.0.0.
	Version string
	// Description describes the API in CommonMark. Defaults to none.
	Description string
	// SignIn is the path to which signed-out browsers are redirected from /docs, with the parameter next. Defaults to
	// /login.
	SignIn string
	// SessionCookie is the name of the session cookie in the document. Defaults to the cookie of package auth.
	SessionCookie string
	// Endpoints are options of every endpoint, such as [ErrorShape], [Envelope] and [Scheme]. Options of a [Group] and
	// of an endpoint override them. Defaults to none.
	Endpoints []Option
}

// Module serves typed endpoints. It is one module of an application.
type Module struct {
	cfg  Config
	opts Options

	app       *covet.App
	cbor      *cbor.Codec
	providers map[reflect.Type]*provider
	endpoints []*endpoint
	routes    map[string]bool
	byPath    map[string]*endpoint   // by method and path of echo, and the first of each path
	scopes    []scope                // the longest prefix first
	pages     func() map[string]bool // the routes that are no endpoints, by method and path of echo
	schemas   *schema.Set

	declaresShape, declaresScheme bool

	problemSchema *huma.Schema // nil until an endpoint has problem details

	describe sync.Once
	document []byte
	failure  error
}

var (
	_ covet.Module = (*Module)(nil)
	_ covet.Router = (*Module)(nil)
)

// New returns the module.
func New(cfg Config, opts Options) *Module {
	if cfg.Prefix == "" {
		cfg.Prefix = "/api"
	}
	cfg.Prefix = "/" + strings.Trim(cfg.Prefix, "/")
	if cfg.Prefix == "/" {
		cfg.Prefix = ""
	}
	m := &Module{
		cfg: cfg, opts: opts, providers: map[reflect.Type]*provider{},
		routes: map[string]bool{}, byPath: map[string]*endpoint{},
	}
	m.schemas = schema.NewSet(reflect.TypeFor[File](), validate.Demands)
	m.schemas.Reserve(problemName)
	m.providers[reflect.TypeFor[identity.Actor]()] = &provider{first: true, known: true, resolve: resolveActor}
	m.providers[reflect.TypeFor[OptionalActor]()] = &provider{first: true, optional: true, resolve: resolveOptionalActor}
	m.providers[reflect.TypeFor[Cursor]()] = &provider{resolve: m.resolveCursor}
	m.providers[reflect.TypeFor[Match]()] = &provider{errors: []int{412}}
	m.providers[reflect.TypeFor[MustMatch]()] = &provider{errors: []int{412, 428}, resolve: resolveMustMatch}
	return m
}

// Name implements [covet.Module].
func (m *Module) Name() string { return "api" }

// Routes implements [covet.Router]: it renders errors of the prefix as JSON, and registers the document and its page.
func (m *Module) Routes(a *covet.App) error {
	var err error
	if m.cbor, err = cbor.New(); err != nil {
		return fmt.Errorf("preparing CBOR: %w", err)
	}
	m.app = a
	shared := m.settings(nil)
	if err = shared.checkShared(); err != nil {
		return fmt.Errorf("options of all endpoints: %w", err)
	}
	m.pages = sync.OnceValue(m.otherRoutes)
	a.ShapeErrors(m.shapeError)
	a.JSONErrorsIf(func(c echo.Context) bool { return m.settingsOf(c) != nil })
	if m.cfg.Prefix != "" {
		m.addScope(m.cfg.Prefix, shared)
	}
	if m.docs() != DocsOff {
		m.serveDocs(a.Echo)
	}
	return nil
}

// docs returns who may read the document.
func (m *Module) docs() string {
	switch {
	case m.cfg.Docs != "":
		return m.cfg.Docs
	case m.app.Config.Production():
		return DocsPermission
	}
	return DocsPublic
}

// moduleOf returns the API of an application.
func moduleOf(a Registrar) *Module {
	for _, m := range a.Modules() {
		if found, ok := m.(*Module); ok {
			return found
		}
	}
	panic("api: the application has no API: call a.Use(api.New(cfg.API, api.Options{})) before registering endpoints")
}

// provider sets one type of request dependency.
type provider struct {
	first    bool // before anything is read
	known    bool // requires authentication
	optional bool // resolves the actor, and accepts unauthenticated requests
	errors   []int
	resolve  func(ctx context.Context, v reflect.Value) error // nil for parameters alone
}

// Provide makes T a request dependency: a struct that inputs of endpoints contain, embedded or as a field, and that
// resolve sets. Its fields with path, query, header or cookie tags are read and validated first, and documented for
// every endpoint that uses it. An error of resolve ends the request: return a [problem.Error] for one that the client
// may see. Statuses are those of the problems, for the document.
//
//	type Tenant struct {
//		Host string `header:"X-Tenant" required:"true" maxLength:"100" doc:"the tenant that is worked for"`
//		models.Tenant
//	}
//
//	api.Provide(a, func(ctx context.Context, t *Tenant) error {
//		return a.DB.With(ctx).First(&t.Tenant, "host = ?", t.Host).Error
//	}, http.StatusNotFound)
//
// It panics if T is not a struct, or was already provided.
func Provide[T any](a *covet.App, resolve func(ctx context.Context, dependency *T) error, statuses ...int) {
	m, t := moduleOf(a), reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("api: a request dependency must be a struct, not %s", t))
	}
	if m.providers[t] != nil {
		panic(fmt.Sprintf("api: %s is provided twice", t))
	}
	m.providers[t] = &provider{errors: statuses, resolve: func(ctx context.Context, v reflect.Value) error {
		return resolve(ctx, v.Addr().Interface().(*T)) //nolint:forcetypeassert // providers are stored by their type
	}}
}
