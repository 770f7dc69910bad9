package admin_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// Threat: stored XSS. The value of a field runs as a script in another user's browser: in a list, a form, the
// history, a question, a message, or an error.
func TestTextNeverBecomesMarkup(t *testing.T) {
	t.Parallel()
	a := here(t)
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`
	ada := a.author(evil)
	post := create(a, Post{
		Title: evil, Body: evil + "</textarea>", Status: evil, Homepage: "javascript:alert(3)", AuthorID: ada.ID, EditorID: &ada.ID,
	})
	tag := create(a, Tag{Name: evil})
	create(a, Comment{PostID: post.ID, Text: evil})
	path := fmt.Sprintf("/admin/posts/%d", post.ID)
	page := a.Client().Get(path).Form("form[data-record]").Fill("title", evil+"!").Fill("status", "draft").Fill("homepage", "").
		Fill("tags", fmt.Sprint(tag.ID)).Submit().MustStatus(ok)

	pages := map[string]string{"after the redirect": page.Body()}
	for _, address := range []string{
		"/admin", "/admin/posts", "/admin/authors", "/admin/comments", path, path + "/history", "/admin/posts/new", fmt.Sprintf("/admin/tags/%d", tag.ID),
		"/admin/posts?q=" + url.QueryEscape(evil), "/admin/posts?filter.status=" + url.QueryEscape(evil), "/admin/authors?sort=" + url.QueryEscape(evil),
	} {
		pages[address] = a.Client().Get(address).Body()
	}
	for _, action := range []string{"delete", "explode", "publish"} {
		pages[action] = a.post("/admin/posts/bulk", url.Values{"_action": {action}, "id": ids(post.ID), "_back": {evil}}).Body()
	}
	pages["faulty"] = a.post("/admin/posts/new", url.Values{"title": {evil}, "status": {evil}, "homepage": {evil}, "author_id": {evil}}).Body()
	pages["conflict"] = a.post(path, url.Values{"title": {evil}, "_version": {evil}}).Body()
	for name, body := range pages {
		for _, markup := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(body, markup) {
				t.Errorf("%s holds %s", name, markup)
			}
		}
	}
	// What is read only is linked when it is the address of a site, and only then.
	create(a, Post{Title: "Link", Status: "draft", Homepage: "https://example.com", AuthorID: ada.ID})
	if err := a.DB.With(t.Context()).Model(&Post{}).Where("id = ?", post.ID).Update("homepage", "javascript:alert(3)").Error; err != nil {
		t.Fatal(err)
	}
	a.as("posts.read")
	if got := a.Client().Get(path).MustStatus(ok); got.Find("#field-homepage a").Length() > 0 {
		t.Error("a script became a link")
	}
	if got := a.Client().Get("/admin/posts/2").MustStatus(ok); got.Attr("#field-homepage a", "href") != "https://example.com" {
		t.Error("an address is no link")
	}
}
