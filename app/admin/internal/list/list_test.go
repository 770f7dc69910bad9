package list_test

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/list"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/query"
	"github.com/covetgo/covet/app/admin/internal/relation"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/problem"
)

type kit struct {
	*admintest.Kit
	lists *list.Lists
	t     testing.TB
}

func newKit(t testing.TB, changes ...func(*meta.Spec)) *kit {
	t.Helper()
	k := admintest.New(t, changes...)
	return &kit{Kit: k, t: t, lists: &list.Lists{
		Registry: k.Registry, Store: k.Store, Relations: relation.New(k.Registry, k.Store), Pages: k.Pages,
		Signer: query.NewSigner(admintest.Key), PerPage: 2,
	}}
}

// get renders a list of posts.
func (k *kit) get(address string) *goquery.Document {
	k.t.Helper()
	c, _ := k.Get(address, "posts", "")
	if err := k.lists.Show(c); err != nil {
		k.t.Fatalf("%s: %v", address, err)
	}
	return k.Pages.Document()
}

func titles(page *goquery.Document) string {
	var list []string
	page.Find("tbody th a").Each(func(_ int, a *goquery.Selection) { list = append(list, strings.TrimSpace(a.Text())) })
	return strings.Join(list, " ")
}

// Pages follow each other in both directions, and keep order, search and filters.
func TestPages(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	for _, title := range []string{"One", "Two", "Three", "Four", "Five"} {
		k.Post(title)
	}
	address := "/admin/posts?sort=title&filter.status=draft&utm=x"
	var seen []string
	for address != "" {
		page := k.get(address)
		seen = append(seen, titles(page))
		address = page.Find("a[rel=next]").AttrOr("href", "")
		if strings.Contains(address, "utm") || (address != "" && !strings.Contains(address, "filter.status=draft")) {
			t.Errorf("the next page is at %s", address)
		}
	}
	if got := strings.Join(seen, " | "); got != "Five Four | One Three | Two" {
		t.Errorf("pages: %s", got)
	}
	last := k.get("/admin/posts?sort=title")
	next := k.get(last.Find("a[rel=next]").AttrOr("href", ""))
	if back := k.get(next.Find("a[rel=prev]").AttrOr("href", "")); titles(back) != "Five Four" {
		t.Errorf("back: %s", titles(back))
	}
	if first := next.Find(".pager a").First(); first.Text() != "First" ||
		first.AttrOr("href", "") != "/admin/posts?sort=title" {
		t.Errorf("first: %s", first.AttrOr("href", ""))
	}
	previous, err := url.Parse(next.Find("a[rel=prev]").AttrOr("href", ""))
	if err != nil {
		t.Fatal(err)
	}
	position := url.QueryEscape(previous.Query().Get("before"))
	k.get("/admin/posts?sort=title&after=" + position)
	c, _ := k.Get("/admin/posts?sort=status&after="+position, "posts", "")
	if err := k.lists.Show(c); err == nil || problem.From(err).Status != 400 {
		t.Errorf("a position of another order: %v", err)
	}
}

func TestHeadersAndCells(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) { s.List = []string{"Title", "Words", "AuthorID", "Meta", "CreatedAt"} })
	k.Post("One")
	page := k.get("/admin/posts?sort=-title&q=One")
	for text, want := range map[string]string{
		"Title ▼": "/admin/posts?q=One&sort=title", "Words ⇅": "/admin/posts?q=One&sort=words",
		"Author ⇅":     "/admin/posts?q=One&sort=author_id",
		"Created at ⇅": "/admin/posts?q=One&sort=created_at",
	} {
		found := page.Find("thead a").FilterFunction(func(_ int, a *goquery.Selection) bool { return a.Text() == text })
		if got := found.AttrOr("href", ""); got != want {
			t.Errorf("%s leads to %q, want %q", text, got, want)
		}
	}
	if sort := page.Find("th[aria-sort]"); sort.Length() != 1 || sort.AttrOr("aria-sort", "") != "descending" {
		t.Error("the order is not marked")
	}
	if page.Find("thead th").Last().Prev().Find("a").Length() != 0 {
		t.Error("JSON is offered as an order")
	}
	if author := page.Find("td[data-label=Author] a"); author.Text() != "Author of One" ||
		author.AttrOr("href", "") != "/admin/authors/1" {
		t.Errorf("author: %q", author.Text())
	}
	k.Forbidden = []string{"authors.read"}
	if author := k.get("/admin/posts").Find("td[data-label=Author]"); author.Find("a").Length() != 0 ||
		strings.TrimSpace(author.Text()) != "1" {
		t.Errorf("an author that may not be read: %q", author.Text())
	}
}

// Only what the user may do is offered, and only what they may read is listed.
func TestPermissions(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	one := k.Post("One")
	k.Post("Two")
	for name, c := range map[string]struct {
		forbidden []string
		selector  string
		there     bool
	}{
		"new":             {nil, `a[href="/admin/posts/new"]`, true},
		"no creating":     {[]string{"posts.create"}, `a[href="/admin/posts/new"]`, false},
		"export":          {nil, `a[href="/admin/posts/export.csv"]`, true},
		"no export":       {[]string{"posts.export"}, `a[download]`, false},
		"bulk":            {nil, "[name=_action] [value=delete]", true},
		"no deleting":     {[]string{"posts.delete"}, "[name=_action], input[type=checkbox]", false},
		"choices":         {nil, `select[name="filter.author_id"] option[value="1"]`, true},
		"no authors":      {[]string{"authors.read"}, `select[name="filter.author_id"]`, false},
		"no key for them": {[]string{"authors.read"}, `input[name="filter.author_id"]`, false},
	} {
		k.Forbidden = c.forbidden
		if there := k.get("/admin/posts").Find(c.selector).Length() > 0; there != c.there {
			t.Errorf("%s: %t", name, there)
		}
	}
	k.Forbidden = nil
	k.Denies = func(action string, record any) bool {
		post, ok := record.(*admintest.Post)
		return ok && action == "posts.read" && post.ID == one.ID
	}
	if got := titles(k.get("/admin/posts")); got != "Two" {
		t.Errorf("rows: %q", got)
	}
	k.Forbidden = []string{"posts.read"}
	c, _ := k.Get("/admin/posts", "posts", "")
	if err := k.lists.Show(c); err == nil || problem.From(err).Status != 403 {
		t.Errorf("without the permission: %v", err)
	}
}

func TestFilterControls(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) { s.Filters = []string{"Status", "Featured", "Pinned", "Rating", "Day"} })
	k.Post("One")
	page := k.get("/admin/posts?filter.status=draft&filter.day.from=2026-03-01&filter.day=set&filter.author_id=1")
	for selector, want := range map[string]int{
		`select[name="filter.status"] option`: 3, `select[name="filter.status"] option[selected][value=draft]`: 1,
		`select[name="filter.featured"] option`: 3, `select[name="filter.pinned"] option`: 5,
		`select[name="filter.rating"] option`:               3,
		`input[name="filter.day.from"][value="2026-03-01"]`: 1, `input[name="filter.day.to"]`: 1,
		`select[name="filter.day"] option[selected][value=set]`:       1,
		`select[name="filter.author_id"] option[selected][value="1"]`: 1, // a filter of a link from another page
		"details.filters[open]": 0, `.chips a.clear[href="/admin/posts"]`: 1, `select[name=deleted] option`: 2,
		`.chips a.chip`: 4, `input[name="find.author_id"]`: 0,
	} {
		if got := page.Find(selector).Length(); got != want {
			t.Errorf("%s: %d, want %d", selector, got, want)
		}
	}
}

// A relation with many records is filtered by a search, with and without a script.
func TestFilterByOneOfMany(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	k.Post("One")
	for i := range 60 {
		k.Create(&admintest.Author{Name: fmt.Sprintf("Writer %d", i), Email: fmt.Sprintf("%d@example.com", i)})
	}
	page := k.get("/admin/posts?filter.author_id=50")
	if page.Find(`fieldset[data-combobox="/admin/authors/choices"] select[name="filter.author_id"] option[selected][value="50"]`).Length() != 1 {
		t.Error("the chosen author is not an option")
	}
	if chip := page.Find(".chip"); !strings.Contains(chip.Text(), "Author: Writer 48") || chip.AttrOr("href", "") != "/admin/posts" {
		t.Errorf("chip: %q %q", chip.Text(), chip.AttrOr("href", ""))
	}
	page = k.get("/admin/posts?find.author_id=Writer+55")
	if page.Find("details.filters[open]").Length() != 1 ||
		page.Find(`select[name="filter.author_id"] option`).FilterFunction(func(_ int, o *goquery.Selection) bool {
			return o.Text() == "Writer 55"
		}).Length() != 1 {
		t.Error("what was searched for is not offered")
	}
	if strings.Contains(page.Text(), "(key)") {
		t.Error("a filter asks for a key")
	}
	k.Forbidden = []string{"authors.read"}
	if k.get("/admin/posts?find.author_id=Writer").Find(`[name="filter.author_id"], [data-combobox]`).Length() != 0 {
		t.Error("authors that may not be read are offered")
	}
}

// A list that has more than a page offers to select all that match.
func TestSelectAll(t *testing.T) {
	t.Parallel()
	k := newKit(t, func(s *meta.Spec) { s.PerPage = 2 })
	for _, title := range []string{"One", "Two", "Three"} {
		k.Post(title)
	}
	page := k.get("/admin/posts?q=o&filter.status=draft")
	if page.Find("input[name=_all]").Length() != 0 {
		t.Error("offered for one page")
	}
	page = k.get("/admin/posts?filter.status=draft&sort=title&utm=x")
	if got := page.Find("input[name=_selection]").AttrOr("value", ""); got != "filter.status=draft&sort=title" ||
		!strings.Contains(page.Find(".bulk").Text(), "Select all 3 matching records") {
		t.Errorf("selection = %q in %q", got, page.Find(".bulk").Text())
	}
}

// big is a table that is too large to be looked through.
type big struct{ page store.Page }

func (b big) List(context.Context, *meta.Resource, store.Query) (store.Page, error) {
	return b.page, nil
}

func TestLargeTables(t *testing.T) {
	t.Parallel()
	k := newKit(t)
	position := &store.Position{Value: int64(7), Key: int64(7)}
	page := store.Page{
		Count: store.Counted + 1, Sort: meta.Sort{Field: k.Posts.Key, Desc: true}, SortDenied: true, Searched: store.Window,
		Next:     position,
		Sortable: func(f *meta.Field) bool { return f == k.Posts.Key },
	}
	k.lists.Store = big{page}
	document := k.get("/admin/posts?sort=title&q=needle")
	if got := k.Pages.Text(".count"); got != "10,000+ records" {
		t.Errorf("count: %q", got)
	}
	for _, want := range []string{"stopped after 15,000 records", "too large to be sorted"} {
		if got := k.Pages.Text(".notice"); !strings.Contains(got, want) {
			t.Errorf("%q is not among %q", want, got)
		}
	}
	onwards := document.Find(".empty a").AttrOr("href", "")
	values, err := url.Parse(onwards)
	if err != nil || values.Query().Get("sort") != "-id" || values.Query().Get("after") == "" ||
		values.Query().Get("q") != "needle" {
		t.Errorf("the search goes on at %s: %v", onwards, err)
	}
	for n, want := range map[int]string{-1: "", 0: "0 records", 1: "1 record", 1234: "1,234 records"} {
		k.lists.Store = big{store.Page{Count: n, Sort: k.Posts.Sort, Sortable: (*meta.Field).Sortable}}
		k.get("/admin/posts?n=" + strconv.Itoa(n))
		if got := k.Pages.Text(".count"); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
