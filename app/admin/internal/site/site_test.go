package site_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/site"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/web"
)

// newSite returns a site with the sections, and its routes.
func newSite(t *testing.T, k *admintest.Kit, cfg site.Config, sections ...covet.Section) *echo.Echo {
	t.Helper()
	e := echo.New()
	e.Renderer = &web.Renderer{Key: admintest.Key}
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		var missing *echo.HTTPError
		if errors.As(err, &missing) {
			_ = c.NoContent(missing.Code)
			return
		}
		_ = c.String(problem.From(err).Status, problem.From(err).Detail)
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	s := site.New(cfg, k.Registry, k.Store)
	g := s.Register(e)
	g.GET("/:resource/:key", func(c echo.Context) error {
		return s.Render(c, http.StatusOK, covet.Page{
			Title: "A record", Content: templ.Raw("content"),
			Breadcrumbs: []covet.Breadcrumb{{Title: "Records", URL: "/admin/posts"}, {Title: "This one"}},
		})
	})
	for _, section := range sections {
		if err := s.AddSection(section); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

type answer struct {
	*httptest.ResponseRecorder
	document *goquery.Document
}

// get answers a request of a browser; a nil resolver is signed out.
func get(t *testing.T, e *echo.Echo, path string, resolve func(context.Context) (identity.Actor, bool, error)) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept", "text/html")
	if resolve != nil {
		r = r.WithContext(identity.WithResolver(r.Context(), resolve))
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	document, err := goquery.NewDocumentFromReader(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	return answer{w, document}
}

func ada(context.Context) (identity.Actor, bool, error) {
	return identity.Actor{ID: "1", Name: "Ada", Email: "ada@example.com"}, true, nil
}

func TestAccess(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	k.Forbidden = []string{"closed.read"}
	page := func(g *echo.Group, admin covet.Admin) error {
		g.GET("/deep", func(c echo.Context) error {
			return admin.Render(c, http.StatusOK, covet.Page{Title: "Deep", Content: templ.NopComponent})
		})
		return nil
	}
	e := newSite(t, k, site.Config{SignIn: "/login"}, covet.Section{
		Name:   "open",
		Access: []string{"closed.read", "open.read"}, Routes: page,
	},
		covet.Section{Name: "closed", Access: []string{"closed.read"}, Routes: page})
	for name, c := range map[string]struct {
		path     string
		resolve  func(context.Context) (identity.Actor, bool, error)
		status   int
		location string
	}{
		"signed in":           {"/admin", ada, 200, ""},
		"with a slash":        {"/admin/", ada, 200, ""},
		"one of two":          {"/admin/open/deep", ada, 200, ""},
		"none of one":         {"/admin/closed/deep", ada, 403, ""},
		"no such page":        {"/admin/open/nothing/here", ada, 404, ""},
		"hidden pages":        {"/admin/closed/nothing/here", ada, 403, ""},
		"signed out":          {"/admin", nil, 303, "/login?next=%2Fadmin"},
		"signed out, section": {"/admin/open/deep?x=1&y=2", nil, 303, "/login?next=%2Fadmin%2Fopen%2Fdeep%3Fx%3D1%26y%3D2"},
		"an access token": {"/admin", func(context.Context) (identity.Actor, bool, error) {
			return identity.Actor{ID: "1", Token: true, Permissions: []string{"*"}}, true, nil
		}, 403, ""},
		"a wrong token": {"/admin", func(context.Context) (identity.Actor, bool, error) {
			return identity.Actor{}, false, problem.Unauthorized("")
		}, 401, ""},
		"no database": {"/admin", func(context.Context) (identity.Actor, bool, error) {
			return identity.Actor{}, false, errors.New("down")
		}, 503, ""},
		"assets are public":  {"/admin/assets/admin.css", nil, 200, ""},
		"the path is exact":  {"/administrators", ada, 404, ""},
		"a record of nobody": {"/admin/posts/7", nil, 303, "/login?next=%2Fadmin%2Fposts%2F7"},
	} {
		t.Run(name, func(t *testing.T) {
			got := get(t, e, c.path, c.resolve)
			if got.Code != c.status || got.Header().Get("Location") != c.location {
				t.Errorf("%d to %q, want %d to %q", got.Code, got.Header().Get("Location"), c.status, c.location)
			}
			if got.Code == 200 && c.resolve != nil && got.Header().Get("Cache-Control") != "no-store" {
				t.Error("the page may be stored")
			}
		})
	}
	if got := get(t, newSite(t, k, site.Config{}), "/admin", nil); got.Code != http.StatusUnauthorized {
		t.Errorf("without a log-in: %d", got.Code)
	}
	if got := get(t, newSite(t, k, site.Config{SignIn: "/login?lang=de"}), "/admin", nil); got.Header().Get("Location") != "/login?lang=de&next=%2Fadmin" {
		t.Errorf("with a query: %q", got.Header().Get("Location"))
	}
	k.Forbidden = []string{"admin.access"}
	if got := get(t, e, "/admin", ada); got.Code != http.StatusForbidden {
		t.Errorf("without admin.access: %d", got.Code)
	}
}

func TestNavigationAndBreadcrumbs(t *testing.T) {
	t.Parallel()
	k := admintest.New(t, func(s *meta.Spec) { s.Group = "Magazine" })
	k.Forbidden = []string{"tags.read", "shop.refund", "closed.read"}
	routes := func(g *echo.Group, admin covet.Admin) error {
		for _, path := range []string{"", "/orders", "/orders/:id"} {
			g.GET(path, func(c echo.Context) error {
				return admin.Render(c, http.StatusOK, covet.Page{Title: "Shop", Content: templ.NopComponent})
			})
		}
		return nil
	}
	access := []string{"shop.read"}
	e := newSite(t, k, site.Config{Title: "Magazine", Home: "/home", SignOut: "/logout"},
		covet.Section{Name: "shop", Access: access, Routes: routes, Nav: []covet.NavEntry{
			{Title: "Shop", Group: "Shop", Access: access},
			{Title: "Orders", Path: "/orders", Group: "Shop", Access: access},
			{Title: "Refunds", Path: "refunds", Group: "Shop", Access: []string{"shop.refund"}},
		}},
		covet.Section{
			Name: "closed", Access: []string{"closed.read"},
			Nav: []covet.NavEntry{{Title: "Closed", Group: "System", Access: access}},
		},
		covet.Section{Name: "more", Access: access, Nav: []covet.NavEntry{{
			Title: "More", Group: "Magazine",
			Access: access,
		}}})
	var links []string
	page := get(t, e, "/admin/posts/7", ada)
	page.document.Find("nav.side a, nav.side summary").Each(func(_ int, s *goquery.Selection) {
		if s.Is("summary") {
			links = append(links, "# "+s.Text())
		} else {
			links = append(links, s.Text()+" "+s.AttrOr("href", ""))
		}
	})
	want := []string{
		"Dashboard /admin", "# Magazine", "Posts /admin/posts", "More /admin/more", "# Content", "Authors /admin/authors",
		"Comments /admin/comments",
		"# Shop", "Shop /admin/shop", "Orders /admin/shop/orders",
	}
	if diff := cmp.Diff(want, links); diff != "" {
		t.Errorf("navigation (-want +got):\n%s", diff)
	}
	var crumbs []string
	page.document.Find(".crumbs li").Each(func(_ int, li *goquery.Selection) {
		crumbs = append(crumbs, strings.TrimSpace(li.Text())+" "+li.Find("a").AttrOr("href", "-"))
	})
	if diff := cmp.Diff([]string{"Admin /admin", "Records /admin/posts", "This one -"}, crumbs); diff != "" {
		t.Errorf("breadcrumbs (-want +got):\n%s", diff)
	}
	for path, want := range map[string]string{
		"/admin": "Dashboard", "/admin/": "Dashboard", "/admin/posts/7": "Posts", "/admin/shop": "Shop",
		"/admin/shop/orders":   "Orders",
		"/admin/shop/orders/7": "Orders", "/admin/nothing/7": "",
	} {
		current := get(t, e, path, ada).document.Find("nav.side [aria-current=page]")
		if current.Text() != want {
			t.Errorf("%s: the current link is %q, want %q", path, current.Text(), want)
		}
	}
	for selector, want := range map[string]string{
		"title": "A record · Magazine", ".user": "Ada", `.who a[href="/home"]`: "View site",
		`form[action="/logout"]`: "Sign out", "main": "content",
	} {
		if got := page.document.Find(selector).Text(); !strings.Contains(got, want) {
			t.Errorf("%s: %q", selector, got)
		}
	}
}

func TestSectionPaths(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	newSite(t, k, site.Config{}, covet.Section{Name: "notes", Routes: func(_ *echo.Group, admin covet.Admin) error {
		for _, c := range []struct {
			segments []string
			want     string
		}{
			{nil, "/admin/notes"},
			{[]string{"list"}, "/admin/notes/list"},
			{[]string{"a/b", "c?d", "../e"}, "/admin/notes/a%2Fb/c%3Fd/..%2Fe"},
		} {
			if got := admin.Path(c.segments...); got != c.want {
				t.Errorf("Path(%q) = %s, want %s", c.segments, got, c.want)
			}
		}
		return nil
	}})
}

func TestFaultySections(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	s := site.New(site.Config{}, k.Registry, k.Store)
	s.Register(echo.New())
	routes := func(*echo.Group, covet.Admin) error { return nil }
	for name, c := range map[string]struct {
		section covet.Section
		want    string
	}{
		"a resource":         {covet.Section{Name: "posts", Routes: routes}, "the resource Post has this address"},
		"the assets":         {covet.Section{Name: "assets", Routes: routes}, "assets"},
		"a failing section":  {covet.Section{Name: "x", Routes: func(*echo.Group, covet.Admin) error { return errors.New("no") }}, "registering pages: no"},
		"no pages, no fault": {covet.Section{Name: "authors"}, ""},
	} {
		err := s.AddSection(c.section)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	s := site.New(site.Config{}, k.Registry, k.Store)
	s.Register(echo.New())
	for _, section := range []covet.Section{
		{
			Name: "a", Access: []string{"a.read", "a.count"},
			Permissions: []covet.Permission{{Name: "a.count", Description: "Count."}, {Name: "a.write", Description: "Write."}},
		},
		{Name: "b", Access: []string{"b.read"}},
	} {
		if err := s.AddSection(section); err != nil {
			t.Fatal(err)
		}
	}
	want := []site.Granted{
		{Title: "A", Permissions: []covet.Permission{
			{Name: "a.read"}, {Name: "a.count", Description: "Count."}, {Name: "a.write", Description: "Write."},
		}},
		{Title: "B", Permissions: []covet.Permission{{Name: "b.read"}}},
	}
	if diff := cmp.Diff(want, s.Sections(t.Context())); diff != "" {
		t.Error(diff)
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	k.Post("One")
	k.Forbidden = []string{"tags.read", "comments.create"}
	e := newSite(t, k, site.Config{})
	var cards []string
	get(t, e, "/admin", ada).document.Find(".cards li").Each(func(_ int, li *goquery.Selection) {
		cards = append(cards, strings.Join(strings.Fields(li.Text()), " "))
	})
	if diff := cmp.Diff([]string{
		"1 Posts 1 new in 7 days, 0 in the 7 days beforeNew post", "1 Authors New author", "0 Comments",
	}, cards); diff != "" {
		t.Error(diff)
	}
	k.Forbidden = []string{"posts.read", "authors.read", "tags.read", "comments.read"}
	if got := get(t, e, "/admin", ada).document.Find("main").Text(); !strings.Contains(got, "There is nothing here that you have permission to see.") {
		t.Errorf("an empty dashboard says %q", got)
	}
}
