package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/identity"
)

// Without a script, a relation to many records is searched for by a button of the form, which keeps what was typed.
func TestSearchForARelation(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		for i := range 120 {
			a.author(fmt.Sprintf("Author %03d", i))
		}
		first := load[Author](a, map[string]any{"name": "Author 000"})
		wanted := load[Author](a, map[string]any{"name": "Author 099"})
		post := a.postBy(first, "Hello")
		path := fmt.Sprintf("/admin/posts/%d", post.ID)
		page := a.Client().Get(path).MustStatus(ok)
		if got := page.Find("input[type=radio][name=author_id]").Length(); got != 10 { // the first ones, the present one among them
			t.Errorf("%d choices at first", got)
		}
		form := url.Values{
			"_version": {page.Attr("input[name=_version]", "value")}, "title": {"Typed"}, "author_id": {fmt.Sprint(first.ID)},
			"_lookup": {"author_id"}, "_find.author_id": {"099"},
		}
		page = a.post(path, form).MustStatus(ok)
		if got := page.Text("#field-author_id .options"); !strings.Contains(got, "Author 099") || !strings.Contains(got, "Author 000") {
			t.Errorf("choices = %q", got)
		}
		if got := page.Attr("#field-title", "value"); got != "Typed" || load[Post](a, post.ID).Title != "Hello" {
			t.Errorf("the title is %q", got)
		}
		page.Form("form[data-record]").Fill("author_id", fmt.Sprint(wanted.ID)).Submit().MustStatus(ok)
		if got := load[Post](a, post.ID); got.AuthorID != wanted.ID || got.Title != "Typed" {
			t.Errorf("stored %+v", got)
		}
		// The same as JSON, for the script.
		var choices []struct{ Value, Label string }
		a.Client().Get("/admin/authors/choices?q=Author+099").MustStatus(ok).JSON(&choices)
		if len(choices) != 1 || choices[0].Label != "Author 099" || choices[0].Value != fmt.Sprint(wanted.ID) {
			t.Errorf("choices = %+v", choices)
		}
	})
}

// Threat: a resource that the user may not read is read, or referred to, through another.
func TestRelationToWhatMayNotBeRead(t *testing.T) {
	t.Parallel()
	a := here(t)
	zoe, bob := a.author("Zoe"), a.author("Bob")
	post := a.postBy(zoe, "Hello")
	path := fmt.Sprintf("/admin/posts/%d", post.ID)
	a.as("posts.*")
	for _, address := range []string{path, "/admin/posts", "/admin/posts/new", "/admin/posts?filter.author_id=1"} {
		if body := a.Client().Get(address).MustStatus(ok).Body(); strings.Contains(body, "Zoe") || strings.Contains(body, "Bob") {
			t.Errorf("%s tells of an author", address)
		}
	}
	a.Client().Get("/admin/authors/choices").MustStatus(http.StatusForbidden)
	version := a.Client().Get(path).Attr("input[name=_version]", "value")
	a.post(path, url.Values{"_version": {version}, "author_id": {fmt.Sprint(bob.ID)}}).MustStatus(ok)
	if got := load[Post](a, post.ID); got.AuthorID != zoe.ID {
		t.Error("the author was changed")
	}
}

// An authorizer may allow less for some records: they are not listed, shown, changed, exported or referred to.
func TestAuthorizerOfRecords(t *testing.T) {
	t.Parallel()
	a := start(t, databases["sqlite"](t), func(p *admin.Module) { (&app{}).magazine(p) }, admin.Options{
		Authorizer: admin.AuthorizerFunc(func(ctx context.Context, action string, subject any) bool {
			if author, ok := subject.(*Author); ok && author.Name == "Hidden" {
				return false
			}
			return identity.Can(ctx, action, subject)
		}),
	})
	ada, hidden := a.author("Ada"), a.author("Hidden")
	path := fmt.Sprintf("/admin/authors/%d", hidden.ID)
	a.Client().Get(path).MustStatus(http.StatusForbidden)
	a.Client().Get(path + "/history").MustStatus(http.StatusForbidden)
	a.post(path, url.Values{"name": {"Changed"}}).MustStatus(http.StatusForbidden)
	a.post("/admin/authors/bulk", url.Values{"_action": {"delete"}, "_confirmed": {"1"}, "id": ids(ada.ID, hidden.ID)}).MustStatus(http.StatusForbidden)
	for _, address := range []string{"/admin/authors", "/admin/authors/export.csv", "/admin/authors/choices", "/admin/posts/new"} {
		if body := a.Client().Get(address).MustStatus(ok).Body(); strings.Contains(body, "Hidden<") || strings.Contains(body, "hidden@") {
			t.Errorf("%s shows the hidden author", address)
		}
	}
	page := a.post("/admin/posts/new", url.Values{"title": {"Title"}, "status": {"draft"}, "words": {"1"}, "author_id": {fmt.Sprint(hidden.ID)}})
	if got := page.MustStatus(http.StatusUnprocessableEntity).Text("#field-author_id-error"); got != "Choose from the list." {
		t.Errorf("error = %q", got)
	}
	load[Author](a, ada.ID)
}
