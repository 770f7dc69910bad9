package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// Greet is a job of the magazine.
type Greet struct {
	Name  string `json:"name"`
	Token string `json:"token"`
}

// Work fails for nobody.
func (g Greet) Work(context.Context, struct{}) error {
	if g.Name == "" {
		return covetjobs.Permanent(errors.New("there is nobody to greet"))
	}
	return nil
}

// registerJobs makes the jobs of the magazine known.
func registerJobs(a *covet.App) {
	covetjobs.Register[Greet](a.Jobs, struct{}{})
	a.Jobs.Schedule("good-morning", "CRON_TZ=Europe/Berlin 0 7 * * *", Greet{Name: "morning"}, covetjobs.CatchUp(1))
}

// jobRow inserts a job; n makes its id and its time.
func (a *app) jobRow(n int, state covetjobs.State, queue string, change ...func(*covetmodels.OutboxRow)) covetmodels.OutboxRow {
	at := time.Now().UTC().Truncate(time.Microsecond).Add(-time.Duration(n) * time.Minute)
	row := covetmodels.OutboxRow{
		ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", n), Kind: "greet", Queue: queue, Payload: `{"name":"ada","token":"s3cret"}`,
		State: state, RunAt: at, CreatedAt: at,
	}
	for _, c := range change {
		c(&row)
	}
	return create(a, row)
}

func (a *app) stateOf(row covetmodels.OutboxRow) covetjobs.State {
	return load[covetmodels.OutboxRow](a, map[string]any{"id": row.ID}).State
}

func TestJob(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		dead := a.jobRow(1, covetjobs.Dead, "default", func(r *covetmodels.OutboxRow) { r.Attempts, r.LastError, r.LastStack = 3, "no luck", "main.go:7" })
		path := "/admin/jobs/" + dead.ID
		page := a.Client().Get(path).MustStatus(ok)
		for _, want := range []string{"greet", "Failed", "no luck", "main.go:7", `"name": "ada"`, `"token": "[hidden]"`} {
			if !strings.Contains(page.Text("main"), want) {
				t.Errorf("%q is not on the page:\n%s", want, page.Text("main"))
			}
		}
		if strings.Contains(page.Body(), "s3cret") {
			t.Error("a secret is on the page")
		}
		a.as("jobs.read")
		if page := a.Client().Get(path); page.Find("main form").Length() > 0 {
			t.Error("the page offers what is not allowed")
		}
		for _, action := range []string{"retry", "cancel", "delete"} {
			a.post(path, url.Values{"_action": {action}}).MustStatus(http.StatusForbidden)
		}
		a.as("jobs.retry")
		a.Client().Get(path).MustStatus(http.StatusForbidden)
		a.post(path, url.Values{"_action": {"retry"}}).MustStatus(http.StatusForbidden)
		a.as("jobs.*")
		if page := a.post(path, url.Values{"_action": {"retry"}}).MustStatus(ok); !strings.Contains(page.Text(".flash"), "runs again") || page.URL().Path != path {
			t.Errorf("flash = %q at %s", page.Text(".flash"), page.URL())
		}
		if got := a.stateOf(dead); got == covetjobs.Dead {
			t.Errorf("the job is %s", got)
		}
		if page := a.post(path, url.Values{"_action": {"retry"}}).MustStatus(ok); !strings.Contains(page.Text(".flash"), "Nothing was changed") {
			t.Errorf("flash = %q", page.Text(".flash"))
		}
		a.post(path, url.Values{"_action": {"cancel"}}).MustStatus(ok)
		if got := a.stateOf(dead); got != covetjobs.Cancelled {
			t.Errorf("the job is %s", got)
		}
		running := a.jobRow(2, covetjobs.Running, "default", func(r *covetmodels.OutboxRow) { r.ProgressDone, r.ProgressTotal = 3, 10 })
		if page := a.Client().Get("/admin/jobs/" + running.ID); page.Attr("progress", "max") != "10" || page.Find("[value=delete]").Length() != 0 {
			t.Errorf("a running job: %s", page.Text("main"))
		}
		if page := a.post("/admin/jobs/"+running.ID, url.Values{"_action": {"cancel"}}); !strings.Contains(page.Text(".flash"), "asked to stop") {
			t.Errorf("flash = %q", page.Text(".flash"))
		}
		a.post(path, url.Values{"_action": {"delete"}}).MustStatus(ok)
		a.Client().Get(path).MustStatus(http.StatusNotFound)
		a.post("/admin/jobs/"+running.ID, url.Values{"_action": {"explode"}}).MustStatus(http.StatusNotFound)
		if len(a.audit("jobs.retry")) != 1 || len(a.audit("jobs.cancel")) != 2 || len(a.audit("jobs.delete")) != 1 {
			t.Error("the log lacks entries")
		}
	})
}

func TestJobLists(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		batch := "01900000-0000-7000-8000-00000000000b"
		a.jobRow(1, covetjobs.Dead, "default", func(r *covetmodels.OutboxRow) { r.LastError = "dialing: refused" })
		a.jobRow(2, covetjobs.Dead, "mail", func(r *covetmodels.OutboxRow) { r.Kind, r.BatchID = "forgotten", &batch })
		a.jobRow(3, covetjobs.Pending, "mail", func(r *covetmodels.OutboxRow) { r.Attempts = 2 })
		a.jobRow(4, covetjobs.Pending, "default", func(r *covetmodels.OutboxRow) { r.Payload = "{" })
		a.jobRow(5, covetjobs.Running, "default")
		a.jobRow(6, covetjobs.Done, "default", func(r *covetmodels.OutboxRow) { r.Schedule = "good-morning" })
		for query, want := range map[string]string{
			"": "12", "state=dead": "12", "state=waiting": "34", "state=retrying": "3", "state=running": "5", "state=done": "6",
			"state=cancelled": "", "state=all": "123456", "state=all&queue=mail": "23", "kind=forgotten": "2", "error=REFUSED": "1",
			"state=all&since=1h&queue=default&kind=greet": "1456", "batch=" + batch: "2", "state=all&schedule=good-morning": "6", "error=%25": "",
		} {
			page := a.Client().Get("/admin/jobs/list?" + query).MustStatus(ok)
			var got []string
			page.Find("tbody [name=id]").Each(func(_ int, s *selection) {
				value, _ := s.Attr("value")
				got = append(got, value[len(value)-1:])
			})
			slices.Sort(got)
			if query == "state=running" { // nothing can be done to these here
				got = nil
				page.Find("tbody th a").Each(func(int, *selection) { got = append(got, "5") })
			}
			if strings.Join(got, "") != want {
				t.Errorf("%s lists %q, want %q", query, got, want)
			}
			if strings.Contains(page.Body(), "s3cret") {
				t.Errorf("%s shows arguments", query)
			}
		}
		for query, want := range map[string]string{
			"state=dead": "no job of this kind is registered", "state=waiting&queue=default": "decoding the arguments of greet", "state=retrying": "no worker is running",
		} {
			if got := a.Client().Get("/admin/jobs/list?" + query).Text("tbody"); !strings.Contains(got, want) {
				t.Errorf("%s does not say %q: %s", query, want, got)
			}
		}
		for _, query := range []string{
			"state=nothing", "after=x", "queue=%00", "queue=" + strings.Repeat("x", 65), "since=1y", "error=%ff", "error=" + strings.Repeat("x", 201), "batch=" + strings.Repeat("x", 37),
		} {
			a.Client().Get("/admin/jobs/list?" + query).MustStatus(http.StatusBadRequest)
		}
	})
}

// Pages follow each other by key, and say how they were narrowed.
func TestJobPages(t *testing.T) {
	t.Parallel()
	a := here(t)
	for i := range 120 {
		a.jobRow(i+1, covetjobs.Dead, "mail")
	}
	page, seen := a.Client().Get("/admin/jobs/list?queue=mail"), map[string]bool{}
	for i := range 3 {
		page.Find("tbody [name=id]").Each(func(_ int, s *selection) {
			value, _ := s.Attr("value")
			seen[value] = true
		})
		if next := page.Attr(".pager a[rel=next]", "href"); (next == "") != (i == 2) || (next != "" && !strings.Contains(next, "queue=mail")) {
			t.Fatalf("page %d leads to %q", i, next)
		}
		if i < 2 {
			page = page.Click("Next").MustStatus(ok)
		}
	}
	if len(seen) != 120 {
		t.Errorf("the pages list %d of 120", len(seen))
	}
}

func TestJobsInBulk(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		var rows []covetmodels.OutboxRow
		for i := range 4 {
			rows = append(rows, a.jobRow(i+1, covetjobs.Dead, []string{"default", "mail"}[i%2]))
		}
		other := a.jobRow(9, covetjobs.Done, "mail")
		all := url.Values{"_action": {"retry"}, "_scope": {"all"}, "_query": {"state=dead&queue=mail"}, "_back": {"/admin/jobs/list?state=dead"}}
		page := a.post("/admin/jobs/bulk", all).MustStatus(ok)
		if got := page.Text("h1"); got != "Retry 2 jobs" || a.stateOf(rows[1]) != covetjobs.Dead {
			t.Errorf("it asks %q, and the job is %s", got, a.stateOf(rows[1]))
		}
		page = page.Form("/admin/jobs/bulk").Submit().MustStatus(ok)
		if got := page.Text(".flash"); got != "2 jobs will run again." || a.stateOf(rows[1]) != covetjobs.Pending || a.stateOf(rows[0]) != covetjobs.Dead {
			t.Errorf("flash %q; jobs are %s and %s", got, a.stateOf(rows[1]), a.stateOf(rows[0]))
		}
		page = a.Client().Get("/admin/jobs/list?state=dead")
		if page.Find("tbody [name=id]").Length() != 2 {
			t.Fatalf("left are %s", page.Text("tbody"))
		}
		selected := url.Values{"_action": {"delete"}, "_scope": {"selected"}, "id": {rows[0].ID, rows[0].ID, rows[2].ID}}
		page = a.post("/admin/jobs/bulk", selected).MustStatus(ok)
		if got := page.Text("h1"); got != "Delete 2 jobs" {
			t.Errorf("it asks %q", got)
		}
		page = page.Form("/admin/jobs/bulk").Submit().MustStatus(ok)
		if got := page.Text(".flash"); got != "2 jobs have been deleted." {
			t.Errorf("flash %q", got)
		}
		if entries := a.audit("jobs.retry"); len(entries) != 1 || !strings.Contains(entries[0].Detail, `"count":2`) || len(a.audit("jobs.delete")) != 2 {
			t.Errorf("the log has %+v", entries)
		}
		// What does not fit changes nothing.
		for name, form := range map[string]url.Values{
			"nothing selected": {"_action": {"delete"}, "_confirmed": {"1"}},
			"gone":             {"_action": {"delete"}, "id": {rows[0].ID}, "_confirmed": {"1"}},
			"none match":       {"_action": {"retry"}, "_scope": {"all"}, "_query": {"state=dead"}, "_confirmed": {"1"}},
		} {
			if page := a.post("/admin/jobs/bulk", form).MustStatus(ok); page.Text(".flash") == "" {
				t.Errorf("%s: nothing is said", name)
			}
		}
		for status, form := range map[int]url.Values{
			http.StatusNotFound:   {"_action": {"explode"}, "id": {other.ID}},
			http.StatusBadRequest: {"_action": {"retry"}, "_scope": {"all"}, "_query": {"state=done"}, "_confirmed": {"1"}},
		} {
			a.post("/admin/jobs/bulk", form).MustStatus(status)
		}
		a.as("jobs.read", "jobs.retry")
		a.post("/admin/jobs/bulk", url.Values{"_action": {"delete"}, "id": {other.ID}, "_confirmed": {"1"}}).MustStatus(http.StatusForbidden)
		a.as("jobs.delete")
		a.post("/admin/jobs/bulk", url.Values{"_action": {"delete"}, "id": {other.ID}, "_confirmed": {"1"}}).MustStatus(http.StatusForbidden)
		if a.stateOf(other) != covetjobs.Done {
			t.Error("a job was deleted without permission")
		}
	})
}

func TestJobsOverview(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		a.jobRow(1, covetjobs.Dead, "mail")
		a.jobRow(2, covetjobs.Pending, "mail")
		minute := time.Now().UTC().Truncate(time.Minute).Add(-5 * time.Minute)
		create(a, covetmodels.JobStat{Minute: minute, Queue: "mail", Worker: "w", Done: 1234, Failed: 5, Dead: 1, RunUS: 9e9, WaitUS: 1e6, RunBuckets: "[0,0,0,0,0,0,0,0,0,0,0,0,1240]", WaitBuckets: "[1240]"})
		now := time.Now().UTC().Truncate(time.Microsecond)
		create(a, covetmodels.JobWorker{ID: "w", Host: "web-1", PID: 42, Works: true, Queues: `{"default":3}`, Concurrency: 10, StartedAt: now, SeenAt: now})
		for _, name := range []string{"hour", "day", "week"} {
			page := a.Client().Get("/admin/jobs?range=" + name).MustStatus(ok)
			if got := page.Text("#throughput-desc"); !strings.HasSuffix(got, ": 1,234 done, 5 failed and retried, 1 failed permanently.") || page.Find("svg.plot rect").Length() != 3 {
				t.Errorf("%s: %q", name, got)
			}
			if got := page.Text("#throughput-table td"); !strings.Contains(got, "1,234") {
				t.Errorf("%s: the table has %q", name, got)
			}
		}
		page := a.Client().Get("/admin/jobs")
		for _, want := range []string{"web-1, process 42", "default (3)", "No worker serves it", "One job has failed permanently."} {
			if !strings.Contains(page.Text("main"), want) {
				t.Errorf("%q is not on the page", want)
			}
		}
		a.Client().Get("/admin/jobs?range=year").MustStatus(http.StatusBadRequest)
		// The dashboard says it, too.
		if got := a.Client().Get("/admin").Text(".hints"); !strings.Contains(got, "failed permanently") || !strings.Contains(got, "no worker serves it") {
			t.Errorf("the dashboard says %q", got)
		}
		page = a.post("/admin/jobs/queues", url.Values{"_action": {"pause"}, "queue": {"mail"}, "_back": {"/admin/jobs?range=day"}}).MustStatus(ok)
		if got := page.Text("#live-queues"); !strings.Contains(got, "Paused since") || page.URL().RawQuery != "range=day" {
			t.Errorf("after the pause: %q", got)
		}
		if got := a.Client().Get("/admin").Text(".hints"); !strings.Contains(got, "The queue mail is paused.") {
			t.Errorf("the dashboard says %q", got)
		}
		if got := a.post("/admin/jobs/queues", url.Values{"_action": {"resume"}, "queue": {"mail"}}).Text("#live-queues"); strings.Contains(got, "Paused since") {
			t.Errorf("after the resumption: %q", got)
		}
		a.post("/admin/jobs/queues", url.Values{"_action": {"pause"}, "queue": {"nothing"}}).MustStatus(http.StatusNotFound)
		a.post("/admin/jobs/queues", url.Values{"_action": {"burn"}, "queue": {"mail"}}).MustStatus(http.StatusNotFound)
		if len(a.audit("jobs.pause")) != 1 || len(a.audit("jobs.resume")) != 1 {
			t.Error("the log lacks entries")
		}
	})
}

// Threat: a user who may only see the number of jobs reads their contents.
func TestWhoMayOnlyCount(t *testing.T) {
	t.Parallel()
	a := here(t)
	dead := a.jobRow(1, covetjobs.Dead, "default", func(r *covetmodels.OutboxRow) { r.LastError = "no luck with s3cret" })
	now := time.Now().UTC().Truncate(time.Microsecond)
	create(a, covetmodels.JobWorker{ID: "w", Host: "web-1", PID: 42, Works: true, Queues: `{"default":1}`, StartedAt: now, SeenAt: now})
	a.as("jobs.count")
	for _, path := range []string{"/admin/jobs", "/admin"} {
		page := a.Client().Get(path).MustStatus(ok)
		if !strings.Contains(page.Text("main"), "One job has failed permanently.") {
			t.Errorf("%s does not say that a job failed", path)
		}
		for _, secret := range []string{"s3cret", "no luck", "greet", "ada@", dead.ID, "web-1", "/jobs/list"} {
			if strings.Contains(page.Text("main"), secret) || page.Find("main a[href*='"+secret+"']").Length() > 0 {
				t.Errorf("%s tells %q", path, secret)
			}
		}
	}
	for _, path := range []string{"/admin/jobs/list", "/admin/jobs/" + dead.ID, "/admin/jobs/schedules", "/admin/jobs/events?job=" + dead.ID} {
		a.Client().Get(path).MustStatus(http.StatusForbidden)
	}
	a.post("/admin/jobs/queues", url.Values{"_action": {"pause"}, "queue": {"default"}}).MustStatus(http.StatusForbidden)
	a.as("posts.read")
	for _, path := range []string{"/admin/jobs", "/admin/jobs/events"} {
		a.Client().Get(path).MustStatus(http.StatusForbidden)
	}
	if got := a.Client().Get("/admin").MustStatus(ok); strings.Contains(got.Text("body"), "Jobs") || got.Find(".hints").Length() > 0 {
		t.Error("the dashboard tells of jobs")
	}
}

func TestSchedules(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		page := a.Client().Get("/admin/jobs/schedules").MustStatus(ok)
		for _, want := range []string{"good-morning", "CRON_TZ=Europe/Berlin 0 7 * * *", ", 07:00:00", "None yet", "At most one of them"} {
			if !strings.Contains(page.Text("main"), want) {
				t.Errorf("%q is not on the page:\n%s", want, page.Text("main"))
			}
		}
		page = a.post("/admin/jobs/schedules", url.Values{"_action": {"run"}, "schedule": {page.Attr("[name=schedule]", "value")}}).MustStatus(ok)
		if got := page.Text(".flash"); got != "The job of good-morning has been enqueued." {
			t.Errorf("flash = %q", got)
		}
		row := load[covetmodels.OutboxRow](a, map[string]any{"kind": "greet"})
		if row.Schedule != "good-morning" || len(a.audit("jobs.run")) != 1 {
			t.Errorf("the job is of %q", row.Schedule)
		}
		a.post("/admin/jobs/schedules", url.Values{"_action": {"run"}, "schedule": {"good-evening"}}).MustStatus(http.StatusNotFound)
		a.post("/admin/jobs/schedules", url.Values{"_action": {"stop"}, "schedule": {"good-morning"}}).MustStatus(http.StatusNotFound)
		a.as("jobs.read")
		if a.Client().Get("/admin/jobs/schedules").MustStatus(ok).Find("main form").Length() != 0 {
			t.Error("the page offers what is not allowed")
		}
		a.post("/admin/jobs/schedules", url.Values{"_action": {"run"}, "schedule": {"good-morning"}}).MustStatus(http.StatusForbidden)
	})
}

// A job leads to the others of its chain and its batch.
func TestNeighbours(t *testing.T) {
	everywhere(t, func(t *testing.T, a *app) {
		chain := "01900000-0000-7000-8000-00000000000c"
		for i := range 3 {
			a.jobRow(i+1, covetjobs.Held, "default", func(r *covetmodels.OutboxRow) {
				r.ChainID, r.ChainIndex, r.Kind = &chain, 2-i, fmt.Sprintf("step-%d", 2-i)
			})
		}
		page := a.Client().Get("/admin/jobs/01900000-0000-7000-8000-000000000002").MustStatus(ok)
		if got := strings.Join(strings.Fields(page.Text(".chain")), " "); got != "step-0 Waiting for other jobsstep-1 Waiting for other jobsstep-2 Waiting for other jobs" || page.Text(".chain strong") != "step-1" {
			t.Errorf("the chain is %q", got)
		}
		id, err := a.Jobs.EnqueueBatch(t.Context(), covetjobs.Batch{Jobs: []any{Greet{Name: "a"}, Greet{Name: "b"}}, Then: Greet{Name: "then"}})
		if err != nil {
			t.Fatal(err)
		}
		member := load[covetmodels.OutboxRow](a, map[string]any{"batch_id": id})
		page = a.Client().Get("/admin/jobs/" + member.ID).MustStatus(ok)
		if got := page.Click("All jobs of the batch").MustStatus(ok).Find("tbody tr").Length(); got != 2 {
			t.Errorf("the batch has %d jobs", got)
		}
		callback := load[covetmodels.OutboxRow](a, map[string]any{"callback_of": id})
		if got := a.Client().Get("/admin/jobs/" + callback.ID).MustStatus(ok).Text("main"); !strings.Contains(got, "when all of them have ended") {
			t.Errorf("the callback says %q", got)
		}
	})
}

// Threat: stored XSS by a user who can enqueue a job, make it fail, name a host, or write to a queue.
func TestJobsNeverBecomeMarkup(t *testing.T) {
	t.Parallel()
	a := here(t)
	const evil = `"'></title><script>alert(1)</script><img src=x onerror=alert(2)>`
	payload, err := json.Marshal(map[string]string{"name": evil + "</pre>"})
	if err != nil {
		t.Fatal(err)
	}
	foul := func(r *covetmodels.OutboxRow) {
		r.Kind, r.LastError, r.LastStack, r.Payload, r.Result, r.Schedule = evil, evil, evil, string(payload), string(payload), evil
		limit := evil
		r.LimitKey, r.ChainID = &limit, &r.ID
	}
	row := a.jobRow(1, covetjobs.Dead, evil[:64], foul)
	a.jobRow(2, covetjobs.Pending, evil[:64], foul)
	now := time.Now().UTC().Truncate(time.Microsecond)
	create(a, covetmodels.JobWorker{ID: row.ID, Host: evil, Works: true, Queues: `{"<script>alert(1)</script>":1}`, StartedAt: now, SeenAt: now})
	create(a, covetmodels.JobQueue{Name: evil[:64], PausedAt: &now})
	create(a, covetmodels.JobStat{Minute: now.Truncate(time.Minute), Queue: evil[:64], Worker: "w", Done: 1, RunBuckets: "[1]", WaitBuckets: "<script>alert(1)</script>"})
	escaped := url.QueryEscape(evil)
	pages := map[string]string{}
	for _, path := range []string{
		"/admin", "/admin/jobs", "/admin/jobs/list", "/admin/jobs/list?state=waiting", "/admin/jobs/" + row.ID, "/admin/jobs/schedules",
		"/admin/jobs/list?kind=" + escaped, "/admin/jobs/list?error=" + escaped, "/admin/jobs/list?schedule=" + escaped, "/admin/jobs/list?queue=" + url.QueryEscape(evil[:64]),
		"/admin/jobs/list?state=" + escaped, "/admin/jobs?range=" + escaped, "/admin/jobs/list?after=" + escaped,
	} {
		pages[path] = a.Client().Get(path).Body()
	}
	pages["confirm"] = a.post("/admin/jobs/bulk", url.Values{"_action": {"retry"}, "_scope": {"all"}, "_query": {"kind=" + escaped}, "_back": {evil}}).Body()
	pages["paused"] = a.post("/admin/jobs/queues", url.Values{"_action": {"pause"}, "queue": {evil[:64]}, "_back": {evil}}).Body()
	pages["retried"] = a.post("/admin/jobs/"+row.ID, url.Values{"_action": {"retry"}, "_back": {"javascript:alert(1)"}}).Body()
	for name, body := range pages {
		for _, markup := range []string{"<script>alert", "<img src=x", `href="javascript:`} {
			if strings.Contains(body, markup) {
				t.Errorf("%s holds %s", name, markup)
			}
		}
	}
	if !strings.Contains(pages["/admin/jobs/"+row.ID], "&lt;script&gt;alert(1)") {
		t.Error("the attack is not on the page at all")
	}
}
