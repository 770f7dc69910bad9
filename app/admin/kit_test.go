package admin_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/app/validate"
	"github.com/covetgo/covet/internal/testserver"
	covetmodels "github.com/covetgo/covet/models"
)

// The models of a small magazine: every type of field and of relation.
type (
	Author struct {
		ID           int64
		Name         string `gorm:"size:100;not null" required:"true"`
		Email        string `gorm:"size:254;uniqueIndex" required:"true" format:"email" unique:"authors.email"`
		PasswordHash string `gorm:"size:255" json:"-"`
		APIKey       string `gorm:"size:64" secret:"true"`
		Posts        []Post
		CreatedAt    time.Time
	}
	Tag struct {
		ID   int64
		Name string `gorm:"size:50;not null" required:"true"`
	}
	Post struct {
		ID          int64
		Title       string   `gorm:"size:200;not null" required:"true" minLength:"3"`
		Body        string   `gorm:"type:text"`
		Status      string   `gorm:"size:20;not null;index" enum:"draft,published,archived" required:"true"`
		Homepage    string   `gorm:"size:200" format:"uri"`
		Featured    bool     `gorm:"not null"`
		Rating      *float64 `minimum:"0" maximum:"5"`
		Words       int      `gorm:"not null" minimum:"0"`
		Note        sql.NullString
		Meta        map[string]any `gorm:"serializer:json;type:text"`
		Cover       []byte
		AuthorID    int64 `gorm:"not null;index"`
		Author      *Author
		EditorID    *int64
		Editor      *Author
		Tags        []Tag `gorm:"many2many:post_tags"`
		Comments    []Comment
		PublishedAt *time.Time `gorm:"precision:6;index"`
		CreatedAt   time.Time  `gorm:"precision:6;index"`
		UpdatedAt   time.Time  `gorm:"precision:6"`
		DeletedAt   gorm.DeletedAt
	}
	Comment struct {
		ID     int64
		PostID int64  `gorm:"not null;index"`
		Post   *Post  `gorm:"constraint:OnDelete:RESTRICT"`
		Text   string `gorm:"type:text;not null" required:"true"`
	}
	Page struct {
		Slug string `gorm:"primaryKey;size:100" required:"true" pattern:"^[^ ]+$"`
		Text string
	}
)

// Validate is a rule that no tag can express.
func (p *Post) Validate(_ context.Context, errs validate.Errors) error {
	if p.Status == "published" && p.Body == "" {
		errs.Add("Body", "What is published needs a text.")
	}
	return nil
}

type config struct {
	covet.Config
	Admin admin.Config
}

// app is the magazine under test.
type app struct {
	*apptest.App
	actor atomic.Pointer[actor]
	t     *testing.T
}

type actor struct {
	identity.Actor
	known bool
	err   error
}

// migrated is a database with the tables of the library and those of all tests.
var migrated = testserver.NewTemplate(func(ctx context.Context, url string) error {
	a, err := covet.New(covet.Config{Database: database.Config{URL: url}}, covet.Options{Drivers: drivers})
	if err != nil {
		return err
	}
	err = a.Migrate(ctx)
	if err == nil {
		err = a.DB.With(ctx).AutoMigrate(
			&Author{}, &Tag{}, &Post{}, &Comment{}, &Page{}, &Thing{}, &covetmodels.Role{}, &Person{}, &covetmodels.RolePermission{},
			&covetmodels.UserRole{}, &covetmodels.Session{}, &covetmodels.AccessToken{}, &covetmodels.Token{},
		)
	}
	return errors.Join(err, a.Stop(ctx))
})

func TestMain(m *testing.M) {
	testserver.SetParallel(6)
	testserver.Exit(m.Run())
}

var drivers = []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}

// databases of every kind.
var databases = map[string]func(t testing.TB) string{
	"sqlite":   migrated.SQLite,
	"postgres": migrated.Postgres,
	"mysql":    migrated.MySQL,
}

// everywhere runs a test on every database.
func everywhere(t *testing.T, test func(t *testing.T, a *app)) {
	t.Helper()
	t.Parallel()
	for name, open := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t, open(t), nil))
		})
	}
}

// here runs on SQLite only.
func here(t *testing.T) *app {
	t.Helper()
	return start(t, databases["sqlite"](t), nil)
}

func start(t *testing.T, url string, register func(*admin.Module), opts ...admin.Options) *app {
	t.Helper()
	return startWith(t, url, nil, register, opts...)
}

// startWith starts the magazine with texts of its own.
func startWith(t *testing.T, url string, own *text.Set, register func(*admin.Module), opts ...admin.Options) *app {
	t.Helper()
	a := &app{t: t}
	opts = append(opts, admin.Options{})
	a.App = apptest.New(t, func(cfg config) (*covet.App, error) {
		inner, err := covet.New(cfg.Config, covet.Options{Drivers: drivers, Texts: own})
		if err != nil {
			return nil, err
		}
		inner.Echo.Pre(a.signIn)
		registerJobs(inner)
		m := admin.New(cfg.Admin, opts[0])
		if register == nil {
			register = a.magazine
		}
		register(m)
		return inner, inner.Use(m)
	}, apptest.Set("database.url", url), apptest.Set("app.name", "Magazine"))
	a.as("*")
	return a
}

func (a *app) magazine(m *admin.Module) {
	admin.Register(m, admin.Resource[Post]{
		Actions: []admin.Action[Post]{
			{Name: "publish", Run: a.publish},
			{Name: "explode", Label: "Explode", Danger: true, Run: func(context.Context, []*Post) (string, error) {
				return "", problem.Conflict("It does not explode.")
			}},
		},
		Guards: map[string]string{"Tags": "tags.assign"},
	})
	admin.Register(m, admin.Resource[Author]{})
	admin.Register(m, admin.Resource[Comment]{})
	admin.Register(m, admin.Resource[Tag]{})
	admin.Register(m, admin.Resource[Page]{})
}

// publish fails half-way when it meets a post called Boom.
func (a *app) publish(ctx context.Context, list []*Post) (string, error) {
	for _, p := range list {
		if p.Title == "Boom" {
			return "", problem.Conflict("Boom cannot be published.")
		}
		if err := a.DB.With(ctx).Model(p).Update("status", "published").Error; err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d is published.", len(list)), nil
}

func (a *app) signIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who := a.actor.Load()
		ctx := identity.WithResolver(c.Request().Context(), func(context.Context) (identity.Actor, bool, error) {
			return who.Actor, who.known, who.err
		})
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// as signs in a user with these permissions and admin.access.
func (a *app) as(permissions ...string) {
	a.actor.Store(&actor{known: true, Actor: identity.Actor{
		ID: "1", Name: "Ada", Email: "ada@example.com", Permissions: append(permissions, "admin.access"),
	}})
}

// create inserts a record.
func create[T any](a *app, record T) T {
	a.t.Helper()
	if err := a.DB.With(a.t.Context()).Create(&record).Error; err != nil {
		a.t.Fatal(err)
	}
	return record
}

// createAll inserts records, 500 with each statement.
func createAll[T any](a *app, records []T) {
	a.t.Helper()
	if err := a.DB.With(a.t.Context()).CreateInBatches(records, 500).Error; err != nil {
		a.t.Fatal(err)
	}
}

// load reads a record, deleted or not.
func load[T any](a *app, id any) T {
	a.t.Helper()
	var record T
	if err := a.DB.With(a.t.Context()).Unscoped().Where(id).First(&record).Error; err != nil {
		a.t.Fatal(err)
	}
	return record
}

func (a *app) audit(action string) []covetmodels.AuditEntry {
	a.t.Helper()
	var entries []covetmodels.AuditEntry
	if err := a.DB.With(a.t.Context()).Where("action = ?", action).Order("id").Find(&entries).Error; err != nil {
		a.t.Fatal(err)
	}
	return entries
}

// post submits a form and answers the first response, without following.
func (a *app) post(path string, form url.Values) *apptest.Page {
	a.t.Helper()
	return a.Client().Post(path, form)
}

func (a *app) author(name string) Author {
	a.t.Helper()
	return create(a, Author{Name: name, Email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com", PasswordHash: "hash-" + name, APIKey: "key-" + name})
}

func (a *app) postBy(author Author, title string) Post {
	a.t.Helper()
	return create(a, Post{Title: title, Status: "draft", AuthorID: author.ID})
}

// titles are what the rows of a list are called.
func titles(p *apptest.Page) []string {
	var list []string
	p.Find("tbody th a").Each(func(_ int, s *selection) { list = append(list, strings.TrimSpace(s.Text())) })
	return list
}

const ok = http.StatusOK

type selection = goquery.Selection
