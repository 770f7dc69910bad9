package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"

	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/text"
	"github.com/covetgo/covet/internal/texttest"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// inLanguage gets a page as a browser with a language and a time zone.
func (a *app) inLanguage(lang, zone, path string) *apptest.Page {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", lang)
	r.AddCookie(&http.Cookie{Name: "browser_time_zone", Value: zone})
	return a.Client().Do(r)
}

// Names of resources and fields are translated by the application's texts, everything else by those of the admin.
func TestGerman(t *testing.T) {
	t.Parallel()
	a := startWith(t, databases["sqlite"](t), texttest.Own(t, map[string]string{
		"en.yaml": "hello: Hello\n",
		"de.yaml": `
hello: Hallo
groups: {content: Redaktion}
resources:
  posts:
    label: Beitrag
    plural: Beiträge
    fields: {title: Titel, status: Zustand, comments: Kommentare}
    hints: {title: Höchstens 200 Zeichen.}
    values: {status_draft: Entwurf}
    actions: {publish: Veröffentlichen}
    confirm: {explode: "Möchten Sie das wirklich?"}
`,
	}), nil)
	at := time.Date(2026, 7, 31, 22, 30, 0, 0, time.UTC)
	post := create(a, Post{Title: "One", Status: "draft", AuthorID: a.author("Ada").ID, PublishedAt: &at})
	path := fmt.Sprintf("/admin/posts/%d", post.ID)
	a.post("/admin/posts/bulk", url.Values{"_action": {"explode"}, "id": {fmt.Sprint(post.ID)}}).MustStatus(ok)
	a.post("/admin/posts/bulk", url.Values{"_action": {"publish"}, "id": {fmt.Sprint(post.ID)}}).MustStatus(ok)
	if err := a.DB.With(t.Context()).Model(&post).Update("status", "draft").Error; err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, selector string
		want           []string
	}{
		{"/admin", "nav.side", []string{"Redaktion", "Beiträge", "Übersicht", "System"}},
		{"/admin/posts", "main", []string{
			"Beiträge", "1 Datensatz", "Beitrag anlegen", "Titel", "Zustand", "Entwurf", "Veröffentlichen", "Angelegt am",
		}},
		{"/admin/posts?q=nothing", ".empty", []string{"Keine Treffer.", "Alle Beiträge anzeigen"}},
		{"/admin/posts/new", "main", []string{"Beitrag anlegen", "Höchstens 200 Zeichen.", "Pflichtfeld", "Published at (Europe/Berlin)"}},
		{path, "main", []string{"Entwurf", "Kommentare", "Speichern"}},
		{path + "/history", "main", []string{"Verlauf von One", "ada@example.com hat „Veröffentlichen“ mit diesem Datensatz ausgeführt."}},
	} {
		page := a.inLanguage("de", "Europe/Berlin", c.path).MustStatus(ok)
		if lang := page.Attr("html", "lang"); lang != "de" {
			t.Errorf("%s: the language is %q", c.path, lang)
		}
		for _, want := range c.want {
			if got := page.Text(c.selector); !strings.Contains(got, want) {
				t.Errorf("%s: %q is missing in %q", c.path, want, got)
			}
		}
	}
	if got := a.inLanguage("de", "Europe/Berlin", path).Attr("input[name=published_at]", "value"); got != "2026-08-01T00:30" {
		t.Errorf("the form has the time %q", got)
	}
	for day, want := range map[string]int{"2026-08-01": 1, "2026-07-31": 0} {
		page := a.inLanguage("de", "Europe/Berlin", "/admin/posts?filter.published_at.from="+day+"&filter.published_at.to="+day)
		if got := page.MustStatus(ok).Find("tbody tr").Length(); got != want {
			t.Errorf("%d posts of %s", got, day)
		}
		if got := page.Text(".chips"); want == 1 && (!strings.Contains(got, "ab 1. August 2026") || !strings.Contains(got, "bis 1. August 2026")) {
			t.Errorf("the filters are %q", got)
		}
	}
	english := a.inLanguage("en", "UTC", "/admin/posts").MustStatus(ok)
	if got := english.Text("main"); !strings.Contains(got, "Posts") || !strings.Contains(got, "Draft") {
		t.Errorf("the English list is %q", got)
	}
	if got := english.Find("form.languages button").Length(); got != 2 {
		t.Errorf("a menu with %d languages", got)
	}
	if here(t).Client().Get("/admin").Find("form.languages").Length() > 0 {
		t.Error("a menu with one language")
	}
}

// A form in another time zone saves what it shows, also in the hour that occurs twice.
func TestTimesInZone(t *testing.T) {
	t.Parallel()
	a := here(t)
	second := time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC) // the second 02:30 of that day in Berlin
	post := create(a, Post{Title: "One", Status: "draft", AuthorID: a.author("Ada").ID, PublishedAt: &second})
	path := fmt.Sprintf("/admin/posts/%d", post.ID)
	save := func(at string) time.Time {
		t.Helper()
		page := a.inLanguage("en", "Europe/Berlin", path)
		form := url.Values{"title": {"Two"}, "published_at": {at}, "_version": {page.Attr("input[name=_version]", "value")}}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.AddCookie(&http.Cookie{Name: "browser_time_zone", Value: "Europe/Berlin"})
		a.Client().Do(r).MustStatus(ok)
		return load[Post](a, post.ID).PublishedAt.UTC()
	}
	if got := save("2026-10-25T02:30"); !got.Equal(second) {
		t.Errorf("an unchanged time is saved as %s", got)
	}
	if got, want := save("2026-12-24T18:00"), time.Date(2026, 12, 24, 17, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("18:00 in Berlin is saved as %s", got)
	}
}

// data are the words on the pages of TestNoLiterals that are not texts: names that belong to the application or to the
// data, and what package jobs says of a job.
var data = regexp.MustCompile(`(?i)\b(` + strings.Join([]string{
	"magazine", "ada", "posts?", "authors?", "comments?", "tags?", "pages?", "slug", "text", "title", "body", "status", "homepage",
	"featured", "rating", "words", "note", "meta", "cover", "editor", "name", "email", "published at", "publish", "explode",
	"display name", "draft", "published", "archived", "id", "utc", "greet", "default", "mail", "good-morning", "europe/berlin",
	"cron_tz", "no worker is running", "no worker serves the queue (default|mail)", "the queue mail is paused", "x+", `[a-z_-]+\.([a-z-]+|\*)`,
	"zz", "1 is published", "[0-9a-f]{8}-[0-9a-f-]{27}",
}, "|") + `)\b|\{[a-z]+\}|[\w-]{22}`)

var word = regexp.MustCompile(`[A-Za-z]{2,}`)

// literalsOf returns the texts and attributes of a page with English words: in a pseudo-language every letter that comes
// from a file has an accent.
func literalsOf(page *apptest.Page) []string {
	var list []string
	check := func(what, content string) {
		if rest := data.ReplaceAllString(content, ""); word.MatchString(rest) {
			list = append(list, what+": "+strings.Join(strings.Fields(content), " "))
		}
	}
	page.Find("*").Each(func(_ int, s *goquery.Selection) {
		switch node := s.Get(0); node.Data {
		case "script", "style", "code", "pre":
		default:
			for child := node.FirstChild; child != nil; child = child.NextSibling {
				if child.Type == html.TextNode {
					check(node.Data, child.Data)
				}
			}
			for _, attr := range node.Attr {
				switch {
				case attr.Key == "aria-label", attr.Key == "placeholder", attr.Key == "alt", attr.Key == "title",
					attr.Key == "data-confirm", attr.Key == "data-label", strings.HasPrefix(attr.Key, "data-text-"):
					check(node.Data+" "+attr.Key, attr.Val)
				}
			}
		}
	})
	return list
}

func TestNoLiterals(t *testing.T) {
	t.Parallel()
	pseudo, err := here(t).Catalogue().Pseudo(text.PseudoLong)
	if err != nil {
		t.Fatal(err)
	}
	var m manager
	unstarted := &app{t: t}
	a := startWith(t, databases["sqlite"](t), texttest.Own(t, map[string]string{text.PseudoLong + ".yaml": string(pseudo)}),
		func(module *admin.Module) {
			unstarted.magazine(module)
			admin.Accounts[Person](module, admin.AccountsOptions[Person]{Manager: &m})
		})
	unstarted.App = a.App // in which its action works
	author := create(a, Author{Name: "1", Email: "2@3.45"})
	post := a.postBy(author, "111")
	a.postBy(author, "222")
	gone := a.postBy(author, "333")
	a.post("/admin/posts/bulk", url.Values{"_action": {"delete"}, "_confirmed": {"1"}, "id": {fmt.Sprint(gone.ID)}})
	create(a, Comment{PostID: post.ID, Text: "444"})
	tag := create(a, Tag{Name: "555"})
	role := create(a, covetmodels.Role{Name: "666", Permissions: []covetmodels.RolePermission{{Permission: "posts.read"}}})
	person := create(a, Person{User: covetmodels.User{Email: "7@8.90", PasswordHash: "x", Roles: []covetmodels.Role{role}}})
	create(a, covetmodels.Session{UserID: person.ID, TokenHash: "x", UserAgent: "888", ExpiresAt: time.Now()})
	create(a, covetmodels.AccessToken{UserID: person.ID, Name: "999", TokenHash: "x"})
	dead := a.jobRow(1, covetjobs.Dead, "default", func(r *covetmodels.OutboxRow) { r.LastError, r.Attempts = "x", 3 })
	a.jobRow(2, covetjobs.Pending, "mail")
	postPath, personPath := fmt.Sprintf("/admin/posts/%d", post.ID), fmt.Sprintf("/admin/users/%d", person.ID)
	pages := map[string]*apptest.Page{}
	submit := func(name, path string, form url.Values) { pages[name] = a.post(path, form) }
	submit("saved", postPath, url.Values{
		"title": {"112"}, "words": {"7"}, "tags": {fmt.Sprint(tag.ID)}, "_present": {"tags"}, "featured": {"true"},
		"_version": {a.Client().Get(postPath).Attr("input[name=_version]", "value")},
	})
	submit("created", "/admin/tags/new", url.Values{"name": {"556"}})
	submit("errors", "/admin/posts/new", url.Values{
		"title": {""}, "words": {"x"}, "rating": {"7"}, "meta": {"{"}, "status": {"x"}, "published_at": {"x"}, "homepage": {"x"},
	})
	submit("conflict", postPath, url.Values{"title": {"113"}, "_version": {"x"}})
	submit("duplicate", "/admin/authors/new", url.Values{"name": {"1"}, "email": {"2@3.45"}})
	ids := url.Values{"id": {fmt.Sprint(post.ID)}}
	for _, action := range []string{"delete", "destroy", "restore", "publish", "explode"} {
		form := url.Values{"_action": {action}, "id": ids["id"]}
		submit("bulk "+action, "/admin/posts/bulk", form)
	}
	submit("bulk author", "/admin/authors/bulk", url.Values{"_action": {"delete"}, "id": {fmt.Sprint(author.ID)}})
	submit("bulk nothing", "/admin/posts/bulk", url.Values{"_action": {"delete"}})
	submit("bulk all", "/admin/posts/bulk", url.Values{"_action": {"delete"}, "_all": {"1"}})
	submit("disable", "/admin/users/bulk", url.Values{"_action": {"disable"}, "id": {fmt.Sprint(person.ID)}})
	submit("disabled", "/admin/users/bulk", url.Values{"_action": {"disable"}, "_confirmed": {"1"}, "id": {fmt.Sprint(person.ID)}})
	submit("role", "/admin/roles/new", url.Values{"name": {"667"}, "permissions": {"x y"}, "_present": {"permissions"}})
	submit("retry", "/admin/jobs/bulk", url.Values{"_action": {"retry"}, "id": {dead.ID}})
	submit("cancel all", "/admin/jobs/bulk", url.Values{"_action": {"cancel"}, "_scope": {"all"}, "_query": {"state=waiting"}})
	submit("pause", "/admin/jobs/queues", url.Values{"_action": {"pause"}, "queue": {"mail"}})
	submit("run", "/admin/jobs/schedules", url.Values{"_action": {"run"}, "schedule": {"good-morning"}})
	for _, path := range []string{
		"/admin", "/admin/posts", "/admin/posts?q=zz", "/admin/posts?deleted=1", "/admin/posts/new", postPath, postPath + "/history",
		"/admin/posts?filter.status=draft&filter.created_at.from=2026-01-01&filter.created_at.to=2099-01-01&filter.rating=null",
		fmt.Sprintf("/admin/posts/%d", gone.ID), "/admin/comments", "/admin/tags", "/admin/authors", "/admin/pages",
		"/admin/users", "/admin/users/new", personPath, personPath + "/history", "/admin/roles", fmt.Sprintf("/admin/roles/%d", role.ID),
		"/admin/sessions", "/admin/sessions/1", "/admin/access-tokens", "/admin/access-tokens/1", "/admin/audit",
		"/admin/jobs", "/admin/jobs?range=week", "/admin/jobs/list", "/admin/jobs/list?state=all&queue=mail",
		"/admin/jobs/list?state=running", "/admin/jobs/" + dead.ID, "/admin/jobs/schedules",
	} {
		pages[path] = a.Client().Get(path).MustStatus(ok)
	}
	entry := pages["/admin/audit"].Attr("tbody th a", "href")
	pages["entry"] = a.Client().Get(entry).MustStatus(ok)
	for name, page := range pages {
		if page.Attr("html", "lang") != text.PseudoLong {
			t.Errorf("%s: no page of the admin, status %d", name, page.Status())
		}
		for _, literal := range literalsOf(page) {
			t.Errorf("%s: %s", name, literal)
		}
	}
}
