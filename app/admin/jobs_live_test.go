package admin_test

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
)

// The stream tells of changes, and says nothing about them.
func TestJobEvents(t *testing.T) {
	t.Parallel()
	a := here(t)
	page := a.Client().Get("/admin/jobs")
	address := page.URL().ResolveReference(&url.URL{Path: page.Attr("[data-events]", "data-events")}).String()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/event-stream")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != ok || response.Header.Get("Content-Type") != "text/event-stream" || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", response.StatusCode, response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	next := func() string {
		for lines.Scan() {
			if data, found := strings.CutPrefix(lines.Text(), "data: "); found {
				return data
			}
		}
		t.Fatalf("the stream ends: %v", lines.Err())
		return ""
	}
	first := next()
	if first != page.Attr("[data-events]", "data-version") {
		t.Errorf("the page shows version %q, and the stream begins with %q", page.Attr("[data-events]", "data-version"), first)
	}
	row := a.jobRow(1, covetjobs.Dead, "mail")
	second := next()
	if second == first || strings.Contains(second, row.ID) || strings.Contains(second, "greet") {
		t.Errorf("after a change: %q", second)
	}
	if got := a.Client().Get("/admin/jobs").Attr("[data-events]", "data-version"); got != second {
		t.Errorf("the page shows version %q, the stream told %q", got, second)
	}
	// It ends when the application stops, so that the stop does not wait for it.
	if err := a.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	for lines.Scan() {
	}
	if err := lines.Err(); err != nil {
		t.Errorf("the stream broke: %v", err)
	}
}

// renamed takes a table away, as an outage would, and returns what brings it back.
func (a *app) renamed(table string) (back func()) {
	a.t.Helper()
	rename := func(from, to string) {
		if err := a.DB.With(a.t.Context()).Exec("ALTER TABLE " + from + " RENAME TO " + to).Error; err != nil {
			a.t.Fatal(err)
		}
	}
	rename(table, "elsewhere")
	return func() { rename("elsewhere", table) }
}

// While the database does not answer, the pages say so in place, and follow when it is back.
func TestJobsPagesInAnOutage(t *testing.T) {
	t.Parallel()
	a := here(t)
	dead := a.jobRow(1, covetjobs.Dead, "default")
	back := a.renamed("covet_outbox")
	for path, want := range map[string]string{
		"/admin": "The state of jobs cannot be read", "/admin/jobs": "The state of jobs cannot be read", "/admin/jobs?range=week": "The charts are unavailable",
		"/admin/jobs/list": "The jobs cannot be read", "/admin/jobs/schedules": "The state of jobs cannot be read",
	} {
		page := a.Client().Get(path).MustStatus(ok)
		if !strings.Contains(page.Text("main"), want) {
			t.Errorf("%s does not say %q:\n%s", path, want, page.Text("main"))
		}
		if strings.Contains(page.Body(), "no such table") {
			t.Errorf("%s tells what is for the log", path)
		}
		if bar := page.Find("[data-events]"); bar.Length() > 0 && bar.AttrOr("data-version", "") != "unknown" {
			t.Errorf("%s has the version %q", path, bar.AttrOr("data-version", ""))
		}
	}
	back()
	until(t, "numbers", func() bool {
		page := a.Client().Get("/admin/jobs").MustStatus(ok)
		return strings.Contains(page.Text("#live-hints"), "One job has failed permanently.") && page.Text("#live-fault") == ""
	})

	// What was known is shown, with when that was.
	until(t, "the outage", func() bool {
		defer a.renamed("covet_job_workers")()
		page := a.Client().Get("/admin/jobs").MustStatus(ok)
		return strings.Contains(page.Text("#live-fault"), "This page shows the state at ") && strings.Contains(page.Text("#live-queues"), "default")
	})
	until(t, "the end of it", func() bool {
		return a.Client().Get("/admin/jobs/"+dead.ID).MustStatus(ok).Text("#live-fault") == ""
	})

	// Without statistics there is everything but charts.
	until(t, "the rest", func() bool {
		defer a.renamed("covet_job_stats")()
		page := a.Client().Get("/admin/jobs").MustStatus(ok)
		return strings.Contains(page.Text("#live-charts"), "The charts are unavailable") && page.Text("#live-fault") == "" &&
			strings.Contains(page.Text("#live-hints"), "One job has failed permanently.")
	})
}

// until waits for something that takes a few seconds, as pages are that old at most.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}
