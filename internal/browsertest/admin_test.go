package browsertest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/labstack/echo/v4"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// The models of a library, with each control that the admin has.
type (
	Writer struct {
		ID    int64
		Name  string `gorm:"size:100;not null" required:"true"`
		Books []Book
	}
	Subject struct {
		ID   int64
		Name string `gorm:"size:50;not null" required:"true"`
	}
	Book struct {
		ID         int64
		Title      string    `gorm:"size:200;not null" required:"true" doc:"As on the cover."`
		Blurb      string    `gorm:"type:text"`
		State      string    `gorm:"size:20;not null;index" enum:"ordered,lent,here" required:"true"`
		Site       string    `gorm:"size:200" format:"uri"`
		Fragile    bool      `gorm:"not null"`
		Price      *float64  `minimum:"0"`
		Pages      int       `gorm:"not null"`
		WriterID   int64     `gorm:"not null;index"`
		Writer     *Writer   `gorm:"constraint:OnDelete:RESTRICT"`
		Subjects   []Subject `gorm:"many2many:book_subjects"`
		AcquiredAt *time.Time
		CreatedAt  time.Time
		DeletedAt  gorm.DeletedAt
	}
	Librarian struct{ covetmodels.User }
)

// library runs an application and signs in an administrator with all permissions.
func library(t *testing.T) *covet.App {
	t.Helper()
	dir := t.TempDir()
	cfg := covet.Config{Port: 0, Database: database.Config{URL: "sqlite:" + dir + "/app.db"}, SecretKey: "only-for-tests-0123456789-abcdefghijklmnop"}
	cfg.App.Name, cfg.App.Env, cfg.App.DataDir, cfg.Log.Level = "Library", "test", dir, "error"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}}})
	if err != nil {
		t.Fatal(err)
	}
	actor := identity.Actor{ID: "librarian", Name: "Ada Lovelace", Permissions: []string{"*"}}
	a.Echo.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.SetRequest(c.Request().WithContext(identity.With(c.Request().Context(), actor)))
			return next(c)
		}
	})
	covetjobs.Register[Notify](a.Jobs, struct{}{})
	a.Jobs.Schedule("daily-digest", "CRON_TZ=Europe/Berlin 30 7 * * 1-5", Notify{})
	a.Jobs.Schedule("sweep", "@every 10m", Notify{}, covetjobs.SkipOverlap())
	m := admin.New(admin.Config{PerPage: 12}, admin.Options{})
	admin.Register(m, admin.Resource[Book]{
		Fieldsets: []admin.Fieldset{
			{Fields: []string{"Title", "Blurb", "WriterID", "Subjects"}},
			{Title: "Copy", Description: "What is on the shelf.", Fields: []string{"State", "Fragile", "Price", "Pages", "AcquiredAt", "Site", "CreatedAt"}},
		},
		Actions: []admin.Action[Book]{{Name: "lend", Run: func(context.Context, []*Book) (string, error) { return "Lent.", nil }}},
	})
	admin.Register(m, admin.Resource[Writer]{})
	admin.Register(m, admin.Resource[Subject]{})
	admin.Accounts[Librarian](m, admin.AccountsOptions[Librarian]{Manager: noManager{}})
	if err := a.Use(m); err != nil {
		t.Fatal(err)
	}
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	stock(t, a)
	if err := a.Start(t.Context(), covet.Roles{Web: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop(context.Background()) })
	return a
}

// stock fills the tables: writers enough for a search, books enough for pages.
func stock(t *testing.T, a *covet.App) {
	t.Helper()
	db := a.DB.With(t.Context())
	tables := []any{
		&Writer{}, &Subject{}, &Book{}, &covetmodels.Role{}, &Librarian{}, &covetmodels.RolePermission{}, &covetmodels.UserRole{},
		&covetmodels.Session{}, &covetmodels.AccessToken{},
	}
	var writers []Writer
	for i := range 150 {
		writers = append(writers, Writer{Name: fmt.Sprintf("Writer %d", i+1)})
	}
	subjects := []Subject{{Name: "Poetry"}, {Name: "Science"}, {Name: "Travel"}}
	for i := range 40 {
		subjects = append(subjects, Subject{Name: fmt.Sprintf("Subject %d", i+1)})
	}
	price := 12.5
	now := time.Now().UTC()
	var books []Book
	for i := range 30 {
		books = append(books, Book{
			Title: fmt.Sprintf("A book with a rather long title, number %d", i+1), State: []string{"ordered", "lent", "here"}[i%3], WriterID: int64(i + 1),
			Pages: 100 + i, Price: &price, AcquiredAt: &now, Blurb: "Once upon a time.",
		})
	}
	role := covetmodels.Role{Name: "admin", Description: "May do everything", Permissions: []covetmodels.RolePermission{{Permission: "*"}}}
	user := Librarian{User: covetmodels.User{Email: "ada@example.com", Roles: []covetmodels.Role{role}}}
	for _, err := range []error{
		db.AutoMigrate(tables...), db.Create(&writers).Error, db.Create(&subjects).Error, db.Create(&books).Error, db.Create(&user).Error,
		db.Create(&covetmodels.Session{UserID: 1, TokenHash: "x", UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", Address: "203.0.113.7"}).Error,
		db.Create(&covetmodels.AccessToken{UserID: 1, TokenHash: "x", Name: "CI", Hint: "cvt_abc", Scopes: "*"}).Error,
		stockJobs(a, now),
		a.Audit.Record(t.Context(), audit.Event{Action: "books.update", Subject: "books:1", Detail: map[string]any{
			"changes": []audit.Change{{Field: "Title", Before: "A book", After: "A book with a rather long title, number 1"}},
		}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestAdmin looks at every page of the admin.
func TestAdmin(t *testing.T) {
	t.Parallel()
	a := library(t)
	url := a.LocalURL()
	inLooks(t, func(t *testing.T, b *browser) {
		pages := map[string]string{
			"dashboard": "/admin", "list": "/admin/books", "list-filtered": "/admin/books?q=rather&filter.state=lent", "list-nothing": "/admin/books?q=nothing",
			"list-deleted": "/admin/books?deleted=1", "record": "/admin/books/1", "new": "/admin/books/new", "history": "/admin/books/1/history",
			"writer": "/admin/writers/1", "users": "/admin/users", "user": "/admin/users/1", "roles": "/admin/roles", "role": "/admin/roles/1",
			"sessions": "/admin/sessions", "session": "/admin/sessions/1", "tokens": "/admin/access-tokens", "audit": "/admin/audit",
			"jobs": "/admin/jobs", "jobs-failed": "/admin/jobs/list", "jobs-all": "/admin/jobs/list?state=all&queue=default",
			"jobs-week": "/admin/jobs?range=week", "jobs-none": "/admin/jobs/list?state=cancelled", "jobs-no-match": "/admin/jobs/list?queue=imports",
			"job": "/admin/jobs/01900000-0000-7000-8000-000000000001", "schedules": "/admin/jobs/schedules",
		}
		for name, path := range pages {
			b.visit(url + path)
			b.inspect("admin-" + name)
			b.eachWay(b.legible)
		}
		b.visit(url + "/admin/books")
		b.colours()
		b.run(
			chromedp.Click(chromedp.CSS("tbody input[type=checkbox]")),
			chromedp.SetValue(chromedp.CSS("#bulk-action"), "delete"),
			chromedp.Click(chromedp.CSS(".bulk .button")),
			chromedp.WaitVisible(chromedp.CSS("main form .danger")),
		)
		b.inspect("admin-confirm")
		b.visit(url + "/admin/books/new")
		b.press(".bottom .button", ".summary")
		b.waitFor(`document.activeElement.id === "field-title"`)
		b.inspect("admin-faulty")
		b.eachWay(func() { b.menu(url) })
		b.conflict(url, a)
		b.quiet("/admin/books/new", "/admin/writers/2")
	})
}

// menu opens the navigation where it is a menu, and shows the current page in it.
func (b *browser) menu(url string) {
	b.t.Helper()
	b.visit(url + "/admin/books")
	if ask(b, chromedp.Evaluate[bool](`getComputedStyle(document.querySelector(".menu")).display === "none"`)) {
		b.waitFor(`document.querySelector("#side a[aria-current=page]").checkVisibility()`)
		return
	}
	b.waitFor(`!document.querySelector("#side").checkVisibility()`)
	b.run(chromedp.Click(chromedp.CSS(".menu")))
	b.waitFor(`document.querySelector("#side:popover-open a[aria-current=page]").textContent === "Books"`)
	b.accessible("admin-menu")
	b.picture("admin-menu")
	b.keys(kb.Escape)
	b.waitFor(`!document.querySelector("#side").checkVisibility()`)
}

// conflict saves a form after another user has.
func (b *browser) conflict(url string, a *covet.App) {
	b.t.Helper()
	b.visit(url + "/admin/writers/2")
	if err := a.DB.With(b.t.Context()).Model(&Writer{}).Where("id = 2").Update("name", "Changed for "+b.look.name).Error; err != nil {
		b.t.Fatal(err)
	}
	b.run(
		chromedp.SetValue(chromedp.CSS("#field-name"), "Mine"),
		chromedp.Click(chromedp.CSS(".bottom .button")),
		chromedp.WaitVisible(chromedp.CSS("del")),
	)
	b.inspect("admin-conflict")
}

// TestAdminByKeyboard uses what the script adds: the way to the search, the choice of a relation, the selection of
// rows, and the question before a job is deleted.
func TestAdminByKeyboard(t *testing.T) {
	t.Parallel()
	a := library(t)
	url := a.LocalURL()
	b := newBrowser(t, looks[0])

	b.visit(url + "/admin/books")
	b.keys("/")
	b.waitFor(`document.activeElement.id === "q"`)
	b.run(chromedp.Click(chromedp.CSS("thead input[type=checkbox]")))
	b.waitFor(`document.querySelector("[data-chosen]").textContent === "12 selected"`)

	b.visit(url + "/admin/books/1")
	b.fill("[role=combobox]", "Writer 77")
	b.waitFor(`document.querySelectorAll("[role=option]").length > 0 && document.querySelector("[role=option]").textContent === "Writer 77"`)
	b.inspect("admin-combobox")
	b.keys(kb.ArrowDown)
	b.waitFor(`document.querySelector("[role=option][aria-selected=true]") !== null`)
	b.keys("\r")
	b.waitFor(`document.querySelector("input[name=writer_id]").value === "77"`)
	b.pressTwice(".bottom .button", ".flash") // sends the form once
	b.fill("#field-subjects[role=combobox]", "Subject 33")
	b.waitFor(`document.querySelector("#field-subjects-list [role=option]")?.textContent === "Subject 33"`)
	b.keys(kb.ArrowDown)
	b.keys("\r")
	b.waitFor(`document.querySelector('input[name=subjects][value="36"]')?.checked === true`)
	b.press(".bottom .button", ".flash")
	if n := a.DB.With(t.Context()).Model(&Book{ID: 1}).Association("Subjects").Count(); n != 1 {
		t.Errorf("the book has %d subjects", n)
	}
	b.visit(url + "/admin/books")
	b.run(chromedp.Click(chromedp.CSS("[data-all]")))
	b.waitFor(`document.querySelectorAll("tbody input:checked").length === 12`)
	b.run(chromedp.Click(chromedp.CSS(".filters summary")))
	b.fill(".filters [role=combobox]", "Writer 9")
	b.waitFor(`document.querySelector(".filters [role=option]")?.textContent === "Writer 9"`)
	b.keys(kb.ArrowDown)
	b.keys("\r")
	b.press(".filter-grid .tools .button", ".chip")
	if got := b.text(".chips"); !strings.Contains(got, "Writer: Writer 9") {
		t.Errorf("the filters in force are %q", got)
	}
	var book Book
	if err := a.DB.With(t.Context()).First(&book, 1).Error; err != nil || book.WriterID != 77 {
		t.Errorf("the writer is %d, %v", book.WriterID, err)
	}

	b.visit(url + "/admin/jobs/01900000-0000-7000-8000-000000000001")
	b.press("main .danger", "dialog")
	b.inspect("admin-dialog")
	b.press("dialog .danger", ".flash")
	if got := b.text("main"); !strings.Contains(got, "The job has been deleted.") {
		t.Errorf("the page says %q", got)
	}
	b.quiet("/admin/jobs/01900000-0000-7000-8000-000000000001") // which may be asked for once more, to be brought up to date
}

// keys types into the element that has the focus.
func (b *browser) keys(text string) {
	b.t.Helper()
	b.run(chromedp.KeyEvent(text))
}

// fill replaces the text of a field by typing. A browser drops keys that arrive before it has painted the page, so the
// text is typed until the field holds it.
func (b *browser) fill(selector, text string) {
	b.t.Helper()
	const focus = `(field => field !== null && (field.focus(), field.select(), document.activeElement === field))(document.querySelector(%q))`
	const holds = `document.querySelector(%q)?.value === %q`
	for range 10 {
		b.waitFor(fmt.Sprintf(focus, selector))
		b.keys(text)
		if ask(b, chromedp.Evaluate[bool](fmt.Sprintf(holds, selector, text))) {
			return
		}
	}
	b.t.Fatalf("typing %q does not fill %s", text, selector)
}

// press clicks something, and waits for something to appear, which may be on another page.
func (b *browser) press(selector, appears string) {
	b.t.Helper()
	b.click(selector, appears, "it.click()")
}

// pressTwice is press with a double click, as some users make on every button.
func (b *browser) pressTwice(selector, appears string) {
	b.t.Helper()
	b.click(selector, appears, "(it.click(), it.click())")
}

// click runs a script that clicks an element, once in a document: the page that is left may take the result along.
func (b *browser) click(selector, appears, script string) {
	b.t.Helper()
	b.clicks++
	const mark = `(it => it !== null && (document.clicking = %d) > 0)(document.querySelector(%q))`
	b.waitFor(fmt.Sprintf(mark, b.clicks, selector))
	const click = `document.clicking !== %[1]d || document.clicked === %[1]d ||
		(it => (document.clicked = %[1]d) > 0 && setTimeout(() => %[3]s) > 0)(document.querySelector(%[2]q))`
	b.waitFor(fmt.Sprintf(click, b.clicks, selector, script))
	b.waitFor(fmt.Sprintf(`document.querySelector(%q) !== null`, appears))
}

// waitFor waits until an expression of the page is true. While one page follows another there is none to ask.
func (b *browser) waitFor(expression string) {
	b.t.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(2 * time.Minute); ; <-tick.C {
		ctx, cancel := context.WithTimeout(b.ctx, actionTimeout)
		truth, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		cancel()
		if err == nil && truth {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("it does not become true: %s", expression)
		}
	}
}

// noManager takes the place of package auth: no test here changes an account.
type noManager struct{}

func (noManager) AccountChanged(context.Context, *covetmodels.User, *covetmodels.User) error {
	return nil
}
func (noManager) AccountDeleting(context.Context, *covetmodels.User) error { return nil }
func (noManager) SendPasswordLink(context.Context, string) error           { return nil }
