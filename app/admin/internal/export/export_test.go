package export_test

import (
	"context"
	"encoding/csv"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/covetgo/covet/app/admin/internal/admintest"
	"github.com/covetgo/covet/app/admin/internal/export"
	"github.com/covetgo/covet/app/admin/internal/meta"
	"github.com/covetgo/covet/app/admin/internal/store"
	"github.com/covetgo/covet/app/audit"
	"github.com/covetgo/covet/app/problem"
)

// parts hands out records in two parts, and then fails if the test asks for it.
type parts struct {
	records []any
	fail    error
	query   store.Query
}

func (p *parts) Each(_ context.Context, _ *meta.Resource, q store.Query, fn func([]any) error) error {
	p.query = q
	for _, record := range p.records {
		if err := fn([]any{record}); err != nil {
			return err
		}
	}
	return p.fail
}

func exports(k *admintest.Kit, p *parts) *export.Exports {
	return &export.Exports{Registry: k.Registry, Store: p, Audit: k.Audit, Log: slog.New(slog.DiscardHandler)}
}

func rows(t *testing.T, w *httptest.ResponseRecorder) [][]string {
	t.Helper()
	list, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	if err != nil {
		t.Fatalf("%v in %q", err, w.Body)
	}
	return list
}

func TestCSV(t *testing.T) {
	t.Parallel()
	k := admintest.New(t, func(s *meta.Spec) { s.Hidden = []string{"Contact"} })
	price := decimal.RequireFromString("-1.50")
	first := &admintest.Post{
		ID: 1, Title: `=HYPERLINK("https://evil.example")`, Body: "two\nlines, \"quoted\"", Status: "draft", Words: -3,
		Price: &price, Featured: true,
		Secret: "s3cret", Contact: "hidden@example.com", Cover: []byte("bytes"), AuthorID: 7,
		CreatedAt: time.Date(2026, 3, 31, 18, 30, 0, 1000, time.UTC),
	}
	hidden := &admintest.Post{ID: 2, Title: "Not for you"}
	k.Denies = func(_ string, record any) bool { return record == any(hidden) }
	c, w := k.Get("/admin/posts/export.csv?q=x&after=whatever&sort=title", "posts", "")
	p := &parts{records: []any{first, hidden}}
	if err := exports(k, p).CSV(c); err != nil {
		t.Fatal(err)
	}
	if p.query.Search != "x" || p.query.After != nil || p.query.Sort.Field.Column != "title" {
		t.Errorf("the query is %+v", p.query)
	}
	list := rows(t, w)
	if len(list) != 2 {
		t.Fatalf("%d rows: %q", len(list), list)
	}
	got := map[string]string{}
	for i, name := range list[0] {
		got[name] = list[1][i]
	}
	want := map[string]string{
		"id": "1", "title": `'=HYPERLINK("https://evil.example")`, "body": "two\nlines, \"quoted\"", "status": "Draft",
		"homepage": "", "tint": "", "shade": "",
		"featured": "true", "pinned": "", "rating": "", "words": "-3", "size": "0", "price": "-1.50", "day": "", "code": "",
		"meta": "", "photo": "", "author_id": "7",
		"editor_id": "", "published_at": "", "created_at": "2026-03-31T18:30:00.000001Z", "updated_at": "", "deleted_at": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	h := w.Header()
	if h.Get("Content-Type") != "text/csv; charset=utf-8; header=present" ||
		!strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="posts-2`) {
		t.Errorf("%v", h)
	}
	if len(k.Audit.Events) != 1 || k.Audit.Events[0].Action != "posts.export" ||
		k.Audit.Events[0].Detail["query"] != "q=x&sort=title" {
		t.Errorf("logged: %+v", k.Audit.Events)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	k := admintest.New(t, func(s *meta.Spec) { s.Forbid = []string{meta.Delete} })
	for name, c := range map[string]struct {
		address, resource, forbidden string
		status                       int
	}{
		"no permission": {"/", "posts", "posts.export", 403},
		"no reading":    {"/", "posts", "posts.read", 403},
		"no resource":   {"/", "nothing", "", 404},
		"no such order": {"/?sort=secret", "posts", "", 400},
	} {
		k.Forbidden = []string{c.forbidden}
		ctx, w := k.Get(c.address, c.resource, "")
		err := exports(k, &parts{}).CSV(ctx)
		if err == nil || problem.From(err).Status != c.status || w.Body.Len() > 0 {
			t.Errorf("%s: %v, %q", name, err, w.Body)
		}
	}
	if len(k.Audit.Events) != 0 {
		t.Errorf("logged: %v", k.Audit.Actions())
	}
}

// noLog refuses every event.
type noLog struct{}

func (noLog) Record(context.Context, audit.Event) error { return errors.New("the log is full") }

func TestFailures(t *testing.T) {
	t.Parallel()
	k := admintest.New(t)
	// Threat: data leaves without a trace.
	e := exports(k, &parts{records: []any{&admintest.Post{ID: 1}}})
	e.Audit = noLog{}
	c, w := k.Get("/", "posts", "")
	if err := e.CSV(c); err == nil || w.Body.Len() > 0 {
		t.Errorf("without a log: %v, %q", err, w.Body)
	}
	// A file that ends early must not look complete.
	defer func() {
		if v := recover(); v != any(http.ErrAbortHandler) {
			t.Errorf("the handler ends with %v", v)
		}
	}()
	c, _ = k.Get("/", "posts", "")
	err := exports(k, &parts{records: []any{&admintest.Post{ID: 1}}, fail: errors.New("down")}).CSV(c)
	t.Errorf("the handler returns %v", err)
}
