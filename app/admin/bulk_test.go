package admin_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
)

func ids(list ...int64) []string {
	var texts []string
	for _, id := range list {
		texts = append(texts, fmt.Sprint(id))
	}
	return texts
}

func TestDeleteRestoreDestroy(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		one, two := a.postBy(ada, "One"), a.postBy(ada, "Two")
		form := url.Values{"_action": {"delete"}, "id": ids(one.ID, two.ID)}
		page := a.post("/admin/posts/bulk", form).MustStatus(ok)
		if got := page.Text("main form"); !strings.Contains(got, "One") || !strings.Contains(got, "Two") || load[Post](a, one.ID).DeletedAt.Valid {
			t.Errorf("the question is %q", got)
		}
		page = page.Form("form[action='/admin/posts/bulk']").Submit().MustStatus(ok)
		if got := page.Text(".flash"); got != "2 posts have been deleted." {
			t.Errorf("flash = %q", got)
		}
		if got := titles(page); len(got) > 0 {
			t.Errorf("the list shows %q", got)
		}
		if got := titles(a.Client().Get("/admin/posts?deleted=1")); len(got) != 2 {
			t.Errorf("the deleted ones are %q", got)
		}
		a.post("/admin/posts/bulk", url.Values{"_action": {"restore"}, "id": ids(one.ID)}).MustStatus(ok)
		if load[Post](a, one.ID).DeletedAt.Valid || !load[Post](a, two.ID).DeletedAt.Valid {
			t.Error("the wrong one is restored")
		}
		a.post("/admin/posts/bulk", url.Values{"_action": {"destroy"}, "_confirmed": {"1"}, "id": ids(two.ID)}).MustStatus(ok)
		a.Client().Get(fmt.Sprintf("/admin/posts/%d", two.ID)).MustStatus(http.StatusNotFound)
		if len(a.audit("posts.delete")) != 2 || len(a.audit("posts.restore")) != 1 || len(a.audit("posts.destroy")) != 1 {
			t.Error("the log lacks entries")
		}
	})
}

func TestDeleteOfWhatOthersReferTo(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		post := a.postBy(a.author("Ada"), "One")
		create(a, Comment{PostID: post.ID, Text: "Nice"})
		form := url.Values{"_action": {"destroy"}, "id": ids(post.ID)}
		page := a.post("/admin/posts/bulk", form).MustStatus(ok)
		if got := page.Text(".summary"); !strings.Contains(got, "1 comment refers to a record that would be deleted.") || page.Find(".confirm .danger").Length() != 0 {
			t.Errorf("what prevents it = %q", got)
		}
		form.Set("_confirmed", "1")
		page = a.post("/admin/posts/bulk", form).MustStatus(http.StatusConflict)
		if got := page.Text(".summary"); !strings.Contains(got, "Other records refer to this") {
			t.Errorf("error = %q", got)
		}
		load[Post](a, post.ID)
		if len(a.audit("posts.destroy")) > 0 {
			t.Error("the log tells of what did not happen")
		}
	})
}

// The page before a deletion says what the foreign keys of the database will do, whatever the models say.
func TestDependents(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		author := a.author("Ada")
		for _, statement := range []string{
			"CREATE TABLE notes (id BIGINT PRIMARY KEY, author_id BIGINT NOT NULL, FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE)",
			"CREATE TABLE words (id BIGINT PRIMARY KEY, note_id BIGINT NOT NULL, FOREIGN KEY (note_id) REFERENCES notes (id) ON DELETE RESTRICT)",
			fmt.Sprintf("INSERT INTO notes VALUES (1, %d)", author.ID),
		} {
			if err := a.DB.With(t.Context()).Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		form := url.Values{"_action": {"delete"}, "id": ids(author.ID)}
		page := a.post("/admin/authors/bulk", form).MustStatus(ok)
		if got := page.Text(".consequences"); !strings.Contains(got, "Other data that belongs to these records will also be deleted.") ||
			page.Find(".confirm .summary").Length() != 0 {
			t.Errorf("a cascade = %q", got)
		}
		if err := a.DB.With(t.Context()).Exec("INSERT INTO words VALUES (1, 1)").Error; err != nil {
			t.Fatal(err)
		}
		if got := a.post("/admin/authors/bulk", form).MustStatus(ok).Text(".confirm .summary"); !strings.Contains(got, "refers to records that would be deleted") {
			t.Errorf("what refers to what would be deleted = %q", got)
		}
		tag, post := create(a, Tag{Name: "Go"}), a.postBy(author, "One")
		if err := a.DB.With(t.Context()).Model(&post).Association("Tags").Append(&tag); err != nil {
			t.Fatal(err)
		}
		page = a.post("/admin/tags/bulk", url.Values{"_action": {"delete"}, "id": ids(tag.ID)}).MustStatus(ok)
		if got := page.Text(".confirm"); !strings.Contains(got, "1 post loses the link in the field Tags.") {
			t.Errorf("a tag that is used = %q", got)
		}
	})
}

// A foreign key with ON DELETE RESTRICT, as migrations write it, is reported like one without it, in the list and at
// the record.
func TestDeleteOfWhatIsRestricted(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		tag := create(a, Tag{Name: "Go"})
		for _, statement := range []string{
			"CREATE TABLE restricted (id BIGINT PRIMARY KEY, tag_id BIGINT NOT NULL, FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE RESTRICT)",
			fmt.Sprintf("INSERT INTO restricted VALUES (1, %d)", tag.ID),
		} {
			if err := a.DB.With(t.Context()).Exec(statement).Error; err != nil {
				t.Fatal(err)
			}
		}
		for _, back := range []string{"/admin/tags", fmt.Sprintf("/admin/tags/%d", tag.ID)} {
			page := a.post("/admin/tags/bulk", url.Values{"_action": {"delete"}, "_confirmed": {"1"}, "_back": {back}, "id": ids(tag.ID)}).MustStatus(http.StatusConflict)
			if got := page.Text(".summary"); !strings.Contains(got, "Other records refer to this") {
				t.Errorf("%s: error = %q", back, got)
			}
		}
		load[Tag](a, tag.ID)
		if len(a.audit("tags.delete")) > 0 {
			t.Error("the log tells of what did not happen")
		}
	})
}

func TestActions(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		one, boom := a.postBy(ada, "One"), a.postBy(ada, "Boom")
		page := a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": ids(one.ID, one.ID)}).MustStatus(ok)
		if got := page.Text(".flash"); got != "1 is published." || load[Post](a, one.ID).Status != "published" {
			t.Errorf("flash = %q, %+v", got, load[Post](a, one.ID))
		}
		if log := a.audit("posts.publish"); len(log) != 1 || !strings.Contains(log[0].Detail, `"before":"draft","after":"published"`) {
			t.Errorf("log = %+v", log)
		}
		// One that fails takes all back.
		two := a.postBy(ada, "Two")
		page = a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": ids(two.ID, boom.ID)}).MustStatus(http.StatusConflict)
		if got := page.Text(".summary"); got != "Boom cannot be published." || load[Post](a, two.ID).Status != "draft" {
			t.Errorf("error = %q, %+v", got, load[Post](a, two.ID))
		}
		a.post("/admin/posts/bulk", url.Values{"_action": {"explode"}, "id": ids(two.ID)}).MustStatus(ok) // asks
		a.post("/admin/posts/bulk", url.Values{"_action": {"nothing"}, "id": ids(two.ID)}).MustStatus(http.StatusNotFound)
		a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": {"999"}}).MustStatus(http.StatusNotFound)
		a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": {"x"}}).MustStatus(http.StatusNotFound)
		a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": make([]string, 300)}).MustStatus(http.StatusBadRequest)
	})
}

// Threat: a form leads to another site in the admin's name.
func TestWayBackStaysInTheAdmin(t *testing.T) {
	t.Parallel()
	a := here(t)
	post := a.postBy(a.author("Ada"), "One")
	for _, back := range []string{"//evil.example", "https://evil.example/admin", "/admin/../x", "/elsewhere", "/\\evil.example", "/adminx", "javascript:alert(1)"} {
		page := a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": ids(post.ID), "_back": {back}}).MustStatus(ok)
		if got := page.URL().Path; !strings.HasPrefix(got, "/admin/posts") {
			t.Errorf("%s leads to %s", back, got)
		}
	}
}

func TestExport(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		at := time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)
		rating := -1.5
		create(a, Post{Title: "=HYPERLINK(\"x\")", Body: "two\nlines, \"quoted\"", Status: "draft", AuthorID: ada.ID, PublishedAt: &at, Rating: &rating})
		published := make([]Post, 1203)
		for i := range published {
			published[i] = Post{Title: fmt.Sprintf("Post %d", i), Status: "published", AuthorID: ada.ID}
		}
		createAll(a, published)
		page := a.Client().Get("/admin/posts/export.csv?sort=id").MustStatus(ok)
		rows, err := csv.NewReader(strings.NewReader(page.Body())).ReadAll()
		if err != nil || len(rows) != 1205 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		column := func(row []string, name string) string {
			for i, header := range rows[0] {
				if header == name {
					return row[i]
				}
			}
			return "(none)"
		}
		first := rows[1]
		if column(first, "title") != `'=HYPERLINK("x")` || column(first, "body") != "two\nlines, \"quoted\"" ||
			column(first, "published_at") != "2026-03-31T18:30:00Z" || column(first, "rating") != "-1.5" || column(first, "cover") != "(none)" {
			t.Errorf("row = %q", first)
		}
		filtered := a.Client().Get("/admin/posts/export.csv?filter.status=draft").MustStatus(ok)
		if got := strings.Count(filtered.Body(), "\r\n"); got != 2 {
			t.Errorf("%d lines", got)
		}
		if authors := a.Client().Get("/admin/authors/export.csv").Body(); strings.Contains(authors, "hash-Ada") || strings.Contains(authors, "key-Ada") {
			t.Error("the export holds a secret")
		}
		if len(a.audit("posts.export")) != 2 {
			t.Error("the log lacks the exports")
		}
	})
}

func TestAccess(t *testing.T) {
	t.Parallel()
	a := here(t)
	ada := a.author("Ada")
	post := a.postBy(ada, "One")
	path := fmt.Sprintf("/admin/posts/%d", post.ID)
	gets := map[string]string{
		"/admin/posts": "posts.read", "/admin/posts/export.csv": "posts.export", "/admin/posts/choices": "posts.read", "/admin/posts/new": "posts.create",
		path: "posts.read", path + "/history": "posts.read",
	}
	for address, permission := range gets {
		a.as("authors.*", "posts.other")
		a.Client().Get(address).MustStatus(http.StatusForbidden)
		a.as("posts.read", permission)
		a.Client().Get(address).MustStatus(ok)
	}
	a.as("posts.read")
	a.post("/admin/posts/new", url.Values{"title": {"New"}}).MustStatus(http.StatusForbidden)
	a.post(path, url.Values{"title": {"New"}}).MustStatus(http.StatusForbidden)
	for _, verb := range []string{"delete", "destroy", "restore", "publish"} {
		a.post("/admin/posts/bulk", url.Values{"_action": {verb}, "_confirmed": {"1"}, "id": ids(post.ID)}).MustStatus(http.StatusForbidden)
	}
	if page := a.Client().Get(path); page.Find("main form").Length() > 0 || strings.Contains(page.Body(), "/admin/authors") {
		t.Error("the page offers what is not allowed")
	}
	a.as()
	if page := a.Client().Get("/admin").MustStatus(ok); strings.Contains(page.Body(), "/admin/posts") {
		t.Error("the dashboard shows what is not allowed")
	}
}

// What the resolver says of a token that is wrong is no failure of ours.
func TestProblemOfTheResolverIsKept(t *testing.T) {
	t.Parallel()
	a := here(t)
	for err, want := range map[error]int{
		problem.Unauthorized("The token is wrong."):                   http.StatusUnauthorized,
		fmt.Errorf("reading the token: %w", problem.Unauthorized("")): http.StatusUnauthorized,
		errors.New("the database is away"):                            http.StatusServiceUnavailable,
	} {
		a.actor.Store(&actor{err: err})
		a.Client().Get("/admin/posts").MustStatus(want)
	}
}

func TestWhoGetsIn(t *testing.T) {
	t.Parallel()
	a := here(t)
	a.actor.Store(&actor{})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/admin/posts?q=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if got := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || got != "/login?next=%2Fadmin%2Fposts%3Fq%3Dx" {
		t.Errorf("%d %s", response.StatusCode, got)
	}
	tests := []struct {
		who    actor
		status int
	}{
		{actor{}, http.StatusUnauthorized},
		{actor{err: errors.New("the database is away")}, http.StatusServiceUnavailable},
		{actor{known: true, Actor: identity.Actor{ID: "1", Permissions: []string{"posts.read"}}}, http.StatusForbidden},
		{actor{known: true, Actor: identity.Actor{ID: "1", Permissions: []string{"*"}, Token: true}}, http.StatusForbidden},
		{actor{known: true, Actor: identity.Actor{ID: "1", Permissions: []string{"*"}}}, ok},
	}
	for i, tt := range tests {
		a.actor.Store(&tt.who)
		for _, path := range []string{"/admin", "/admin/posts", "/admin/posts/choices"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got := a.Client().Do(r).Status(); got != tt.status {
				t.Errorf("%d: %s answers %d, want %d", i, path, got, tt.status)
			}
		}
	}
	a.as("*")
	r, err = http.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/posts/new", strings.NewReader("title=x"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	a.Client().Do(r).MustStatus(http.StatusForbidden)
}
