package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/bulk"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
)

type kit struct {
	*admintest.Kit
	changes  *bulk.Changes
	location string // of the last redirect
}

func newKit(t *testing.T, changes ...func(*meta.Spec)) *kit {
	t.Helper()
	k := admintest.New(t, changes...)
	return &kit{Kit: k, changes: &bulk.Changes{
		Registry: k.Registry, Store: k.Store, DB: k.DB, Audit: k.Audit, Pages: k.Pages, Files: k.Files,
		Log: slog.New(slog.DiscardHandler),
	}}
}

// do submits a change of posts. It returns the status: 303 if it is done.
func (k *kit) do(form url.Values) int {
	c, w := k.Submit(form, "posts", "")
	k.Pages.Status = 0
	if err := k.changes.Handle(c); err != nil {
		return problem.From(err).Status
	}
	k.location = w.Header().Get("Location")
	if k.Pages.Status != 0 {
		return k.Pages.Status
	}
	return w.Code
}

func form(action string, ids ...int64) url.Values {
	f := url.Values{"_action": {action}, "_confirmed": {"1"}}
	for _, id := range ids {
		f.Add("id", strconv.FormatInt(id, 10))
	}
	return f
}

func TestDeleteRestoreDestroy(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	one, two := k.Post("One"), k.Post("Two")
	k.Create(&admintest.Comment{PostID: one.ID, Text: "First"})
	ask := form("delete", one.ID, two.ID)
	ask.Del("_confirmed")
	if status := k.do(ask); status != http.StatusOK || k.Pages.Page.Title != "Delete 2 posts" {
		t.Fatalf("%d %q", status, k.Pages.Page.Title)
	}
	if got := k.Pages.Text("main, form"); !strings.Contains(got, "You can restore them later.") || !strings.Contains(got, "One") ||
		!strings.Contains(got, "Two") {
		t.Errorf("the question is %q", got)
	}
	if post, _ := admintest.Reload[admintest.Post](k.Kit, one.ID); post.DeletedAt.Valid {
		t.Fatal("deleted before it was confirmed")
	}
	for _, step := range []struct {
		action        string
		there, marked bool
	}{{"delete", true, true}, {"restore", true, false}, {"delete", true, true}, {"destroy", false, false}} {
		if status := k.do(form(step.action, one.ID, two.ID)); status != http.StatusSeeOther || k.location != "/admin/posts" {
			t.Fatalf("%s: %d to %s", step.action, status, k.location)
		}
		post, there := admintest.Reload[admintest.Post](k.Kit, one.ID)
		if there != step.there || post.DeletedAt.Valid != step.marked {
			t.Errorf("after %s: there %t, marked %t", step.action, there, post.DeletedAt.Valid)
		}
	}
	want := strings.Fields(strings.Repeat("posts.delete ", 2) + strings.Repeat("posts.restore ", 2) + strings.Repeat("posts.delete ", 2) + strings.Repeat("posts.destroy ", 2))
	if diff := cmp.Diff(want, k.Audit.Actions()); diff != "" {
		t.Error(diff)
	}
}

func TestConsequences(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	k.Create(&admintest.Comment{PostID: post.ID, Text: "First"}, &admintest.Comment{PostID: post.ID, Text: "Second"})
	ask := form("destroy", post.ID)
	ask.Del("_confirmed")
	k.do(ask)
	if got := k.Pages.Text(".consequences"); !strings.Contains(got, "2 comments will also be deleted.") ||
		k.Pages.Document().Find(`.consequences a[href="/admin/comments/1"]`).Length() != 1 {
		t.Errorf("consequences: %q", got)
	}
	k.Forbidden = []string{"comments.read"}
	k.do(ask)
	if got := k.Pages.Text(".consequences li"); got != "Other data that belongs to these records will also be deleted." {
		t.Errorf("the page tells of records that the user may not read: %q", got)
	}
}

// What is deleted for good takes its files along.
func TestFilesOfTheDeleted(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	if err := k.Files.Put(t.Context(), "posts/one.png", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := k.DB.With(t.Context()).Model(post).Update("photo", "posts/one.png").Error; err != nil {
		t.Fatal(err)
	}
	if status := k.do(form("delete", post.ID)); status != http.StatusSeeOther || !k.Stored("posts/one.png") {
		t.Errorf("after a deletion that can be undone: %d", status)
	}
	if status := k.do(form("destroy", post.ID)); status != http.StatusSeeOther || k.Stored("posts/one.png") {
		t.Errorf("after a deletion for good: %d", status)
	}
}

// What is deleted for good takes its links along, and what others link to is named.
func TestLinksOfTheDeleted(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	post := k.Post("One")
	tag := &admintest.Tag{Name: "wool"}
	k.Create(tag)
	links := k.Posts.Field("Tags")
	if err := k.Store.SetLinks(t.Context(), k.Posts, links, post, nil, []string{"1"}); err != nil {
		t.Fatal(err)
	}
	ask := form("destroy", post.ID)
	ask.Del("_confirmed")
	if k.do(ask); k.Pages.Document().Find(".confirm .summary, .consequences").Length() != 0 {
		t.Errorf("its own links are named: %s", k.Pages.Text(".confirm"))
	}
	if status := k.do(form("destroy", post.ID)); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, k.Pages.Text(".confirm"))
	}
	if left, err := k.Store.Links(t.Context(), k.Posts, links, post); err != nil || len(left) != 0 {
		t.Errorf("links that are left: %q %v", left, err)
	}
}

// All records that match a list are changed, as long as the list stays the same.
func TestSelectAll(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for i := range 30 {
		k.Post(fmt.Sprintf("Post %d", i))
	}
	k.DB.With(t.Context()).Model(&admintest.Post{}).Where("id <= 25").Update("status", "published")
	all := url.Values{"_action": {"delete"}, "_all": {"1"}, "_selection": {"filter.status=published"}, "_back": {"/admin/posts"}}
	if status := k.do(all); status != http.StatusOK || k.Pages.Page.Title != "Delete 25 posts" {
		t.Fatalf("%d %q", status, k.Pages.Page.Title)
	}
	if got := k.Pages.Text("form.confirm"); !strings.Contains(got, "and 5 more") {
		t.Errorf("the question is %q", got)
	}
	all.Set("_confirmed", "1")
	all.Set("_count", "24")
	if status := k.do(all); status != http.StatusConflict {
		t.Errorf("another number of records: %d", status)
	}
	all.Set("_count", "25")
	if status := k.do(all); status != http.StatusSeeOther {
		t.Errorf("%d %s", status, k.Pages.Text(".summary"))
	}
	if n, err := k.Store.Count(t.Context(), k.Posts); err != nil || n != 5 {
		t.Errorf("%d are left: %v", n, err)
	}
	for _, selection := range []string{"filter.secret=x", "sort=secret", "%"} {
		all.Set("_selection", selection)
		if status := k.do(all); status != http.StatusBadRequest {
			t.Errorf("%q: %d", selection, status)
		}
	}
}

// An action that makes no sense for a record leaves it out, and is refused if none is left.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	var done []any
	k := newKit(t, func(s *meta.Spec) {
		s.Actions = []meta.Action{{Name: "publish", Label: "Publish", Run: func(_ context.Context, records []any) (string, error) {
			done = append(done, records...)
			return "Published.", nil
		}}}
		s.Senseless = map[string]func(context.Context, any) string{"publish": func(_ context.Context, record any) string {
			if record.(*admintest.Post).Status == "published" {
				return "It is published already."
			}
			return ""
		}}
	})
	one, two := k.Post("One"), k.Post("Two")
	k.DB.With(t.Context()).Model(one).Update("status", "published")
	if status := k.do(form("publish", one.ID)); status != http.StatusConflict || len(done) != 0 {
		t.Errorf("%d, done with %d", status, len(done))
	}
	if status := k.do(form("publish", one.ID, two.ID)); status != http.StatusSeeOther || len(done) != 1 ||
		done[0].(*admintest.Post).ID != two.ID {
		t.Errorf("%d, done with %d", status, len(done))
	}
	if buttons := bulk.ButtonsOf(t.Context(), k.Registry, k.Posts, one, false); len(buttons) != 1 || buttons[0].Name != "delete" {
		t.Errorf("the published one has %v", buttons)
	}
}

// Threat: reaching a record by its key that the user may not see or change. One that is refused refuses all.
func TestPermissionsPerRecord(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) {
		s.Actions = []meta.Action{{Name: "publish", Label: "Publish", Run: func(context.Context, []any) (string, error) { return "", nil }}}
	})
	one, two := k.Post("One"), k.Post("Two")
	for name, c := range map[string]struct {
		form      url.Values
		forbidden string
		denied    string // for the second post
		status    int
	}{
		"everything":            {form("publish", one.ID), "", "", 303},
		"no reading":            {form("delete", one.ID), "posts.read", "", 403},
		"no deleting":           {form("delete", one.ID), "posts.delete", "", 403},
		"no deleting for good":  {form("destroy", one.ID), "posts.delete", "", 403},
		"no restoring":          {form("restore", one.ID), "posts.update", "", 403},
		"no publishing":         {form("publish", one.ID), "posts.publish", "", 403},
		"one may not be read":   {form("delete", one.ID, two.ID), "", "posts.read", 403},
		"one may not be gone":   {form("delete", one.ID, two.ID), "", "posts.delete", 403},
		"one is not there":      {form("delete", one.ID, 999), "", "", 404},
		"no key":                {url.Values{"_action": {"delete"}, "id": {"x"}}, "", "", 404},
		"an unknown action":     {form("explode", one.ID), "", "", 404},
		"an action of the form": {form("update", one.ID), "", "", 404},
		"nothing":               {form("delete"), "", "", 303},
	} {
		k.Forbidden = []string{c.forbidden}
		k.Denies = func(action string, record any) bool {
			post, ok := record.(*admintest.Post)
			return ok && action == c.denied && post.ID == two.ID
		}
		if status := k.do(c.form); status != c.status {
			t.Errorf("%s: %d, want %d", name, status, c.status)
		}
	}
	many := make([]int64, meta.MaxPerPage+1)
	k.Forbidden, k.Denies = nil, nil
	if status := k.do(form("delete", many...)); status != http.StatusBadRequest {
		t.Errorf("too many: %d", status)
	}
	for _, id := range []int64{one.ID, two.ID} {
		if post, there := admintest.Reload[admintest.Post](k.Kit, id); !there || post.DeletedAt.Valid {
			t.Errorf("the post %d is gone", id)
		}
	}
}

func TestActions(t *testing.T) {
	t.Parallel()
	var k *kit
	k = newKit(t, func(s *meta.Spec) {
		s.Actions = []meta.Action{
			{Name: "publish", Label: "Publish", Run: func(ctx context.Context, records []any) (string, error) {
				for _, record := range records {
					post := record.(*admintest.Post)
					if err := k.DB.With(ctx).Model(post).Updates(map[string]any{"status": "published", "secret": "fresh"}).Error; err != nil {
						return "", err
					}
					if post.Title == "Boom" {
						return "", problem.Conflict("Boom cannot be published.")
					}
				}
				return "", nil
			}},
			{Name: "burn", Label: "Burn", Danger: true, Run: func(context.Context, []any) (string, error) { return "Burnt.", nil }},
			{Name: "ask", Label: "Ask", Confirm: "Really?", Run: func(context.Context, []any) (string, error) { return "", errors.New("broken") }},
		}
	})
	one, boom := k.Post("One"), k.Post("Boom")
	unconfirmed := func(action string, ids ...int64) url.Values {
		f := form(action, ids...)
		f.Del("_confirmed")
		return f
	}
	if status := k.do(unconfirmed("publish", one.ID, one.ID)); status != http.StatusSeeOther {
		t.Errorf("publish: %d", status)
	}
	changes, _ := k.Audit.Events[0].Detail["changes"].([]audit.Change)
	want := []audit.Change{
		{Field: "Status", Before: "draft", After: "published"},
		{Field: "Secret", Before: "(hidden)", After: "(changed)"},
	}
	if diff := cmp.Diff(want, changes); diff != "" || len(k.Audit.Events) != 1 {
		t.Errorf("%d events: %s", len(k.Audit.Events), diff)
	}
	if status := k.do(unconfirmed("burn", one.ID)); status != http.StatusOK || k.Pages.Text("form p") != "Burn: 1 post?" {
		t.Errorf("a danger is not confirmed: %d %q", status, k.Pages.Text("form p"))
	}
	if status := k.do(unconfirmed("ask", one.ID)); status != http.StatusOK || k.Pages.Text("form p") != "Really?" {
		t.Errorf("no question: %d %q", status, k.Pages.Text("form p"))
	}
	if status := k.do(form("ask", one.ID)); status != http.StatusInternalServerError {
		t.Errorf("an action that breaks: %d", status)
	}
	// A refusal rolls everything back and is shown.
	one.Status = "draft"
	k.DB.With(t.Context()).Model(one).Update("status", "draft")
	if status := k.do(form("publish", one.ID, boom.ID)); status != http.StatusConflict ||
		!strings.Contains(k.Pages.Text("[role=alert]"), "Boom cannot be published.") {
		t.Errorf("a refusal: %d %s", status, k.Pages.Text("[role=alert]"))
	}
	if post, _ := admintest.Reload[admintest.Post](k.Kit, one.ID); post.Status != "draft" || len(k.Audit.Events) != 1 {
		t.Errorf("half of it is done: %s, %d events", post.Status, len(k.Audit.Events))
	}
}

// The page to go back to is one of the admin, and not that of a record that is gone.
func TestBack(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for back, want := range map[string]string{
		"":                          "/admin/posts",
		"/admin/posts?q=x&after=p":  "/admin/posts?q=x&after=p",
		"https://evil.example":      "/admin/posts",
		"//evil.example":            "/admin/posts",
		"/login":                    "/admin/posts",
		"/admin/posts/{id}":         "/admin/posts",
		"/admin/posts/{id}/history": "/admin/posts",
		"/admin/authors/1":          "/admin/authors/1",
	} {
		post := k.Post("P" + strconv.Itoa(len(want)) + strconv.Itoa(len(back)))
		f := form("destroy", post.ID)
		f.Set("_back", strings.ReplaceAll(back, "{id}", strconv.FormatInt(post.ID, 10)))
		if status := k.do(f); status != http.StatusSeeOther || k.location != want {
			t.Errorf("back to %q: %d to %s", back, status, k.location)
		}
	}
}

func TestButtons(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) {
		s.Actions = []meta.Action{{Name: "publish", Label: "Publish", Run: func(context.Context, []any) (string, error) { return "", nil }}}
	})
	for name, c := range map[string]struct {
		forbidden []string
		deleted   bool
		want      string
	}{
		"everything":          {nil, false, "publish delete"},
		"everything, deleted": {nil, true, "restore destroy"},
		"no action":           {[]string{"posts.publish"}, false, "delete"},
		"no deleting":         {[]string{"posts.delete"}, false, "publish"},
		"no updating":         {[]string{"posts.update"}, true, "destroy"},
		"nothing":             {[]string{"posts.update", "posts.delete", "posts.publish"}, true, ""},
	} {
		k.Forbidden = c.forbidden
		var got []string
		for _, button := range bulk.Buttons(t.Context(), k.Registry, k.Posts, c.deleted) {
			got = append(got, button.Name)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
