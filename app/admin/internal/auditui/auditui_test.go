package auditui_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/auditui"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/admin/internal/views"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/models"
)

// log is an audit log in memory. It keeps what it was asked for.
type log struct {
	*store.Store
	entries             []store.Entry
	subject, permission string
	limit               int
	fail                error
}

func (l *log) History(_ context.Context, subject, permission string, limit int) ([]store.Entry, error) {
	l.subject, l.permission, l.limit = subject, permission, limit
	return l.entries, l.fail
}

func entry(action, subject string, changes ...audit.Change) store.Entry {
	return store.Entry{Changes: changes, AuditEntry: models.AuditEntry{
		Action: action, Subject: subject, ActorID: "1", ActorName: "Ada", Address: "192.0.2.7", Detail: `{"source":"import"}`,
		CreatedAt: time.Date(2026, 3, 31, 18, 30, 5, 0, time.UTC),
	}}
}

func newLog(t *testing.T, entries ...store.Entry) (*admintest.Kit, *log, *auditui.Audit) {
	t.Helper()
	k := admintest.New(t, func(s *meta.Spec) { s.Hidden = []string{"Contact"} })
	l := &log{Store: k.Store, entries: entries}
	return k, l, auditui.New(k.Registry, l, k.Pages)
}

func TestRecentActivity(t *testing.T) {
	t.Parallel()
	k, l, a := newLog(t, entry("posts.update", "posts:1", audit.Change{Field: "Title", Before: "One", After: nil}),
		entry("auth.login", "accounts:1"))
	k.Post("First")
	render := func() string {
		component, err := a.Section().Widgets[0].Render(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		k.Pages.Page.Content = component
		return k.Pages.Text("body")
	}
	got := render()
	for _, want := range []string{
		"Ada changed the post First", "31 March 2026, 18:30:05 · from 192.0.2.7", "TitleOne removed", "Ada signed in", "Sourceimport",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	if link := k.Pages.Document().Find("a"); link.Length() != 1 || link.AttrOr("href", "") != "/admin/posts/1" {
		t.Errorf("links: %d, %q", link.Length(), link.AttrOr("href", ""))
	}
	if l.subject != "" || l.permission != "" || l.limit == 0 {
		t.Errorf("asked for %q %q %d", l.subject, l.permission, l.limit)
	}
	k.Forbidden = []string{"posts.read"}
	if render(); k.Pages.Document().Find("a").Length() != 0 {
		t.Error("a link to what may not be read")
	}
	l.entries = nil
	if got := render(); got != "Nothing has been recorded yet." {
		t.Errorf("an empty log says %q", got)
	}
	l.fail = errors.New("down")
	if _, err := a.Section().Widgets[0].Render(t.Context(), nil); !errors.Is(err, l.fail) {
		t.Errorf("error = %v", err)
	}
}

// Threat: the history shows values of fields that the user may not see, written by others.
func TestHiddenValues(t *testing.T) {
	t.Parallel()
	k, _, a := newLog(t, entry("posts.update", "posts:7",
		audit.Change{Field: "Title", Before: "One", After: "Two"}, audit.Change{Field: "Secret", Before: "s1", After: "s2"},
		audit.Change{Field: "Contact", Before: "c1", After: "c2"}, audit.Change{Field: "AuthorID", Before: "7", After: "8"},
		audit.Change{Field: "Unknown", Before: "u1", After: strings.Repeat("x", 500)},
	))
	shown := func() map[string]string {
		events, err := a.Changes(t.Context(), k.Posts, "7", 5)
		if err != nil || len(events) != 1 {
			t.Fatalf("%v %v", events, err)
		}
		got := map[string]string{}
		for _, change := range events[0].Changes {
			got[change.Field] = change.Before + " → " + change.After
		}
		return got
	}
	got := shown()
	for field, want := range map[string]string{"Title": "One → Two", "Secret": "(hidden) → (changed)", "Contact": "(hidden) → (changed)", "Author": "Author 7 → Author 8"} {
		if got[field] != want {
			t.Errorf("%s: %q, want %q", field, got[field], want)
		}
	}
	if n := len([]rune(got["Unknown"])); n > 140 {
		t.Errorf("a value of %d characters", n)
	}
	k.Forbidden = []string{"authors.read"}
	if got := shown()["Author"]; got != "(hidden) → (changed)" {
		t.Errorf("the key of an author that may not be read: %q", got)
	}
}

// Threat: a user who may read a record learns from its history what only the log is for.
func TestChangesWithoutTheLog(t *testing.T) {
	t.Parallel()
	k, l, a := newLog(t, entry("posts.update", "posts:7", audit.Change{Field: "Title", Before: "One", After: "Two"}),
		entry("posts.import", "posts:7"))
	k.Forbidden = []string{"audit.read"}
	events, err := a.Changes(t.Context(), k.Posts, "7", 5)
	if err != nil || len(events) != 1 || events[0].Text != views.Who+" changed this post." || events[0].Address != "" ||
		len(events[0].Details) > 0 {
		t.Errorf("%+v %v", events, err)
	}
	if l.subject != "posts:7" || l.permission != "posts" || l.limit != 5 {
		t.Errorf("asked for %q %q %d", l.subject, l.permission, l.limit)
	}
	k.Forbidden = nil
	if events, err = a.Changes(t.Context(), k.Posts, "7", 5); err != nil || len(events) != 2 ||
		events[1].Address != "192.0.2.7" || l.permission != "" {
		t.Errorf("with the log: %+v %v", events, err)
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	k, _, a := newLog(t, entry("posts.update", "posts:1", audit.Change{Field: "Title", Before: "One", After: "Two"}))
	k.Post("One")
	history := func(resource, key string) error {
		c, _ := k.Get("/", resource, key)
		return a.History(c)
	}
	if err := history("posts", "1"); err != nil || k.Pages.Page.Title != "History of One" ||
		!strings.Contains(k.Pages.Text(".events"), "Ada changed this post") {
		t.Errorf("%v: %q", err, k.Pages.Page.Title)
	}
	if crumbs := k.Pages.Page.Breadcrumbs; len(crumbs) != 3 || crumbs[1].URL != "/admin/posts/1" ||
		crumbs[2].URL != "/admin/posts/1/history" {
		t.Errorf("breadcrumbs: %v", crumbs)
	}
	if err := history("posts", "999"); err != nil || k.Pages.Page.Title != "History of post 999" {
		t.Errorf("of a record that is gone: %v %q", err, k.Pages.Page.Title)
	}
	k.Forbidden = []string{"audit.read"}
	if err := history("posts", "999"); !errors.Is(err, gorm.ErrRecordNotFound) {
		t.Errorf("of a record that is gone, without the log: %v", err)
	}
	k.Denies = func(string, any) bool { return true }
	if err := history("posts", "1"); err == nil || problem.From(err).Status != http.StatusForbidden {
		t.Errorf("of a record that may not be read: %v", err)
	}
	k.Forbidden = []string{"posts.read"}
	if err := history("posts", "1"); err == nil || problem.From(err).Status != http.StatusForbidden {
		t.Errorf("of a resource that may not be read: %v", err)
	}
	if err := history("posts", "x"); err == nil {
		t.Error("an invalid key is accepted")
	}
}

// Records and values are named, not their keys.
func TestSentences(t *testing.T) {
	t.Parallel()
	k, l, a := newLog(t)
	one := k.Post("One")
	editor := &admintest.Author{Name: "Grace", Email: "grace@example.com"}
	k.Create(editor, &admintest.Tag{Name: "wool"}, &admintest.Tag{Name: "silk"}, &admintest.Tag{Name: "linen"})
	change := func(field string, before, after any) audit.Change {
		return audit.Change{Field: field, Before: before, After: after}
	}
	l.entries = []store.Entry{
		entry("posts.update", "posts:1", change("AuthorID", "1", "2"), change("EditorID", "", "999"), change("Tags", "1, 2", "1, 3"),
			change("Status", "draft", "published"), change("Price", "5", "5.5"), change("Featured", "false", "true"),
			change("PublishedAt", "", "2026-03-31T18:30"), change("Day", "2026-03-31", "")),
		entry("posts.delete", "posts:77"), entry("posts.print", "posts:1"), entry("posts.export", "posts"),
		entry("auth.login_failed", "accounts:7"), entry("jobs.pause", "queues:mail"), entry("shop.refund", "shop:9"),
	}
	l.entries[1].Detail = `{"title":"An old one"}`
	l.entries[3].Detail = `{"query":"q=wool&filter.status=draft"}`
	l.entries[4].ActorID, l.entries[4].ActorName, l.entries[4].Detail = "", "", `{"remember":false,"n":3,"list":["a",true]}`
	component, err := a.Section().Widgets[0].Render(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	k.Pages.Page.Content = component
	got := k.Pages.Text("body")
	for _, want := range []string{
		"AuthorAuthor of " + one.Title + " changed to Grace", "EditorAuthor 999", "Tagsadded linen; removed silk",
		"StatusDraft changed to Published", "Price5.00 changed to 5.50", "FeaturedNo changed to Yes", "Published at31 March 2026, 18:30",
		"Day31 March 2026 removed", "Ada deleted the post An old one", "Ada did “Print” to the post One",
		"Ada exported posts", "ListStatus: draft, Search: wool", "A visitor failed to sign in as account 7",
		"Stay signed inNo", "Lista, Yes", "N3", "Ada paused queue mail", "Ada did “shop.refund” to shop 9",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
	for _, raw := range []string{"{", "posts:", "draft →"} {
		if strings.Contains(got, raw) {
			t.Errorf("%q is in %q", raw, got)
		}
	}
}
