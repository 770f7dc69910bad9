package jobsui

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/admin/internal/jobsui/view"
	"github.com/covetgo/covet/app/admin/internal/words"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	"github.com/covetgo/covet/models"
)

// admin is an admin whose user has some permissions.
type admin []string

func (a admin) Path(segments ...string) string {
	return strings.Join(append([]string{"/admin/jobs"}, segments...), "/")
}

func (a admin) Can(_ context.Context, action string, _ any) bool { return slices.Contains(a, action) }

func (a admin) Render(echo.Context, int, covet.Page) error { return nil }

func TestSection(t *testing.T) {
	t.Parallel()
	s := Section(Config{})
	if s.Name != "jobs" || s.Routes == nil || len(s.Nav) != 1 || len(s.Widgets) != 1 || !s.Widgets[0].Alert {
		t.Errorf("%+v", s)
	}
	for _, permission := range s.Permissions {
		if !strings.HasPrefix(permission.Name, "jobs.") || !strings.HasSuffix(words.T(t.Context(), permission.Description), ".") {
			t.Errorf("%+v", permission)
		}
	}
}

func TestHints(t *testing.T) {
	t.Parallel()
	at := time.Now()
	n := &numbers{
		queues: []inspect.QueueCounts{
			{Queue: "default", Counts: map[jobs.State]int{jobs.Dead: 3, jobs.Pending: 1}, Oldest: &at, Workers: 1},
			{Queue: "mail", PausedAt: &at, Oldest: &at},
			{Queue: "a&b", Oldest: &at},
			{Queue: "idle"},
		},
		workers: []inspect.Worker{{Works: true, Alive: true}, {Alive: true}},
	}
	list := "/admin/jobs/list?state="
	for name, c := range map[string]struct {
		permissions admin
		workers     []inspect.Worker
		want        []view.Hint
	}{
		"reading": {admin{actionRead}, n.workers, []view.Hint{
			{Text: "3 jobs have failed permanently.", URL: list + "dead", Action: "Show jobs"},
			{Text: "The queue mail is paused.", URL: "/admin/jobs", Action: "Show queue"},
			{
				Text: "Jobs are waiting in the queue a&b, and no worker serves it.", URL: list + "waiting&queue=a%26b",
				Action: "Show jobs",
			},
		}},
		"counting": {admin{actionCount}, n.workers[1:], []view.Hint{
			{Text: "3 jobs have failed permanently."},
			{Text: "The queue mail is paused.", URL: "/admin/jobs", Action: "Show queue"},
			{Text: "Jobs are waiting in the queue a&b, and no worker is running."},
		}},
	} {
		copied := *n
		copied.workers = c.workers
		if diff := cmp.Diff(c.want, pages{&monitor{}, c.permissions}.hints(t.Context(), &copied)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if hints := (pages{&monitor{}, admin{actionRead}}).hints(t.Context(), &numbers{}); hints != nil {
		t.Errorf("without jobs: %v", hints)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	n := &numbers{at: time.Now(), queues: []inspect.QueueCounts{
		{Counts: map[jobs.State]int{jobs.Pending: 1000, jobs.Held: 2, jobs.Dispatched: 30, jobs.Dead: 1}},
		{Counts: map[jobs.State]int{jobs.Pending: 500, jobs.Done: 7}},
	}}
	want := map[string]string{
		"dead": "1", "waiting": "1,532", "retrying": "", "running": "0", "done": "7",
		"cancelled": "0", "all": "",
	}
	for _, tab := range tabs() {
		if got := n.count(t.Context(), tab); got != want[tab.name] {
			t.Errorf("%s: %q, want %q", tab.name, got, want[tab.name])
		}
		if got := (&numbers{}).count(t.Context(), tab); got != "" {
			t.Errorf("%s, unknown: %q", tab.name, got)
		}
	}
	at := time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)
	for fault, n := range map[string]*numbers{
		"": {at: at}, "This page updates": {stale: true}, "the state at 31 March 2026, 18:30:00": {stale: true, at: at},
		"none is lost": {at: at, noRelay: true},
	} {
		if got := n.fault(t.Context()); !strings.Contains(got, fault) || (fault == "") != (got == "") {
			t.Errorf("%q, want %q", got, fault)
		}
	}
}

// The version of the numbers changes with what pages show, and not with every heartbeat.
func TestVersions(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 31, 18, 30, 0, 0, time.UTC)
	workers := []inspect.Worker{{ID: "a", SeenAt: at}}
	later := []inspect.Worker{{ID: "a", SeenAt: at.Add(time.Second)}}
	if digest(withoutSeenAt(workers)) != digest(withoutSeenAt(later)) || workers[0].SeenAt != at {
		t.Error("a heartbeat is a change")
	}
	row := models.OutboxRow{ID: "1", State: jobs.Running}
	seen := map[string]string{jobVersion(&row): "the row"}
	for name, change := range map[string]func(*models.OutboxRow){
		"state": func(r *models.OutboxRow) { r.State = jobs.Dead }, "attempts": func(r *models.OutboxRow) { r.Attempts++ },
		"progress": func(r *models.OutboxRow) { r.ProgressDone++ }, "total": func(r *models.OutboxRow) { r.ProgressTotal++ },
		"cancel": func(r *models.OutboxRow) { r.CancelAskedAt = &at }, "end": func(r *models.OutboxRow) { r.FinishedAt = &at },
	} {
		changed := row
		change(&changed)
		if other, ok := seen[jobVersion(&changed)]; ok {
			t.Errorf("%s and %s have one version", name, other)
		}
		seen[jobVersion(&changed)] = name
	}
}

func TestListAddresses(t *testing.T) {
	t.Parallel()
	p := pages{&monitor{}, admin{}}
	for address, want := range map[string]string{
		"":                         "/admin/jobs/list?state=dead",
		"state=all&x=y":            "/admin/jobs/list?state=all",
		"state=waiting&queue=a%26": "/admin/jobs/list?queue=a%26&state=waiting",
		"state=done&kind=k&error=e&schedule=s&batch=b&chain=c&since=24h&after=p": "/admin/jobs/list?batch=b&chain=c&error=e&kind=k&schedule=s&since=24h&state=done",
	} {
		values, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		q, err := jobQueryOf(t.Context(), values)
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		if got := q.path(p, ""); got != want {
			t.Errorf("%q: %s, want %s", address, got, want)
		}
		if narrowed := strings.Contains(address, "&queue") || strings.Contains(address, "kind"); q.restricted() != narrowed {
			t.Errorf("%q: restricted %t", address, q.restricted())
		}
	}
	for _, address := range []string{
		"state=nothing", "since=1y", "queue=" + strings.Repeat("x", 65), "kind=" + strings.Repeat("x", 192), "error=" + strings.Repeat("x", 201),
		"batch=" + strings.Repeat("x", 37), "error=%00", "kind=%FF", "after=%00",
	} {
		values, _ := url.ParseQuery(address)
		if _, err := jobQueryOf(t.Context(), values); err == nil || problem.From(err).Status != 400 {
			t.Errorf("%q: %v", address, err)
		}
	}
	if got := (jobQuery{filter: inspect.Filter{Chain: "7"}}).only(t.Context()); got != "Only jobs of the chain 7." {
		t.Error(got)
	}
}

func TestBulkButtons(t *testing.T) {
	t.Parallel()
	all := admin{actionRead, actionRetry, actionCancel, actionDelete}
	p := pages{&monitor{Config: Config{Jobs: &jobs.Client{}}}, all}
	want := map[string]string{
		"dead": "retry delete", "waiting": "cancel", "retrying": "cancel", "running": "", "done": "delete",
		"cancelled": "retry delete", "all": "retry cancel delete",
	}
	names := func(buttons []view.Button) string {
		var list []string
		for _, b := range buttons {
			list = append(list, b.Name)
		}
		return strings.Join(list, " ")
	}
	for _, tab := range tabs() {
		if got := names(p.bulkButtons(t.Context(), tab)); got != want[tab.name] {
			t.Errorf("%s: %q, want %q", tab.name, got, want[tab.name])
		}
		p.admin = admin{actionRead}
		if got := names(p.bulkButtons(t.Context(), tab)); got != "" {
			t.Errorf("%s, reading only: %q", tab.name, got)
		}
		p.admin = all
	}
	if got := both([]jobs.State{jobs.Dead, jobs.Done}, []jobs.State{jobs.Done, jobs.Cancelled}); !slices.Equal(got, []jobs.State{jobs.Done}) {
		t.Errorf("both: %v", got)
	}
	if got := both(nil, []jobs.State{jobs.Done}); !slices.Equal(got, []jobs.State{jobs.Done}) {
		t.Errorf("all: %v", got)
	}
}

func TestTexts(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", longestShown)
	if got := shortened(t.Context(), long); !strings.HasSuffix(got, "more bytes") || strings.Contains(got, "\uFFFD") ||
		len(got) > longestShown+50 {
		t.Errorf("shortened to %d bytes", len(got))
	}
	if got := shortened(t.Context(), "short"); got != "short" {
		t.Error(got)
	}
	for want, row := range map[string]models.OutboxRow{"": {}, "3 done": {ProgressDone: 3}, "1,000 of 2,000": {ProgressDone: 1000, ProgressTotal: 2000}} {
		if got := progressOf(t.Context(), &row); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, state := range []jobs.State{jobs.Held, jobs.Pending, jobs.Dispatched, jobs.Running, jobs.Done, jobs.Dead, jobs.Cancelled} {
		if stateName(t.Context(), state) == "" || tabOf(state) == "all" {
			t.Errorf("%s has no name or list", state)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, err := range []error{inspect.ErrNotEnded, inspect.ErrRunning, inspect.ErrNotWaiting, inspect.ErrNoJob, inspect.ErrDuplicate} {
		if message, ok := refusal(t.Context(), err); !ok || !strings.HasPrefix(message, "Nothing was changed") {
			t.Errorf("%v: %q", err, message)
		}
	}
	for _, err := range []error{nil, inspect.ErrCursor, context.Canceled} {
		if _, ok := refusal(t.Context(), err); ok {
			t.Errorf("%v is a refusal", err)
		}
	}
}

func TestWorkers(t *testing.T) {
	t.Parallel()
	got := workerViews(t.Context(), []inspect.Worker{
		{
			Host: "a", PID: 7, Works: true, Alive: true, Concurrency: 10, Running: 3,
			Queues: map[string]int{"mail": 1, "default": 5},
		},
		{Host: "b", Alive: true},
		{Host: "c", Works: true, Alive: true, Stopping: true},
		{Host: "d", Works: true},
	})
	want := []view.Worker{
		{Host: "a", PID: "7", State: "Working", Running: "3 of 10", Queues: "default (5), mail"},
		{Host: "b", PID: "0", State: "Relays only", Running: "0 of 0"},
		{Host: "c", PID: "0", State: "Stopping", Running: "0 of 0"},
		{Host: "d", PID: "0", State: "Lost, no heartbeat", Lost: true, Running: "0 of 0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
