// Command admin measures how fast the admin's lists are on a large table: it seeds one, asks for pages as a browser does,
// and prints the times of each kind of page.
//
//	go run ./bench/admin                                        # SQLite in a temporary folder
//	go run ./bench/admin -db postgres://postgres@127.0.0.1/bench # an empty database
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin"
	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	"github.com/covetgo/covet/app/identity"
)

// Customer and Order are what the table is about.
type (
	Customer struct {
		ID   int64
		Name string `gorm:"size:100;not null"`
	}
	Order struct {
		ID         int64
		Number     string     `gorm:"size:20;not null;uniqueIndex"`
		Name       string     `gorm:"size:100;not null"`
		Email      string     `gorm:"size:254;not null" format:"email"`
		Status     string     `gorm:"size:20;not null;index" enum:"open,paid,sent,returned"`
		Rush       bool       `gorm:"not null"`
		Note       string     `gorm:"size:255;not null"`
		CustomerID int64      `gorm:"not null;index"`
		Customer   *Customer  `gorm:"-:migration"`
		PaidAt     *time.Time `gorm:"precision:6;index"`
		CreatedAt  time.Time  `gorm:"precision:6;not null;index"`
	}
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
	if err := a.Migrate(ctx); err != nil {
		return err
	}
	began := time.Now()
	if err := seed(ctx, a.DB, rows); err != nil {
		return err
	}
	fmt.Printf("%s: %d rows seeded in %s\n", a.DB.Dialect(), rows, time.Since(began).Round(time.Second))
	server := httptest.NewServer(a.Echo)
	defer server.Close()
	return measure(server.URL, rounds)
}

func newApp(url, dir string) (*covet.App, error) {
	cfg := covet.Config{Database: database.Config{URL: url, SlowQuery: -1}, SecretKey: "only-for-benchmarks-0123456789-abcdef"}
	cfg.App.Env, cfg.App.DataDir, cfg.Log.Level = "test", dir, "error"
	a, err := covet.New(cfg, covet.Options{Drivers: []database.Driver{sqlite.Driver{}, postgres.Driver{}, mysql.Driver{}}})
	if err != nil {
		return nil, err
	}
	a.Echo.Pre(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			actor := identity.Actor{ID: "1", Name: "Bench", Permissions: []string{"*"}}
			c.SetRequest(c.Request().WithContext(identity.With(c.Request().Context(), actor)))
			return next(c)
		}
	})
	m := admin.New(admin.Config{}, admin.Options{})
	admin.Register(m, admin.Resource[Order]{Search: []string{"Number", "Name", "Email", "Note"}})
	admin.Register(m, admin.Resource[Customer]{})
	return a, a.Use(m)
}

// seed fills the tables: one status in a thousand is rare, and so is a word in the notes.
func seed(ctx context.Context, db *database.DB, rows int) error {
	if err := db.With(ctx).AutoMigrate(&Customer{}, &Order{}); err != nil {
		return err
	}
	customers := make([]Customer, 10_000)
	for i := range customers {
		customers[i] = Customer{Name: fmt.Sprintf("Customer %d", i)}
	}
	if err := db.With(ctx).CreateInBatches(customers, 1000).Error; err != nil {
		return err
	}
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	const batch = 1000
	for first := 0; first < rows; first += 20 * batch {
		err := db.Transaction(ctx, func(ctx context.Context) error {
			for from := first; from < min(rows, first+20*batch); from += batch {
				orders := make([]Order, min(batch, rows-from))
				for i := range orders {
					orders[i] = order(from+i, start)
				}
				if err := db.With(ctx).Create(&orders).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if db.Dialect() == "postgres" {
		return db.With(ctx).Exec("ANALYZE").Error // autovacuum does it within a minute
	}
	return nil
}

func order(i int, start time.Time) Order {
	o := Order{
		Number: fmt.Sprintf("N%08d", i), Name: fmt.Sprintf("Person %d", i*7919%1_000_003), Email: fmt.Sprintf("person%d@example.com", i),
		Status: []string{"open", "paid", "sent"}[i%3], Rush: i%10 == 0, CustomerID: int64(i%10_000 + 1), CreatedAt: start.Add(time.Duration(i) * 97 * time.Second),
	}
	if i%1000 == 0 {
		o.Status = "returned"
	}
	if i%50_000 == 17 {
		o.Note = "broken glass"
	}
	if i%2 == 0 {
		paid := o.CreatedAt.Add(time.Hour)
		o.PaidAt = &paid
	}
	return o
}

// page is one kind of page: where it begins, and how many pages on it is measured.
type page struct{ name, query string }

var pages = []page{
	{"first page", ""},
	{"by a unique column", "sort=number"},
	{"by a time, NULLs last", "sort=-paid_at"},
	{"a filter that leaves many", "filter.status=paid&sort=-created_at"},
	{"a filter that leaves few", "filter.status=returned&sort=-created_at"},
	{"a filter by relation", "filter.customer_id=4321"},
	{"a filter by days", "filter.created_at.from=2021-06-01&filter.created_at.to=2021-06-30&sort=-created_at"},
	{"a filter without an index", "filter.rush=true"},
	{"a search that finds much", "q=person"},
	{"a search that finds little", "q=broken"},
	{"a search that finds nothing", "q=nothing+of+this+kind"},
	{"a search for a whole number", "q=N00500000"},
	{"a search and a filter", "q=broken&filter.status=paid"},
	{"a sort without an index", "sort=email"},
}

func measure(base string, rounds int) error {
	fmt.Printf("%-45s %8s %8s %8s\n", "", "median", "p95", "max")
	for _, p := range pages {
		address := base + "/admin/orders?" + p.query
		if err := report(p.name, address, rounds, false); err != nil {
			return err
		}
	}
	// A deep page is reached as people reach it: from page to page.
	for _, p := range pages[:4] {
		if err := report(p.name+", each of the next pages", base+"/admin/orders?"+p.query, rounds, true); err != nil {
			return err
		}
	}
	return report("an eighth of the way in", base+"/admin/orders?sort=created_at&filter.created_at.from=2020-06-01", rounds, true)
}

func report(name, address string, rounds int, walk bool) error {
	var times []time.Duration
	for range rounds {
		began := time.Now()
		next, err := get(address)
		if err != nil {
			return err
		}
		times = append(times, time.Since(began))
		if walk && next != "" {
			address = next
		}
	}
	slices.Sort(times)
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	fmt.Printf("%-45s %8s %8s %8s\n", name, ms(times[len(times)/2]), ms(times[len(times)*95/100]), ms(times[len(times)-1]))
	return nil
}

// get asks for a page, reads it to its end, and returns where Next leads.
func get(address string) (string, error) {
	response, err := http.Get(address) //nolint:gosec,noctx // our own server
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	document, err := goquery.NewDocumentFromReader(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s: %s", address, response.Status, strings.TrimSpace(document.Text()))
	}
	href, ok := document.Find("a[rel=next]").Attr("href")
	if !ok {
		return "", nil
	}
	base, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	next, err := base.Parse(href)
	if err != nil {
		return "", err
	}
	return next.String(), nil
}
