// Package admintest is for unit tests of the admin: models with every kind of field, their resources, a database in
// memory, permissions that a test chooses, and pages that are kept instead of written.
package admintest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/shopspring/decimal"
	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/registry"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/storage"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/models"
)

type (
	// Author is the author of posts in a magazine.
	Author struct {
		ID           int64
		Name         string `gorm:"size:100;not null" required:"true"`
		Email        string `gorm:"size:254;uniqueIndex" format:"email"`
		PasswordHash string `json:"-"`
		Posts        []Post
	}
	// Tag is related to many posts.
	Tag struct {
		ID   int64
		Name string `gorm:"size:50;not null" required:"true"`
	}
	// Post has a field of every kind.
	Post struct {
		ID          int64
		Title       string           `gorm:"size:200;not null" required:"true" minLength:"3" doc:"As in the table of contents."`
		Body        string           `gorm:"type:text"`
		Status      string           `gorm:"size:20;not null;index" enum:"draft,published" required:"true"`
		Homepage    string           `gorm:"size:200" format:"uri"`
		Contact     string           `gorm:"size:254" format:"email"`
		Tint        string           `gorm:"size:7;not null" format:"color"`
		Shade       *string          `gorm:"size:7" format:"color"`
		Featured    bool             `gorm:"not null"`
		Pinned      *bool            ``
		Rating      *float64         `minimum:"0" maximum:"5"`
		Words       int32            `gorm:"not null" minimum:"0"`
		Size        uint             `gorm:"not null"`
		Price       *decimal.Decimal `gorm:"type:decimal(10,2)"`
		Day         *models.Date
		Code        *uuid.UUID     `gorm:"type:char(36)"`
		Meta        map[string]any `gorm:"serializer:json;type:text"`
		Cover       []byte
		Photo       string `gorm:"size:255;not null" accept:"image/png" maxSize:"1KiB"`
		Secret      string `secret:"true"`
		AuthorID    int64  `gorm:"not null;index"`
		Author      *Author
		EditorID    *int64
		Editor      *Author
		Tags        []Tag     `gorm:"many2many:post_tags"`
		Comments    []Comment `gorm:"constraint:OnDelete:CASCADE"`
		PublishedAt *time.Time
		CreatedAt   time.Time
		UpdatedAt   time.Time
		DeletedAt   gorm.DeletedAt
	}
	// Comment is gone with its post.
	Comment struct {
		ID     int64
		PostID int64  `gorm:"not null;index"`
		Text   string `gorm:"type:text;not null" required:"true"`
	}
)

// Key signs positions in tests.
var Key = []byte("0123456789abcdef0123456789abcdef")

// Spec returns the options of a resource for a model, which changes may adjust.
func Spec(model any, changes ...func(*meta.Spec)) meta.Spec {
	spec := meta.Spec{Model: model}
	for _, change := range changes {
		change(&spec)
	}
	return spec
}

// Compile returns the resource of a spec, and what is wrong with its options. It needs no database.
func Compile(t testing.TB, spec meta.Spec) (*meta.Resource, []string) {
	t.Helper()
	s, err := schema.Parse(spec.Model, &sync.Map{}, schema.NamingStrategy{})
	if err != nil {
		t.Fatal(err)
	}
	var faults meta.Faults
	r := meta.Compile(spec, s, &faults)
	return r, faults.List()
}

// Kit is an admin without a server.
type Kit struct {
	DB                             *database.DB
	Store                          *store.Store
	Registry                       *registry.Registry
	Posts, Authors, Tags, Comments *meta.Resource
	Pages                          *Pages
	Audit                          *Audit
	Files                          storage.Store

	// Forbidden are actions that the user may not do, and Denies decides about records; nil denies none. Set them
	// before the requests.
	Forbidden []string
	Denies    func(action string, record any) bool

	t testing.TB
}

// New returns a kit with the models of this package. Changes adjust the options of posts.
func New(t testing.TB, changes ...func(*meta.Spec)) *Kit {
	t.Helper()
	k := &Kit{t: t, Pages: &Pages{t: t}, Audit: &Audit{}, Files: storage.NewFolder(t.TempDir())}
	var err error
	cfg := database.Config{URL: "sqlite::memory:"}
	if k.DB, err = database.Open(cfg, slog.New(slog.DiscardHandler), sqlite.Driver{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.DB.Close() })
	tables := []any{&Author{}, &Tag{}, &Post{}, &Comment{}, &models.AuditEntry{}}
	if err := k.DB.With(t.Context()).AutoMigrate(tables...); err != nil {
		t.Fatal(err)
	}
	k.Store = store.New(k.DB)
	resources := make([]*meta.Resource, 0, 4)
	for _, spec := range []meta.Spec{Spec(new(Post), changes...), Spec(new(Author)), Spec(new(Tag)), Spec(new(Comment))} {
		r, faults := Compile(t, spec)
		if len(faults) > 0 {
			t.Fatalf("the options of %s: %q", r.Name, faults)
		}
		resources = append(resources, r)
	}
	for _, r := range resources {
		r.Link(resources)
	}
	k.Posts, k.Authors, k.Tags, k.Comments = resources[0], resources[1], resources[2], resources[3]
	k.Registry = registry.New("/admin", resources, func(_ context.Context, action string, record any) bool {
		for _, forbidden := range k.Forbidden {
			if forbidden == action {
				return false
			}
		}
		return k.Denies == nil || record == nil || !k.Denies(action, record)
	})
	return k
}

// Create inserts records, each a pointer.
func (k *Kit) Create(records ...any) {
	k.t.Helper()
	for _, record := range records {
		if err := k.DB.With(k.t.Context()).Create(record).Error; err != nil {
			k.t.Fatal(err)
		}
	}
}

// Post inserts a post with a title by a new author, and returns it.
func (k *Kit) Post(title string) *Post {
	k.t.Helper()
	author := &Author{Name: "Author of " + title, Email: strings.ToLower(title) + "@example.com"}
	k.Create(author)
	post := &Post{Title: title, Status: "draft", AuthorID: author.ID}
	k.Create(post)
	return post
}

// Reload reads a record again, deleted or not. It reports false if there is none.
func Reload[T any](k *Kit, id int64) (record T, ok bool) {
	k.t.Helper()
	tx := k.DB.With(k.t.Context()).Unscoped().Where("id = ?", id).Limit(1).Find(&record)
	if tx.Error != nil {
		k.t.Fatal(tx.Error)
	}
	return record, tx.RowsAffected == 1
}

// Get returns the context of a GET request for an address, with the parameters resource and key.
func (k *Kit) Get(address, resource, key string) (echo.Context, *httptest.ResponseRecorder) {
	return k.context(httptest.NewRequestWithContext(k.t.Context(), http.MethodGet, address, nil), resource, key)
}

// Submit returns the context of a submitted form, with the parameters resource and key.
func (k *Kit) Submit(form url.Values, resource, key string) (echo.Context, *httptest.ResponseRecorder) {
	body := strings.NewReader(form.Encode())
	r := httptest.NewRequestWithContext(k.t.Context(), http.MethodPost, "/admin/"+resource, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return k.context(r, resource, key)
}

// Upload returns the context of a submitted form with a file in one field.
func (k *Kit) Upload(
	form url.Values, field, name, content, resource, key string,
) (echo.Context, *httptest.ResponseRecorder) {
	k.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, list := range form {
		for _, value := range list {
			_ = w.WriteField(name, value)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		k.t.Fatal(err)
	}
	_, _ = part.Write([]byte(content)) // into memory
	_ = w.Close()
	r := httptest.NewRequestWithContext(k.t.Context(), http.MethodPost, "/admin/"+resource, &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return k.context(r, resource, key)
}

// Stored reports whether the store has a file with a key.
func (k *Kit) Stored(key string) bool {
	k.t.Helper()
	file, err := k.Files.Open(k.t.Context(), key)
	if errors.Is(err, storage.ErrNotFound) {
		return false
	}
	if err != nil {
		k.t.Fatal(err)
	}
	_ = file.Close()
	return true
}

func (k *Kit) context(r *http.Request, resource, key string) (echo.Context, *httptest.ResponseRecorder) {
	e, w := echo.New(), httptest.NewRecorder()
	e.Renderer = &web.Renderer{Key: Key}
	c := e.NewContext(r, w)
	c.SetParamNames("resource", "key")
	c.SetParamValues(resource, key)
	return c, w
}

// Pages keeps the page that was rendered last.
type Pages struct {
	Status int
	Page   covet.Page

	t testing.TB
}

// Render keeps a page.
func (p *Pages) Render(_ echo.Context, status int, page covet.Page) error {
	p.Status, p.Page = status, page
	return nil
}

// Document returns the content of the page that was rendered last.
func (p *Pages) Document() *goquery.Document {
	p.t.Helper()
	if p.Page.Content == nil {
		p.t.Fatal("no page was rendered")
	}
	var text strings.Builder
	if err := p.Page.Content.Render(p.t.Context(), &text); err != nil {
		p.t.Fatal(err)
	}
	document, err := goquery.NewDocumentFromReader(strings.NewReader(text.String()))
	if err != nil {
		p.t.Fatal(err)
	}
	return document
}

// Text returns the text of the elements that match a selector on the page that was rendered last.
func (p *Pages) Text(selector string) string {
	p.t.Helper()
	return strings.Join(strings.Fields(p.Document().Find(selector).Text()), " ")
}

// Audit keeps the events of the audit log.
type Audit struct{ Events []audit.Event }

// Record keeps an event.
func (a *Audit) Record(_ context.Context, event audit.Event) error {
	a.Events = append(a.Events, event)
	return nil
}

// Actions returns the actions that were recorded.
func (a *Audit) Actions() []string {
	var list []string
	for _, event := range a.Events {
		list = append(list, event.Action)
	}
	return list
}
