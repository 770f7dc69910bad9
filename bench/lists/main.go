// Command lists measures lists as generated resources have them, pages and endpoints, on a large table: it seeds one, reads
// first, deep, last and searched pages over HTTP, and prints the times of each kind.
//
//	go run ./bench/lists                                         # SQLite in a temporary folder
//	go run ./bench/lists -db postgres://postgres@127.0.0.1/bench # an empty database
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/api"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
	"github.com/covetgo/covet/app/paging"
	"github.com/covetgo/covet/app/web"
	"github.com/covetgo/covet/app/web/ui"
)

// Post is what the table consists of.
type Post struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title" gorm:"size:255;not null"`
	Body      string    `json:"body" gorm:"size:2000;not null"`
	Slug      string    `json:"slug" gorm:"size:255;not null;uniqueIndex"`
	UserID    int64     `json:"user_id" gorm:"not null"`
	CreatedAt time.Time `json:"created_at" gorm:"precision:6;not null"`
}

// posts is the list of all posts, own that of the posts of a user.
var (
	posts = paging.List{
		Order: paging.Newest("created_at"), Search: []string{"title", "body", "slug"}, Prefix: []string{"slug"},
	}
	own = paging.List{Action: "posts.read", Order: posts.Order, Search: posts.Search, Prefix: posts.Prefix}
)

func main() {
	db := flag.String("db", "", "URL of an empty database; empty: SQLite in a temporary folder")
	rows := flag.Int("rows", 1_000_000, "rows to seed")
	rounds := flag.Int("rounds", 100, "requests for each kind of page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *db, *rows, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

func run(ctx context.Context, url string, rows, rounds int) error {
	dir, err := os.MkdirTemp("", "covet-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if url == "" {
		url = "sqlite:" + filepath.Join(dir, "bench.db")
	}
	a, err := newApp(url, dir)
	if err != nil {
		return err
	}
	defer func() { _ = a.Stop(context.WithoutCancel(ctx)) }()
	began := time.Now()
	if err := seed(ctx, a.DB, rows); err != nil {
		return err
	}
	fmt.Printf("%s: %d rows seeded in %s\n", a.DB.Dialect(), rows, time.Since(began).Round(time.Second))
	server := httptest.NewServer(a.Echo)
	defer server.Close()
	return measure(ctx, server.URL, rows, rounds)
}

func newApp(url, dir string) (*covet.App, error) {
	cfg := covet.Config{Database: database.Config{URL: url, SlowQuery: -1}, SecretKey: "only-for-benchmarks-0123456789-abcdef"}
	cfg.App.Env, cfg.App.DataDir, cfg.Log.Level = "test", dir, "error"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}})
	if err != nil {
		return nil, err
	}
	policies := identity.NewPolicies()
	identity.Allow(policies, "posts.*", func(_ context.Context, actor identity.Actor, post Post) bool {
		return actor.Is(post.UserID)
	}).Where(identity.Owns("user_id"))
	a.Echo.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := identity.WithPolicies(c.Request().Context(), policies)
			if id := c.QueryParam("as"); id != "" {
				ctx = identity.With(ctx, identity.Actor{ID: id})
			}
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	})
	if err := a.Use(api.New(api.Config{}, api.Options{})); err != nil {
		return nil, err
	}
	for path, list := range map[string]paging.List{"/posts": posts, "/own": own} {
		route(a, path, list)
	}
	return a, nil
}

// route serves a list as a page and as an endpoint. The parameter upto leads to a deep page: its cursor is one of the whole
// list, too.
func route(a *covet.App, path string, list paging.List) {
	a.Echo.GET(path, func(c echo.Context) error {
		query := a.DB.With(c.Request().Context())
		if upto := c.QueryParam("upto"); upto != "" {
			query = query.Where("id <= ?", upto)
		}
		var rows []Post
		page, err := paging.Find(query, &rows, web.ListRequest(c, 20), list)
		if err != nil {
			return err
		}
		return web.Render(c, http.StatusOK, templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			var err error
			for _, post := range rows {
				_, each := fmt.Fprintf(w, "<p>%s</p>", templ.EscapeString(post.Title))
				err = errors.Join(err, each)
			}
			pager := ui.Pager(page, func(cursor string) string { return path + "?cursor=" + cursor })
			return errors.Join(err, pager.Render(ctx, w))
		}))
	})
	type input struct {
		api.Cursor
		Q    string `query:"q"`
		Upto int64  `query:"upto"`
	}
	type output struct {
		api.Links
		Body []Post
	}
	api.Get(a, path, func(ctx context.Context, in *input) (*output, error) {
		query, out := a.DB.With(ctx), &output{}
		if in.Upto > 0 {
			query = query.Where("id <= ?", in.Upto)
		}
		var err error
		out.Links, err = in.Find(query, &out.Body, in.Q, list) //nolint:contextcheck // the query carries it
		return out, err
	})
}

// seed fills the table. User 1 owns every other row, users 2 to 1,001 few each, nobody else any.
func seed(ctx context.Context, db *database.DB, rows int) error {
	if err := db.With(ctx).AutoMigrate(&Post{}); err != nil {
		return err
	}
	statements := map[string][]string{
		"sqlite": {
			`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO posts (title, body, slug, user_id, created_at) SELECT 'Post ' || i, 'What is said in number ' || i,
			'post-' || i, CASE WHEN i %% 2 = 0 THEN 1 ELSE i / 2 %% 1000 + 2 END,
			strftime('%%Y-%%m-%%d %%H:%%M:%%S', 1577836800 + i * 97, 'unixepoch') || '+00:00' FROM n`,
		},
		"postgres": {
			`INSERT INTO posts (title, body, slug, user_id, created_at) SELECT 'Post ' || i, 'What is said in number ' || i,
			'post-' || i, CASE WHEN i %% 2 = 0 THEN 1 ELSE i / 2 %% 1000 + 2 END,
			timestamptz '2020-01-01' + i * interval '97 seconds' FROM generate_series(1, %d) AS i`,
		},
		"mysql": {
			`INSERT INTO posts (title, body, slug, user_id, created_at)
			WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT CONCAT('Post ', i), CONCAT('What is said in number ', i),
			CONCAT('post-', i), CASE WHEN i %% 2 = 0 THEN 1 ELSE i DIV 2 %% 1000 + 2 END,
			TIMESTAMPADD(SECOND, i * 97, '2020-01-01') FROM n`,
		},
	}[db.Dialect()]
	for i, statement := range statements {
		statements[i] = fmt.Sprintf(statement, rows)
	}
	statements = append(statements,
		"CREATE INDEX idx_posts_created_at_id ON posts (created_at, id)",
		"CREATE INDEX idx_posts_user_id ON posts (user_id, created_at, id)")
	if db.Dialect() == "mysql" {
		statements = append([]string{fmt.Sprintf("SET SESSION max_recursive_iterations = %d", rows+1)}, statements...)
	}
	err := db.Transaction(ctx, func(ctx context.Context) error {
		for _, statement := range statements {
			if err := db.With(ctx).Exec(statement).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && db.Dialect() == "postgres" {
		err = db.With(ctx).Exec("VACUUM ANALYZE posts").Error // autovacuum does it within a minute
	}
	return err
}

// kinds are the pages to measure; DEEP stands for the cursor of a page in the middle.
var kinds = []struct{ name, query string }{
	{"the first page", ""},
	{"the last page", "cursor=last"},
	{"a page in the middle", "cursor=DEEP"},
	{"a search that finds nothing", "q=zzz"},
	{"a search that finds much", "q=said"},
	{"a search that finds much, its last page", "q=said&cursor=last"},
	{"a search for a slug", "q=post-777"},
}

func measure(ctx context.Context, base string, rows, rounds int) error {
	fmt.Printf("%-60s %8s %8s %8s\n", "", "median", "p95", "max")
	for _, list := range []struct{ name, path string }{
		{"page", "/posts?"},
		{"endpoint", "/api/posts?"},
		{"page of who owns half", "/own?as=1&"},
		{"page of who owns few", "/own?as=500&"},
		{"page of who owns none", "/own?as=9999&"},
	} {
		_, deep, err := get(ctx, fmt.Sprintf("%s%supto=%d", base, list.path, rows/2))
		if err != nil {
			return err
		}
		for _, kind := range kinds {
			address := base + list.path + strings.Replace(kind.query, "DEEP", deep, 1)
			if err := report(ctx, list.name+": "+kind.name, address, rounds); err != nil {
				return err
			}
		}
	}
	return nil
}

func report(ctx context.Context, name, address string, rounds int) error {
	var times []time.Duration
	for range rounds {
		took, _, err := get(ctx, address)
		if err != nil {
			return err
		}
		times = append(times, took)
	}
	slices.Sort(times)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	fmt.Printf("%-60s %8s %8s %8s\n", name, ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(times[len(times)-1]))
	return nil
}

// get reads a page to its end, and returns how long that took and the cursor of the next page.
func get(ctx context.Context, address string) (time.Duration, string, error) {
	began := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	took := time.Since(began)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", address, response.Status, body)
	}
	cursor := ""
	links := append(strings.Split(string(body), "<a "), strings.Split(response.Header.Get("Link"), ", ")...)
	for _, link := range links {
		if _, rest, ok := strings.Cut(link, "cursor="); ok && strings.Contains(link, `rel="next"`) {
			cursor = rest[:strings.IndexAny(rest, `"&>`)]
		}
	}
	return took, cursor, err
}
