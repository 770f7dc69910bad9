package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/auditui"
	"github.com/covetgo/covet/app/admin/internal/bulk"
	"github.com/covetgo/covet/app/admin/internal/export"
	"github.com/covetgo/covet/app/admin/internal/form"
	"github.com/covetgo/covet/app/admin/internal/jobsui"
	"github.com/covetgo/covet/app/admin/internal/list"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/site"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/validate"
)

// Config configures the admin. Its zero value is ready.
type Config struct {
	// Path is the path of the admin. Defaults to /admin.
	Path string `default:"/admin" doc:"path of the admin"`
	// PerPage is the number of records on a page of a list, at most 200. Defaults to 50.
	PerPage int `default:"50" min:"1" max:"200" doc:"records on a page of a list"`
}

// Options connects the admin with an application.
type Options struct {
	// Authorizer decides about permissions. Defaults to identity.Can.
	Authorizer Authorizer
	// Title is the name of the application on the pages. Defaults to the name in its configuration.
	Title string
	// Home is the target of "View site". Defaults to "/".
	Home string
	// SignIn is the path to which signed-out browsers are redirected, with the parameter next. Defaults to /login.
	SignIn string
	// SignOut is the path that "Sign out" posts to. Defaults to /logout.
	SignOut string
}

// Authorizer decides about permissions.
type Authorizer interface {
	// Can reports whether the user of ctx may do action, "posts.update", to subject: a record as a pointer to its model,
	// or nil for the resource as a whole. It is called for each record again, so that it can allow less for some.
	Can(ctx context.Context, action string, subject any) bool
}

// Filterer is an [Authorizer] that knows in SQL what it allows. Without it lists and choices read records and call Can for
// each, up to a bound.
type Filterer interface {
	// Filter returns a condition for the rows to which the user of ctx may do action, as [identity.Filter] does. It reports
	// false if it has none.
	Filter(ctx context.Context, action string, model any) (clause.Expression, bool)
}

// policies is the default authorizer: permissions and the policies of the application.
type policies struct{}

func (policies) Can(ctx context.Context, action string, subject any) bool {
	return identity.Can(ctx, action, subject)
}

func (policies) Filter(ctx context.Context, action string, model any) (clause.Expression, bool) {
	return identity.Filter(ctx, action, model)
}

var _ Filterer = policies{}

// AuthorizerFunc is a function that implements [Authorizer].
type AuthorizerFunc func(ctx context.Context, action string, subject any) bool

// Can calls the function.
func (f AuthorizerFunc) Can(ctx context.Context, action string, subject any) bool {
	return f(ctx, action, subject)
}

// Module is the admin of an application. Register resources before you use it. It hosts the sections of all modules,
// whether these are used before or after it.
type Module struct {
	cfg   Config
	opts  Options
	specs []meta.Spec
	fault error // of the options, reported by Routes

	// Set by Routes.
	db       *database.DB
	registry *registry.Registry
	site     *site.Site
	log      *auditui.Audit
	sections []covet.Section                          // those that every admin has
	all      func(context.Context) []covet.Permission // the permissions of every module
}

var (
	_ covet.Module          = (*Module)(nil)
	_ covet.Router          = (*Module)(nil)
	_ covet.SectionProvider = (*Module)(nil)
	_ covet.TextProvider    = (*Module)(nil)
)

// New returns an admin without resources.
func New(cfg Config, opts Options) *Module {
	if cfg.Path = "/" + strings.Trim(cfg.Path, "/"); cfg.Path == "/" {
		cfg.Path = "/admin"
	}
	if cfg.PerPage <= 0 || cfg.PerPage > meta.MaxPerPage {
		cfg.PerPage = 50
	}
	if opts.Authorizer == nil {
		opts.Authorizer = policies{}
	}
	for field, fallback := range map[*string]string{&opts.Home: "/", &opts.SignIn: "/login", &opts.SignOut: "/logout"} {
		if *field == "" {
			*field = fallback
		}
	}
	return &Module{cfg: cfg, opts: opts}
}

// Register adds a resource to the admin. Use returns an error if its options are not valid.
func Register[T any](m *Module, r Resource[T]) { m.specs = append(m.specs, r.spec()) }

// Name is "admin".
func (m *Module) Name() string { return "admin" }

// Routes checks every resource and registers the pages. The error lists all faults of all options.
func (m *Module) Routes(a *covet.App) error {
	m.all = a.Permissions
	if m.fault != nil {
		return m.fault
	}
	m.db = a.DB
	resources, err := m.compile(a.DB.With(context.Background()))
	if err != nil {
		return err
	}
	title := m.opts.Title
	if title == "" {
		title = a.Config.App.Name
	}
	if title == "" {
		title = words.T(context.Background(), "title")
	}
	records := store.New(a.DB)
	m.registry = registry.New(m.cfg.Path, resources, m.opts.Authorizer.Can)
	if filterer, ok := m.opts.Authorizer.(Filterer); ok {
		m.registry.SetFilter(filterer.Filter)
	}
	m.site = site.New(site.Config{
		Title: title, Home: m.opts.Home, SignIn: m.opts.SignIn, SignOut: m.opts.SignOut, Log: a.Log,
	}, m.registry, records)
	m.log = auditui.New(m.registry, records, m.site)
	relations := relation.New(m.registry, records)
	lists := &list.Lists{
		Registry: m.registry, Store: records, Relations: relations, Pages: m.site,
		Signer: query.NewSigner(a.Key("admin positions")), PerPage: m.cfg.PerPage,
	}
	exports := &export.Exports{Registry: m.registry, Store: records, Audit: a.Audit, Log: a.Log}
	forms := &form.Forms{
		Registry: m.registry, Store: records, DB: a.DB, Relations: relations, History: m.log, Audit: a.Audit,
		Pages: m.site, Files: a.Storage, Log: a.Log,
	}
	changes := &bulk.Changes{
		Registry: m.registry, Store: records, DB: a.DB, Audit: a.Audit, Pages: m.site, Files: a.Storage, Log: a.Log,
	}

	g := m.site.Register(a.Echo)
	g.GET("/:resource", lists.Show)
	g.GET("/:resource/export.csv", exports.CSV)
	g.GET("/:resource/choices", relations.Choices)
	g.GET("/:resource/new", forms.New)
	g.POST("/:resource/new", forms.Create)
	g.POST("/:resource/bulk", changes.Handle)
	g.GET("/:resource/:key", forms.Show)
	g.POST("/:resource/:key", forms.Update)
	g.GET("/:resource/:key/history", m.log.History)
	g.GET("/:resource/:key/files/:field", forms.File)

	m.sections = []covet.Section{
		jobsui.Section(jobsui.Config{Jobs: a.Jobs, DB: a.DB, Audit: a.Audit, Log: a.Log, Stopping: a.Stopping()}),
		m.log.Section(),
	}
	return a.EachSection(m.site.AddSection)
}

// Texts implements [covet.TextProvider].
func (m *Module) Texts() []*text.Set { return []*text.Set{words.Texts()} }

// AdminSections returns the sections that every admin has: background jobs, and recent activity.
func (m *Module) AdminSections() []covet.Section { return m.sections }

// compile checks the options of every resource.
func (m *Module) compile(db *gorm.DB) ([]*meta.Resource, error) {
	var resources []*meta.Resource
	var faults meta.Faults
	names := map[string]string{}
	for _, spec := range m.specs {
		s, err := parse(db, spec.Model)
		if err != nil {
			return nil, err
		}
		r := meta.Compile(spec, s, &faults)
		if other, ok := names[r.Name]; ok {
			faults.Note("Name", "%q is the name of %s already", r.Name, other)
		}
		names[r.Name] = s.Name
		resources = append(resources, r)
	}
	if list := faults.List(); len(list) > 0 {
		return nil, errors.New("resources of the admin:\n  " + strings.Join(list, "\n  "))
	}
	for _, r := range resources {
		r.Link(resources)
	}
	return resources, nil
}

func parse(db *gorm.DB, model any) (*schema.Schema, error) {
	statement := &gorm.Statement{DB: db}
	if err := statement.Parse(model); err != nil {
		return nil, fmt.Errorf("reading the model %T: %w", model, err)
	}
	if err := validate.Compile(statement.Schema.ModelType); err != nil {
		return nil, fmt.Errorf("reading the tags of %T: %w", model, err)
	}
	return statement.Schema, nil
}
