package form_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/form"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
)

// noHistory is a log without events.
type noHistory struct{}

func (noHistory) Changes(context.Context, *meta.Resource, string, int) ([]views.Event, error) {
	return nil, nil
}

type kit struct {
	*admintest.Kit
	forms *form.Forms
	t     *testing.T
}

func newKit(t *testing.T, changes ...func(*meta.Spec)) *kit {
	t.Helper()
	k := admintest.New(t, changes...)
	return &kit{Kit: k, t: t, forms: &form.Forms{
		Registry: k.Registry, Store: k.Store, DB: k.DB, Relations: relation.New(k.Registry, k.Store), History: noHistory{},
		Audit: k.Audit, Pages: k.Pages, Files: k.Files, Log: slog.New(slog.DiscardHandler),
	}}
}

// show renders the form of a post.
func (k *kit) show(id int64) *goquery.Document {
	k.t.Helper()
	c, _ := k.Get("/", "posts", key(id))
	if err := k.forms.Show(c); err != nil {
		k.t.Fatal(err)
	}
	return k.Pages.Document()
}

func key(id int64) string { return strconv.FormatInt(id, 10) }

// version returns what the form of a post remembers.
func (k *kit) version(id int64) string {
	k.t.Helper()
	return k.show(id).Find("input[name=_version]").AttrOr("value", "")
}

// update submits changes of a post. It returns the status: 303 if they are saved.
func (k *kit) update(id int64, version string, form url.Values) int {
	k.t.Helper()
	form.Set("_version", version)
	c, w := k.Submit(form, "posts", key(id))
	k.Pages.Status = 0
	switch err := k.forms.Update(c); {
	case errors.Is(err, gorm.ErrRecordNotFound): // which the kernel answers with 404
		return http.StatusNotFound
	case err != nil:
		return problem.From(err).Status
	}
	if k.Pages.Status != 0 {
		return k.Pages.Status
	}
	return w.Code
}

// create submits a new post.
func (k *kit) create(form url.Values) int {
	k.t.Helper()
	c, w := k.Submit(form, "posts", "")
	k.Pages.Status = 0
	if err := k.forms.Create(c); err != nil {
		return problem.From(err).Status
	}
	if k.Pages.Status != 0 {
		return k.Pages.Status
	}
	return w.Code
}

// saved reads a post that must be there.
func (k *kit) saved(id int64) admintest.Post {
	k.t.Helper()
	post, ok := admintest.Reload[admintest.Post](k.Kit, id)
	if !ok {
		k.t.Fatalf("there is no post %d", id)
	}
	return post
}

// Every kind of field has a control that fits.
func TestControls(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	rating, price := 4.5, decimal.RequireFromString("19.90")
	tags := []admintest.Tag{{Name: "go"}, {Name: "web"}}
	k.Create(&tags[0], &tags[1])
	post.Rating, post.Price, post.Tags = &rating, &price, tags[:1]
	post.PublishedAt = func(at time.Time) *time.Time { return &at }(time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC))
	if err := k.DB.With(t.Context()).Save(post).Error; err != nil {
		t.Fatal(err)
	}
	page := k.show(post.ID)
	for name, want := range map[string]map[string]string{
		"title":        {"type": "text", "value": "One", "maxlength": "200", "aria-required": "true"},
		"homepage":     {"type": "url", "maxlength": "200"},
		"contact":      {"type": "email"},
		"tint":         {"type": "color"},
		"shade":        {"type": "text", "maxlength": "7"}, // browsers have no control for a color or none
		"featured":     {"type": "checkbox", "value": "true"},
		"rating":       {"type": "number", "step": "any", "min": "0", "max": "5", "value": "4.5"},
		"words":        {"type": "number", "min": "0", "value": "0"},
		"size":         {"type": "number", "value": "0"},
		"price":        {"type": "number", "step": "0.01", "value": "19.90"},
		"day":          {"type": "date", "value": ""},
		"code":         {"type": "text"},
		"published_at": {"type": "datetime-local", "step": "1", "value": "2026-03-31T18:30"},
	} {
		input := page.Find(`input[name="` + name + `"]`)
		if input.Length() != 1 {
			t.Errorf("%s: %d inputs", name, input.Length())
		}
		for attr, value := range want {
			if got := input.AttrOr(attr, ""); got != value {
				t.Errorf("%s: %s = %q, want %q", name, attr, got, value)
			}
		}
	}
	for selector, want := range map[string]int{
		"textarea[name=body]": 1, "textarea[name=meta]": 1,
		"select[name=status] option": 2, "select[name=pinned] option": 3, // none, yes, no
		"select[name=author_id] option": 1, "select[name=author_id] option[selected]": 1, "select[name=editor_id] option": 2,
		"input[name=tags][type=checkbox]": 2, "input[name=tags][checked]": 1,
		`input[name=_present][value=tags]`: 1, `input[name=_present][value=featured]`: 1,
		// Keys, times that GORM keeps, bytes and secrets have no control.
		"form.record [name=id]": 0, "[name=created_at]": 0, "[name=updated_at]": 0, "[name=cover]": 0, "[name=secret]": 0,
		"[name=deleted_at]": 0,
	} {
		if got := page.Find(selector).Length(); got != want {
			t.Errorf("%s: %d, want %d", selector, got, want)
		}
	}
	if hint := page.Find("#field-title-hint").Text(); hint != "As in the table of contents." {
		t.Errorf("hint = %q", hint)
	}
}

// A relation with many records is a search; what was chosen stays.
func TestRelationWithManyRecords(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	for i := range 100 {
		k.Create(&admintest.Author{Name: "Writer " + strconv.Itoa(i), Email: strconv.Itoa(i) + "@example.com"})
	}
	page := k.show(post.ID)
	if n := page.Find("select[name=author_id]").Length(); n != 0 {
		t.Error("all of them are options")
	}
	if got := page.Find("[data-combobox]").First().AttrOr("data-combobox", ""); got != "/admin/authors/choices" {
		t.Errorf("the search is at %q", got)
	}
	form := url.Values{
		"_lookup": {"author_id"}, "_find.author_id": {"Writer 77"}, "author_id": {key(post.AuthorID)},
		"title": {"Unsaved"},
	}
	if status := k.update(post.ID, "", form); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	labels := k.Pages.Text("#field-author_id label.check")
	if !strings.Contains(labels, "Writer 77") || !strings.Contains(labels, "Author of One") ||
		strings.Contains(labels, "Writer 78") {
		t.Errorf("options: %s", labels)
	}
	if got := k.Pages.Document().Find("input[name=title]").AttrOr("value", ""); got != "Unsaved" {
		t.Errorf("title = %q", got)
	}
	if k.saved(post.ID).Title != "One" {
		t.Error("a search saves the form")
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	tag := &admintest.Tag{Name: "go"}
	k.Create(tag)
	form := url.Values{
		"title": {"  Two  "}, "body": {" kept \r\nlines"}, "status": {"published"}, "featured": {"true"},
		"pinned": {"false"}, "rating": {"4.5"},
		"words": {"12"}, "price": {"-19.95"}, "day": {"2026-03-31"}, "code": {"123e4567-e89b-42d3-a456-426614174000"},
		"meta":         {`{"a":1}`},
		"published_at": {"2026-03-31T18:30"}, "tags": {key(tag.ID)}, "_present": {"featured", "tags"},
		"id": {"999"}, "secret": {"stolen"}, "created_at": {"2000-01-01T00:00"}, // Threat: mass assignment
	}
	if status := k.update(post.ID, k.version(post.ID), form); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, k.Pages.Text(".summary"))
	}
	got := k.saved(post.ID)
	if got.Title != "Two" || got.Body != " kept \nlines" || got.Status != "published" || !got.Featured || *got.Pinned ||
		*got.Rating != 4.5 || got.Words != 12 ||
		got.Price.String() != "-19.95" || got.Day.String() != "2026-03-31" || got.Meta["a"] != 1.0 ||
		!got.PublishedAt.Equal(time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
	if got.Secret != "" || got.CreatedAt.Year() == 2000 {
		t.Errorf("what no form has was changed: %+v", got)
	}
	if diff := cmp.Diff([]string{"posts.update"}, k.Audit.Actions()); diff != "" {
		t.Error(diff)
	}
	changes, _ := k.Audit.Events[0].Detail["changes"].([]audit.Change)
	want := audit.Change{Field: "Title", Before: "One", After: "Two"}
	if len(changes) != 13 || changes[0] != want {
		t.Errorf("changes: %v", changes)
	}
	// Nothing changed: nothing is written or logged.
	updated := got.UpdatedAt
	if status := k.update(post.ID, k.version(post.ID), url.Values{"title": {"Two"}}); status != http.StatusSeeOther ||
		len(k.Audit.Events) != 1 || !k.saved(post.ID).UpdatedAt.Equal(updated) {
		t.Errorf("status %d, %d events", status, len(k.Audit.Events))
	}
	// A box that is not checked is sent as being there only.
	if k.update(post.ID, k.version(post.ID), url.Values{"_present": {"featured", "tags"}}); k.saved(post.ID).Featured {
		t.Error("featured stays")
	}
	if n := k.DB.With(t.Context()).Model(post).Association("Tags").Count(); n != 0 {
		t.Errorf("%d tags", n)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	version := k.version(post.ID)
	for name, c := range map[string]struct {
		form  url.Values
		field string
	}{
		"required":         {url.Values{"title": {" "}}, "title"},
		"too short":        {url.Values{"title": {"ab"}}, "title"},
		"too long":         {url.Values{"title": {strings.Repeat("x", 201)}}, "title"},
		"no choice":        {url.Values{"status": {"lost"}}, "status"},
		"no number":        {url.Values{"words": {"many"}}, "words"},
		"beyond the range": {url.Values{"rating": {"5.5"}}, "rating"},
		"beyond the type":  {url.Values{"words": {"2147483648"}}, "words"},
		"beyond digits":    {url.Values{"price": {"123456789.00"}}, "price"},
		"below zero":       {url.Values{"size": {"-1"}}, "size"},
		"no date":          {url.Values{"day": {"2026-02-30"}}, "day"},
		"no time":          {url.Values{"published_at": {"soon"}}, "published_at"},
		"no UUID":          {url.Values{"code": {"123"}}, "code"},
		"no JSON":          {url.Values{"meta": {"{"}}, "meta"},
		"no e-mail":        {url.Values{"contact": {"ada"}}, "contact"},
		"no such author":   {url.Values{"author_id": {"999"}}, "author_id"},
		"no key":           {url.Values{"author_id": {"ada"}}, "author_id"},
		"no such tag":      {url.Values{"tags": {"999"}, "_present": {"tags"}}, "tags"},
	} {
		c.form.Set("body", "unsaved")
		if status := k.update(post.ID, version, c.form); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, status)
			continue
		}
		if got := k.Pages.Text("#field-" + c.field + "-error"); got == "" {
			t.Errorf("%s: the field says nothing: %s", name, k.Pages.Text(".summary"))
		}
		if n := k.Pages.Document().Find("p.error").Length(); n != 1 {
			t.Errorf("%s: %d faults: %s", name, n, k.Pages.Text(".summary"))
		}
		if got := k.Pages.Document().Find("textarea[name=body]").Text(); !strings.Contains(got, "unsaved") {
			t.Errorf("%s: what was typed is lost", name)
		}
	}
	if got := k.saved(post.ID); got.Body != "" || len(k.Audit.Events) != 0 {
		t.Errorf("something was saved: %+v, %v", got, k.Audit.Actions())
	}
}

// What another user changed meanwhile is not overwritten without notice, and nothing that was typed is lost.
func TestConflict(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	version := k.version(post.ID)
	if status := k.update(post.ID, version, url.Values{"title": {"Theirs"}, "body": {"Their body"}}); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	mine := url.Values{"title": {"Mine"}, "body": {""}, "words": {"7"}}
	if status := k.update(post.ID, version, mine); status != http.StatusConflict {
		t.Fatalf("status %d", status)
	}
	if got := k.saved(post.ID); got.Title != "Theirs" || got.Words != 0 {
		t.Errorf("saved: %+v", got)
	}
	if got := k.Pages.Text(".summary tbody"); got != "TitleTheirsMineBodyTheir bodyTheir body" {
		t.Errorf("the differences are %q", got)
	}
	page := k.Pages.Document()
	if title, body := page.Find("input[name=title]").AttrOr("value", ""), strings.TrimSpace(page.Find("textarea[name=body]").Text()); title != "Mine" || body != "Their body" {
		t.Errorf("the form has %q and %q", title, body)
	}
	if words := page.Find("input[name=words]").AttrOr("value", ""); words != "7" {
		t.Errorf("words = %q", words)
	}
	// Saving again keeps the form as it is.
	again := page.Find("input[name=_version]").AttrOr("value", "")
	if status := k.update(post.ID, again, url.Values{"title": {"Mine"}, "body": {"Their body"}, "words": {"7"}}); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if got := k.saved(post.ID); got.Title != "Mine" || got.Body != "Their body" || got.Words != 7 {
		t.Errorf("saved: %+v", got)
	}
	for _, forged := range []string{"", "{}", "null", "[]", "{"} {
		if status := k.update(post.ID, forged, url.Values{"title": {"Forged"}}); status != http.StatusConflict {
			t.Errorf("version %q: status %d", forged, status)
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) { s.Hidden = []string{"Contact"} })
	author := k.Post("One").AuthorID
	c, _ := k.Get("/", "posts", "")
	if err := k.forms.New(c); err != nil {
		t.Fatal(err)
	}
	if got := k.Pages.Document().Find("form.record").AttrOr("action", ""); got != "/admin/posts/new" ||
		k.Pages.Page.Title != "New post" {
		t.Errorf("%q posts to %q", k.Pages.Page.Title, got)
	}
	form := url.Values{"title": {"Fresh"}, "status": {"draft"}, "author_id": {key(author)}, "words": {"0"}, "size": {"0"}}
	if status := k.create(form); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, k.Pages.Text(".summary"))
	}
	var post admintest.Post
	if err := k.DB.With(t.Context()).Where("title = ?", "Fresh").First(&post).Error; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"posts.create"}, k.Audit.Actions()); diff != "" {
		t.Error(diff)
	}
	for name, change := range map[string]func(){
		"the resource": func() { k.Forbidden = []string{"posts.create"} },
		"the record": func() {
			k.Denies = func(action string, record any) bool {
				p, ok := record.(*admintest.Post)
				return ok && p.Title == "Fresh"
			}
		},
	} {
		k.Forbidden, k.Denies = nil, nil
		change()
		if status := k.create(form); status != http.StatusForbidden {
			t.Errorf("without the permission for %s: %d", name, status)
		}
	}
	k.Forbidden, k.Denies = nil, nil
	if status := k.create(url.Values{}); status != http.StatusUnprocessableEntity ||
		!strings.Contains(k.Pages.Text(".summary"), "Title") {
		t.Errorf("an empty form: %d %s", status, k.Pages.Text(".summary"))
	}
}

// What the database refuses is explained on the form.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Create(&admintest.Author{Name: "Ada", Email: "ada@example.com"})
	c, _ := k.Submit(url.Values{"name": {"Other"}, "email": {"ada@example.com"}}, "authors", "")
	if err := k.forms.Create(c); err != nil {
		t.Fatal(err)
	}
	if k.Pages.Status != http.StatusUnprocessableEntity || !strings.Contains(k.Pages.Text(".summary"), "unique") {
		t.Errorf("%d %s", k.Pages.Status, k.Pages.Text(".summary"))
	}
}
