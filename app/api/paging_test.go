package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/apptest"
	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/internal/testserver"
)

// databases names each kind of database with a fresh one.
var databases = map[string]func(testing.TB) string{
	"sqlite":   func(t testing.TB) string { return "sqlite:" + t.TempDir() + "/test.db" },
	"postgres": testserver.Postgres,
	"mysql":    testserver.MySQL,
}

type article struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title" gorm:"size:100"`
	CreatedAt time.Time `json:"created_at"`
}

type articles struct {
	api.Links
	Body []article
}

func pagingApp(t *testing.T, url string) *apptest.App {
	t.Helper()
	type listInput struct {
		api.Cursor
		Q string `query:"q" maxLength:"10"`
	}
	type numberedInput struct {
		api.Cursor
		Page int `query:"page"`
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		for path, order := range map[string]paging.Order{
			"/newest": paging.Newest("created_at"), "/titles": paging.Oldest("title"), "/ids": paging.Oldest("id"),
		} {
			list := paging.List{Order: order, Search: []string{"title"}, Window: 20}
			api.Get(a, path, func(ctx context.Context, in *listInput) (*articles, error) {
				out := &articles{}
				var err error
				out.Links, err = in.Find(a.DB.With(ctx), &out.Body, in.Q, list)
				return out, err
			})
		}
		api.Get(a, "/numbered", func(_ context.Context, in *numberedInput) (*articles, error) {
			return &articles{Body: make([]article, in.Page)}, nil
		})
	}), apptest.Set("database.url", url))
	db := a.DB.With(t.Context())
	if err := db.AutoMigrate(&article{}); err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	var rows []article
	for i := range 25 {
		// Each five share a time and a title, so that the key has to decide.
		rows = append(rows, article{
			Title:     fmt.Sprintf("a%c%%", 'a'+i/5),
			CreatedAt: start.Add(time.Duration(i/5) * time.Microsecond),
		})
	}
	if err := db.Create(&rows).Error; err != nil {
		t.Fatal(err)
	}
	return a
}

// next returns the path of a link of the response, or "".
func next(t *testing.T, h http.Header, relation string) string {
	t.Helper()
	for part := range strings.SplitSeq(h.Get("Link"), ", ") {
		if target, rest, ok := strings.Cut(part, ">; rel="); ok && rest == `"`+relation+`"` {
			return strings.TrimPrefix(target, "<")
		}
	}
	return ""
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for dialect, url := range databases {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			a := pagingApp(t, url(t))
			var got []article
			page := call(t, a, "GET", "/api/ids?limit=10&total=true&x=1", "", "").MustStatus(200).JSON(&got)
			if len(got) != 10 || page.Header().Get("X-Total-Count") != "25" || next(t, page.Header(), "prev") != "" ||
				next(t, page.Header(), "first") != "" {
				t.Errorf("%d rows, headers %v", len(got), page.Header())
			}
			last := next(t, page.Header(), "last")
			if last != "/api/ids?cursor=last&limit=10&total=true&x=1" {
				t.Errorf("last = %s", last)
			}
			page = call(t, a, "GET", last, "", "").JSON(&got)
			if len(got) != 10 || got[9].ID != 25 || next(t, page.Header(), "next") != "" {
				t.Errorf("the last page: %d rows, Link %s", len(got), page.Header().Get("Link"))
			}
			page = call(t, a, "GET", next(t, page.Header(), "prev"), "", "").JSON(&got)
			if len(got) != 10 || got[9].ID != 15 {
				t.Errorf("the page before the last: %d rows", len(got))
			}
			call(t, a, "GET", next(t, page.Header(), "first"), "", "").JSON(&got)
			if len(got) != 10 || got[0].ID != 1 {
				t.Errorf("the first page: %d rows", len(got))
			}
			page = call(t, a, "GET", "/api/newest?q=none", "", "").MustStatus(200)
			if page.Body() != "[]\n" || page.Header().Get("X-Searched") != "20" || page.Header().Get("X-Total-Count") != "" {
				t.Errorf("a search: %s %v", page.Body(), page.Header())
			}
			if page := call(t, a, "GET", "/api/newest?limit=1", "", ""); page.Header().Get("X-Searched") != "" {
				t.Errorf("without a search: %v", page.Header())
			}
			// A client that numbers pages would read the first one for ever.
			refused(t, call(t, a, "GET", "/api/ids?page=50000&per_page=20", "", ""), 422, "/page", "/per_page")
			refused(t, call(t, a, "GET", "/api/ids?offset=0&limit=101&total=maybe&q=hunter2hunter2", "", ""),
				422, "/limit", "/offset", "/q", "/total")
			call(t, a, "GET", "/api/numbered?page=2", "", "").MustStatus(200)
		})
	}
}

func TestTotalsAreBounded(t *testing.T) {
	t.Parallel()
	a := pagingApp(t, databases["sqlite"](t))
	if err := a.DB.With(t.Context()).CreateInBatches(make([]article, paging.Counted), 100).Error; err != nil {
		t.Fatal(err)
	}
	page := call(t, a, "GET", "/api/ids?total=true", "", "").MustStatus(200)
	if page.Header().Get("X-Total-Count") != "" || page.Header().Get("X-Total-Count-Above") != "1000" {
		t.Errorf("headers %v", page.Header())
	}
}

// Threat: a client makes up conditions of its own.
func TestCursors(t *testing.T) {
	t.Parallel()
	for dialect, url := range databases {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			a := pagingApp(t, url(t))
			for path, order := range map[string]func(i int) int64{
				"/api/newest": func(i int) int64 { return int64(25 - i) }, "/api/titles": func(i int) int64 { return int64(i + 1) },
				"/api/ids": func(i int) int64 { return int64(i + 1) },
			} {
				var seen []int64
				for target := path + "?limit=4"; target != ""; {
					var got []article
					page := call(t, a, "GET", target, "", "").MustStatus(200).JSON(&got)
					for _, row := range got {
						seen = append(seen, row.ID)
					}
					target = next(t, page.Header(), "next")
				}
				if len(seen) != 25 {
					t.Fatalf("%s: %d rows: %v", path, len(seen), seen)
				}
				for i, id := range seen {
					if id != order(i) {
						t.Fatalf("%s: order %v", path, seen)
					}
				}
			}
			first := call(t, a, "GET", "/api/titles?limit=4", "", "")
			cursor := next(t, first.Header(), "next")
			for _, forged := range []string{
				"x", "AAAA",
				base64.RawURLEncoding.EncodeToString([]byte("0123456789abcdef[\"a\",1]")), "%00",
			} {
				refused(t, call(t, a, "GET", "/api/titles?cursor="+forged, "", ""), 422, "/cursor")
			}
			refused(t, call(t, a, "GET", strings.Replace(cursor, "titles", "newest", 1), "", ""), 422, "/cursor")
			refused(t, call(t, a, "GET", "/api/titles?limit=0&cursor="+strings.Repeat("x", 1001), "", ""),
				422, "/cursor", "/limit")
		})
	}
}

func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	type getInput struct {
		Text string `query:"text"`
	}
	type output struct {
		ETag string `header:"ETag"`
		Body string
	}
	type putInput struct {
		api.MustMatch
		Body string
	}
	type patchInput struct {
		api.Match
		Version string `query:"version"`
	}
	a := apptest.New(t, newApp(func(a *covet.App) {
		api.Get(a, "/computed", func(_ context.Context, in *getInput) (*output, error) { return &output{Body: in.Text}, nil })
		api.Get(a, "/given",
			func(context.Context, *struct{}) (*output, error) { return &output{ETag: api.Version(7, "x")}, nil })
		api.Put(a, "/doc", func(_ context.Context, in *putInput) (*output, error) {
			return &output{ETag: "v2", Body: in.Body}, in.Check("v1")
		})
		api.Patch(a, "/doc", func(_ context.Context, in *patchInput) (*struct{}, error) { return nil, in.Check(in.Version) })
	}))
	computed := call(t, a, "GET", "/api/computed?text=a", "", "").MustStatus(200).Header().Get("ETag")
	if !strings.HasPrefix(computed, `"`) ||
		call(t, a, "GET", "/api/computed?text=b", "", "").Header().Get("ETag") == computed {
		t.Errorf("ETag = %s", computed)
	}
	for name, tt := range map[string]struct {
		path, header string
		status       int
	}{
		"the same":      {"/api/computed?text=a", computed, 304},
		"among others":  {"/api/computed?text=a", `"x", W/` + computed, 304},
		"any":           {"/api/given", "*", 304},
		"another":       {"/api/computed?text=b", computed, 200},
		"without quote": {"/api/computed?text=a", strings.Trim(computed, `"`), 200},
	} {
		page := call(t, a, "GET", tt.path, "", "", "If-None-Match: "+tt.header)
		if page.Status() != tt.status || (tt.status == 304) != (page.Body() == "") || page.Header().Get("ETag") == "" {
			t.Errorf("%s: %d %q %v", name, page.Status(), page.Body(), page.Header())
		}
	}
	put := func(headers ...string) *apptest.Page {
		return call(t, a, "PUT", "/api/doc", "application/json", `"x"`, headers...)
	}
	refused(t, put(), 428)
	refused(t, put(`If-Match: "v0"`), 412)
	refused(t, put(`If-Match: W/"v1"`), 412)
	if etag := put(`If-Match: "v0", "v1"`).MustStatus(200).Header().Get("ETag"); etag != `"v2"` {
		t.Errorf("ETag = %s", etag)
	}
	put(`If-Match: *`).MustStatus(200)
	for _, tt := range []struct {
		version, header string
		status          int
	}{
		{"", `If-None-Match: *`, 204},
		{"v1", `If-None-Match: *`, 412},
		{"", `If-Match: *`, 412},
		{"", `If-Match: ""`, 412},
		{"v1", "X: y", 204},
		{"v1", `If-None-Match: W/"v1"`, 412},
	} {
		if page := call(t, a, "PATCH", "/api/doc?version="+tt.version, "", "", tt.header); page.Status() != tt.status {
			t.Errorf("%+v: %d %s", tt, page.Status(), page.Body())
		}
	}
}
