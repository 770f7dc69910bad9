package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/apptest"
)

// A table that is larger than what one request looks at: what is found, and what is said of the rest.
func TestLargeTable(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		ada := a.author("Ada")
		// 1,000 records, and 100 copies of 690 of them: 70,000 rows.
		var batch []Post
		for i := range 1000 {
			p := Post{Title: fmt.Sprintf("Post %05d", i), Status: "draft", AuthorID: ada.ID}
			switch i {
			case 100:
				p.Title, p.Note.String, p.Note.Valid = "A needle", "x", true
			case 200:
				p.Status = "archived"
			}
			batch = append(batch, p)
		}
		createAll(a, batch)
		columns := "title, body, status, homepage, featured, words, author_id, created_at, updated_at"
		copies := a.DB.With(t.Context()).Exec("INSERT INTO posts (" + columns + ") SELECT p." + strings.ReplaceAll(columns, ", ", ", p.") +
			" FROM posts p CROSS JOIN (SELECT id FROM posts WHERE id <= 100) n WHERE p.id BETWEEN 301 AND 990")
		if copies.Error != nil || copies.RowsAffected != 69_000 {
			t.Fatal(copies.RowsAffected, copies.Error)
		}
		client := a.Client()
		if got := client.Get("/admin/posts").MustStatus(ok).Text(".count"); got != "10,000+ records" {
			t.Errorf("count = %q", got)
		}
		// The needle is far down: the search stops, reports it, and continues.
		page := client.Get("/admin/posts?q=needle").MustStatus(ok)
		looks := 1
		for ; len(titles(page)) == 0 && looks < 10; looks++ {
			if !strings.Contains(page.Text(".notice"), "stopped after 15,000 records") {
				t.Fatalf("notice = %q", page.Text("main"))
			}
			page = page.Click("Continue searching").MustStatus(ok)
		}
		if got := titles(page); len(got) != 1 || got[0] != "A needle" || looks != 5 {
			t.Errorf("found %q after %d looks", got, looks)
		}
		// An index leads there at once: a filter that leaves few, and the key.
		only(t, client.Get("/admin/posts?filter.status=archived&sort=-created_at"), "Post 00200")
		if got := titles(client.Get("/admin/posts?q=201").MustStatus(ok)); len(got) == 0 || got[0] != "Post 00200" {
			t.Errorf("the record with the key 201 is not the first of %q", got)
		}
		// What was searched for is found: nothing is to be said of the rest.
		if got := client.Get("/admin/posts?q=201").MustStatus(ok).Text(".notice"); got != "" {
			t.Errorf("the notice about a key that was found is %q", got)
		}
		// Without an index, a filter is looked for in the same way.
		page = client.Get("/admin/posts?filter.note=set").MustStatus(ok)
		for range 3 {
			page = page.Click("Continue searching").MustStatus(ok)
		}
		only(t, page.Click("Continue searching"), "A needle")
		// Nor is such a table ordered without one.
		page = client.Get("/admin/posts?sort=title").MustStatus(ok)
		if got := page.Text(".notice"); !strings.Contains(got, "too large to be sorted") || page.Find("th[aria-sort]").Length() > 0 {
			t.Errorf("notice = %q", got)
		}
		page.Click("Next").MustStatus(http.StatusOK)
		// An export of the search goes on to the end.
		if got := strings.Count(client.Get("/admin/posts/export.csv?q=needle").MustStatus(ok).Body(), "\r\n"); got != 2 {
			t.Errorf("%d lines", got)
		}
	})
}

// only holds that a list has one row.
func only(t *testing.T, page *apptest.Page, title string) {
	t.Helper()
	if got := titles(page.MustStatus(ok)); len(got) != 1 || got[0] != title {
		t.Errorf("%s: rows %q, want %q", page.URL(), got, title)
	}
}
