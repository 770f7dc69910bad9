package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreate(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		tag := create(a, Tag{Name: "go"})
		page := a.Client().Get("/admin/posts/new").MustStatus(ok).Form("/admin/posts/new").
			Fill("title", "  Hello  ").Fill("status", "published").Fill("body", "One\r\ntwo").
			Fill("rating", "4.5").Fill("words", "2").Fill("note", "").Fill("meta", `{"a": [1]}`).
			Fill("author_id", fmt.Sprint(ada.ID)).Fill("published_at", "2026-03-31T18:30").Fill("tags", fmt.Sprint(tag.ID)).
			Fill("featured", "true").Submit().MustStatus(ok)
		if got := page.Text(".flash"); got != "Hello has been created." {
			t.Errorf("flash = %q", got)
		}
		var got Post
		if err := a.DB.With(t.Context()).Preload("Tags").First(&got).Error; err != nil {
			t.Fatal(err)
		}
		if got.Title != "Hello" || got.Body != "One\ntwo" || *got.Rating != 4.5 || got.Words != 2 || got.Note.Valid ||
			!got.Featured || got.AuthorID != ada.ID || got.EditorID != nil || len(got.Tags) != 1 || got.CreatedAt.IsZero() ||
			got.PublishedAt.Format("2006-01-02 15:04") != "2026-03-31 18:30" || got.Meta["a"] == nil {
			t.Errorf("stored %+v", got)
		}
		entries := a.audit("posts.create")
		if len(entries) != 1 || entries[0].Subject != fmt.Sprintf("posts:%d", got.ID) || !strings.Contains(entries[0].Detail, `"Title"`) {
			t.Errorf("log = %+v", entries)
		}
	})
}

func TestFaultyForm(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		valid := url.Values{
			"title": {"Fine"}, "status": {"draft"}, "author_id": {fmt.Sprint(ada.ID)}, "words": {"1"}, "_present": {"featured", "tags"},
		}
		tests := []struct{ name, value, want string }{
			{"title", "", "Please fill this in."},
			{"title", "ab", "This is too short"},
			{"title", strings.Repeat("é", 201), "at most 200 characters"},
			{"status", "secret", "Choose one of"},
			{"homepage", "javascript:alert(1)", "https://"},
			{"homepage", "data:text/html,x", "https://"},
			{"rating", "6", "at most 5"},
			{"rating", "NaN", "Enter a number."},
			{"rating", "x", "Enter a number."},
			{"words", "", "Please fill this in."},
			{"words", "9999999999999999999999", "Enter a whole number"},
			{"meta", "{", "not valid JSON"},
			{"meta", "[1]", "does not fit"},
			{"author_id", "999", "Choose from the list."},
			{"author_id", "x", "Choose from the list."},
			{"author_id", "", "Please fill this in."},
			{"published_at", "tomorrow", "Enter a date and time"},
			{"published_at", "99999-01-01T00:00", "Enter a date and time"},
			{"tags", "7", "Choose from the list."},
		}
		for _, tt := range tests {
			form := url.Values{tt.name: {tt.value}}
			for name, list := range valid {
				if name != tt.name {
					form[name] = list
				}
			}
			page := a.post("/admin/posts/new", form).MustStatus(http.StatusUnprocessableEntity)
			if got := page.Text("#field-" + tt.name + "-error"); !strings.Contains(got, tt.want) {
				t.Errorf("%s=%q: error %q, want %q; summary %q", tt.name, tt.value, got, tt.want, page.Text(".summary"))
			}
		}
		var n int64
		if err := a.DB.With(t.Context()).Model(&Post{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d posts are stored, %v", n, err)
		}
	})
}

func TestRuleOfTheModelAndDuplicates(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada, bob := a.author("Ada"), a.author("Bob")
		post := a.postBy(ada, "Hello")
		page := a.Client().Get(fmt.Sprintf("/admin/posts/%d", post.ID)).Form("form[data-record]").
			Fill("status", "published").Submit().MustStatus(http.StatusUnprocessableEntity)
		if got := page.Text("#field-body-error"); got != "What is published needs a text." {
			t.Errorf("error = %q", got)
		}
		page = a.Client().Get(fmt.Sprintf("/admin/authors/%d", bob.ID)).Form("form[data-record]").
			Fill("email", ada.Email).Submit().MustStatus(http.StatusUnprocessableEntity)
		if got := page.Text("#field-email-error"); got != "This is already taken." {
			t.Errorf("error = %q", got)
		}
		// The record itself does not count.
		a.Client().Get(fmt.Sprintf("/admin/authors/%d", bob.ID)).Form("form[data-record]").
			Fill("name", "Robert").Submit().MustStatus(ok)
	})
}

func TestUpdateWritesWhatChanged(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		page := a.Client().Get(fmt.Sprintf("/admin/authors/%d", ada.ID)).MustStatus(ok)
		if strings.Contains(page.Body(), "hash-Ada") || strings.Contains(page.Body(), "key-Ada") {
			t.Error("the page shows a secret")
		}
		page.Form("form[data-record]").Fill("name", "Ada L.").Submit().MustStatus(ok)
		want := ada
		want.Name = "Ada L."
		got := load[Author](a, ada.ID)
		got.CreatedAt, want.CreatedAt = ada.CreatedAt, ada.CreatedAt
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		entries := a.audit("authors.update")
		if len(entries) != 1 || entries[0].Detail != `{"changes":[{"field":"Name","before":"Ada","after":"Ada L."}]}` {
			t.Errorf("log = %+v", entries)
		}
		// Nothing changed is nothing done.
		a.Client().Get(fmt.Sprintf("/admin/authors/%d", ada.ID)).Form("form[data-record]").Submit().MustStatus(ok)
		if n := len(a.audit("authors.update")); n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}

// Threat: mass assignment. A form sets fields that it does not have.
func TestFormSetsNoOtherFields(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		path := fmt.Sprintf("/admin/authors/%d", ada.ID)
		version := a.Client().Get(path).Attr("input[name=_version]", "value")
		a.post(path, url.Values{
			"_version": {version}, "name": {"Ada"}, "email": {"new@example.com"}, "id": {"77"}, "password_hash": {"mine"}, "api_key": {"mine"},
			"PasswordHash": {"mine"}, "created_at": {"2000-01-01T00:00"}, "posts": {"1"}, "_present": {"password_hash", "posts"},
		}).MustStatus(ok)
		got := load[Author](a, ada.ID)
		if got.Email != "new@example.com" || got.PasswordHash != "hash-Ada" || got.APIKey != "key-Ada" || got.CreatedAt.Year() == 2000 {
			t.Errorf("stored %+v", got)
		}
		// Nor does the address.
		a.post(path+"?name=Eve", url.Values{"_version": {a.Client().Get(path).Attr("input[name=_version]", "value")}}).MustStatus(ok)
		if got := load[Author](a, ada.ID); got.Name != "Ada" {
			t.Errorf("the address set the name %q", got.Name)
		}
	})
}

// Threat: privilege escalation through a field that needs a permission of its own.
func TestGuardedField(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		tag := create(a, Tag{Name: "go"})
		post := a.postBy(ada, "Hello")
		path := fmt.Sprintf("/admin/posts/%d", post.ID)
		a.as("posts.*", "authors.read", "tags.read")
		page := a.Client().Get(path).MustStatus(ok)
		if page.Find("input[name=tags]").Length() > 0 {
			t.Error("the form offers a guarded field")
		}
		form := url.Values{"_version": {page.Attr("input[name=_version]", "value")}, "title": {"Changed"}, "tags": {fmt.Sprint(tag.ID)}, "_present": {"tags"}}
		a.post(path, form).MustStatus(ok)
		got := load[Post](a, post.ID)
		if n := a.DB.With(t.Context()).Model(&got).Association("Tags").Count(); n != 0 || got.Title != "Changed" {
			t.Errorf("%d tags, title %q", n, got.Title)
		}
		a.as("*")
		a.Client().Get(path).Form("form[data-record]").Fill("tags", fmt.Sprint(tag.ID)).Submit().MustStatus(ok)
		if n := a.DB.With(t.Context()).Model(&got).Association("Tags").Count(); n != 1 {
			t.Errorf("%d tags, want 1", n)
		}
	})
}

func TestConflict(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		post := a.postBy(ada, "Hello")
		path := fmt.Sprintf("/admin/posts/%d", post.ID)
		mine := a.Client().Get(path).Form("form[data-record]").Fill("title", "My title").Fill("words", "5")
		a.Client().Get(path).Form("form[data-record]").Fill("title", "Their title").Fill("note", "Theirs").Submit().MustStatus(ok)

		page := mine.Submit().MustStatus(http.StatusConflict)
		if got := load[Post](a, post.ID); got.Title != "Their title" || got.Words != 0 {
			t.Errorf("the conflict stored %+v", got)
		}
		if got := page.Text(".summary tbody"); !strings.Contains(got, "TitleTheir titleMy title") || !strings.Contains(got, "NoteTheirsTheirs") {
			t.Errorf("differences = %q", got)
		}
		for name, want := range map[string]string{"title": "My title", "words": "5", "note": "Theirs"} {
			if got := page.Attr("#field-"+name, "value"); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		page.Form("form[data-record]").Submit().MustStatus(ok)
		if got := load[Post](a, post.ID); got.Title != "My title" || got.Words != 5 || got.Note.String != "Theirs" {
			t.Errorf("stored %+v", got)
		}
		// A form without a version, or with another's, is no way around.
		a.post(path, url.Values{"title": {"Blind"}}).MustStatus(http.StatusConflict)
		a.post(path, url.Values{"title": {"Blind"}, "_version": {"{"}}).MustStatus(http.StatusConflict)
	})
}

// Of several writers that saw the same record, one wins.
func TestConcurrentEdits(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		post := a.postBy(a.author("Ada"), "Hello")
		path := fmt.Sprintf("/admin/posts/%d", post.ID)
		version := a.Client().Get(path).Attr("input[name=_version]", "value")
		const writers = 6
		results := make(chan int, writers)
		for i := range writers {
			go func() {
				r, err := http.PostForm(a.URL+path, url.Values{"_version": {version}, "title": {fmt.Sprintf("Writer %d", i)}})
				if err != nil {
					results <- 0
					return
				}
				_ = r.Body.Close()
				results <- r.StatusCode
			}()
		}
		won := 0
		for range writers {
			if status := <-results; status == ok {
				won++
			} else if status != http.StatusConflict {
				t.Errorf("status %d", status)
			}
		}
		if won != 1 || len(a.audit("posts.update")) != 1 {
			t.Errorf("%d writers won, %d entries", won, len(a.audit("posts.update")))
		}
	})
}

func TestBadForms(t *testing.T) {
	t.Parallel()
	a := here(t)
	ada := a.author("Ada")
	path := fmt.Sprintf("/admin/authors/%d", ada.ID)
	a.post(path, url.Values{"name": {"a\x00b"}}).MustStatus(http.StatusBadRequest)
	a.post(path, url.Values{"name": {"\xff"}}).MustStatus(http.StatusBadRequest)
	a.post(path, url.Values{"name": {strings.Repeat("x", 11<<20)}}).MustStatus(http.StatusRequestEntityTooLarge)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"name":"Eve"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	a.Client().Do(r).MustStatus(http.StatusUnsupportedMediaType)
	for _, key := range []string{"0x1", "abc", "99999999999999999999", "-1", "1%00", "1;DROP", "1.0", "%20"} {
		a.Client().Get("/admin/authors/" + key).MustStatus(http.StatusNotFound)
	}
	a.Client().Get("/admin/nothing").MustStatus(http.StatusNotFound)
}

// Keys of text may hold anything, also what addresses mean something by.
func TestKeysOfText(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		for _, slug := range []string{"new", "a/b", "~tilde", "bulk", "ü?#&%2F", "export.csv"} {
			create(a, Page{Slug: slug, Text: "of " + slug})
			href := a.Client().Get("/admin/pages?sort=-slug").Find("tbody a").FilterFunction(func(_ int, s *selection) bool {
				return strings.TrimSpace(s.Text()) == slug
			}).AttrOr("href", "")
			page := a.Client().Get(href).MustStatus(ok)
			if got := page.Text("textarea[name=text]"); got != "of "+slug {
				t.Errorf("%s: %q", slug, got)
			}
			page.Form("form[data-record]").Fill("text", "changed").Submit().MustStatus(ok)
			if got := load[Page](a, map[string]any{"slug": slug}); got.Text != "changed" {
				t.Errorf("%s: stored %q", slug, got.Text)
			}
		}
	})
}
