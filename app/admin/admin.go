package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
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
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/validate"
)

// Config configures the admin. Its zero value is ready.
type Config struct {
	// Path is where the admin answers. Defaults to /admin.
	Path string `default:"/admin" doc:"path below which the admin answers"`
	// PerPage is how many records a page of a list holds, at most 200. Defaults to 50.
	PerPage int `default:"50" min:"1" max:"200" doc:"records on a page of a list"`
}

// Options says how the admin fits into an application.
type Options struct {
	// Authorizer decides who may do what. Defaults to identity.Can.
	Authorizer Authorizer
	// Title is what the pages call the application. Defaults to the name in its configuration.
	Title string
	// Home is where "View site" leads. Defaults to "/".
	Home string
	// SignIn is the path that browsers are sent to when nobody is signed in, with the parameter next. Defaults to
	// /login.
	SignIn string
	// SignOut is the path that "Sign out" posts to. Defaults to /logout.
	SignOut string
}

// Authorizer decides who may do what.
type Authorizer interface {
	// Can reports whether whoever acts in ctx may do action, "posts.update", to subject: a record as a pointer to its
	// model, or nil for the resource as a whole. It is asked of each record again, so that it may allow less for some.
	Can(ctx context.Context, action string, subject any) bool
}

// AuthorizerFunc is a function as an [Authorizer].
type AuthorizerFunc func(ctx context.Context, action string, subject any) bool

// Can calls the function.
func (f AuthorizerFunc) Can(ctx context.Context, action string, subject any) bool {
	return f(ctx, action, subject)
}

// Panel is the admin of an application: a module. Resources are registered before it is used. It hosts the sections of
// all modules, whether these are used before or after it.
type Panel struct {
	cfg   Config
	opts  Options
	specs []meta.Spec

	// Set by Routes.
	db       *database.DB
	registry *registry.Registry
	site     *site.Site
	sections []covet.Section // those that every admin has
}

var (
	_ covet.Module          = (*Panel)(nil)
	_ covet.Router          = (*Panel)(nil)
	_ covet.SectionProvider = (*Panel)(nil)
)

// New returns an admin without resources.
func New(cfg Config, opts Options) *Panel {
	if cfg.Path = "/" + strings.Trim(cfg.Path, "/"); cfg.Path == "/" {
		cfg.Path = "/admin"
	}
	if cfg.PerPage <= 0 || cfg.PerPage > meta.MaxPerPage {
		cfg.PerPage = 50
	}
	if opts.Authorizer == nil {
		opts.Authorizer = AuthorizerFunc(identity.Can)
	}
	for field, fallback := range map[*string]string{&opts.Home: "/", &opts.SignIn: "/login", &opts.SignOut: "/logout"} {
		if *field == "" {
			*field = fallback
		}
	}
	return &Panel{cfg: cfg, opts: opts}
}

// Register adds a resource to the admin. What is wrong with its options is an error when the module is used.
func Register[T any](p *Panel, r Resource[T]) { p.specs = append(p.specs, r.spec()) }

// Name is "admin".
func (p *Panel) Name() string { return "admin" }

// Routes checks every resource and registers the pages. The error names all faults of all options.
func (p *Panel) Routes(a *covet.App) error {
	p.db = a.DB
	resources, err := p.compile(a.DB.With(context.Background()))
	if err != nil {
		return err
	}
	title := p.opts.Title
	if title == "" {
		title = a.Config.App.Name
	}
	if title == "" {
		title = "Admin"
	}
	records := store.New(a.DB)
	p.registry = registry.New(p.cfg.Path, resources, p.opts.Authorizer.Can)
	p.site = site.New(site.Config{
		Title: title, Home: p.opts.Home, SignIn: p.opts.SignIn, SignOut: p.opts.SignOut, Log: a.Log,
	}, p.registry, records)
	log := auditui.New(p.registry, records, p.site)
	relations := relation.New(p.registry, records)
	lists := &list.Lists{
		Registry: p.registry, Store: records, Relations: relations, Pages: p.site,
		Signer: query.NewSigner(a.Key("admin positions")), PerPage: p.cfg.PerPage,
	}
	exports := &export.Exports{Registry: p.registry, Store: records, Audit: a.Audit, Log: a.Log}
	forms := &form.Forms{
		Registry: p.registry, Store: records, DB: a.DB, Relations: relations, History: log, Audit: a.Audit,
		Pages: p.site, Lookup: a.Lookup(),
	}
	changes := &bulk.Changes{Registry: p.registry, Store: records, DB: a.DB, Audit: a.Audit, Pages: p.site}

	g := p.site.Register(a.Echo)
	g.GET("/:resource", lists.Show)
	g.GET("/:resource/export.csv", exports.CSV)
	g.GET("/:resource/choices", relations.Choices)
	g.GET("/:resource/new", forms.New)
	g.POST("/:resource/new", forms.Create)
	g.POST("/:resource/bulk", changes.Handle)
	g.GET("/:resource/:key", forms.Show)
	g.POST("/:resource/:key", forms.Update)
	g.GET("/:resource/:key/history", log.History)

	p.sections = []covet.Section{
		jobsui.Section(jobsui.Config{Jobs: a.Jobs, DB: a.DB, Audit: a.Audit, Log: a.Log, Stopping: a.Stopping()}),
		log.Section(),
	}
	return a.EachSection(p.site.AddSection)
}

// AdminSections returns the sections that every admin has: background jobs, and recent activity.
func (p *Panel) AdminSections() []covet.Section { return p.sections }

// compile checks the options of every resource.
func (p *Panel) compile(db *gorm.DB) ([]*meta.Resource, error) {
	var resources []*meta.Resource
	var faults meta.Faults
	names := map[string]string{}
	for _, spec := range p.specs {
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
