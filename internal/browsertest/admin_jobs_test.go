package browsertest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	covet "github.com/covetgo/covet/app"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// Notify is the job of the library.
type Notify struct {
	MessageID int64 `json:"message_id"`
}

// Kind is the name that is stored.
func (Notify) Kind() string { return "notify_team" }

// Work does nothing.
func (Notify) Work(context.Context, struct{}) error { return nil }

// stockJobs fills the tables of jobs: each state, an hour of statistics, workers, and a queue that nobody works.
func stockJobs(a *covet.App, now time.Time) error {
	db := a.DB.With(context.Background())
	now = now.Truncate(time.Microsecond)
	started := now.Add(-time.Minute)
	var rows []covetmodels.OutboxRow
	add := func(state covetjobs.State, queue string, change func(*covetmodels.OutboxRow)) {
		at := now.Add(-time.Duration(len(rows)) * time.Minute)
		row := covetmodels.OutboxRow{
			ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", len(rows)+1), Kind: "notify_team", Queue: queue, State: state,
			Payload: `{"message_id": 1, "token": "abc"}`, RunAt: at, CreatedAt: at,
		}
		change(&row)
		rows = append(rows, row)
	}
	keep := func(*covetmodels.OutboxRow) {}
	add(covetjobs.Dead, "default", func(r *covetmodels.OutboxRow) {
		r.Attempts, r.StartedAt, r.FinishedAt = 3, &started, &now
		r.LastError, r.LastStack = "dialing the mail server: connection refused", "goroutine 7 [running]:\nmain.go:42"
	})
	add(covetjobs.Dead, "mail", func(r *covetmodels.OutboxRow) {
		r.Kind, r.LastError = "forgotten_kind", "job forgotten_kind: no job of this kind"
	})
	add(covetjobs.Dead, "mail", func(r *covetmodels.OutboxRow) {
		r.Attempts, r.LastError = 26, strings.Repeat("a long error that wraps ", 12)
	})
	add(covetjobs.Running, "default", func(r *covetmodels.OutboxRow) {
		r.StartedAt, r.ProgressDone, r.ProgressTotal, r.Holder = &started, 420, 1000, "worker"
	})
	add(covetjobs.Pending, "imports", func(r *covetmodels.OutboxRow) { r.Kind = "import_customers_of_partner" })
	add(covetjobs.Pending, "default", func(r *covetmodels.OutboxRow) { r.Attempts, r.LastError = 2, "timeout" })
	add(covetjobs.Done, "default", keep)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // numbers for a picture
	var stats []covetmodels.JobStat
	for i := range 55 {
		if i%9 == 4 {
			continue
		}
		stats = append(stats, covetmodels.JobStat{
			Minute: now.Truncate(time.Minute).Add(-time.Duration(i) * time.Minute), Queue: "default", Worker: "worker",
			Done: random.Int64N(60), Failed: random.Int64N(6), Dead: random.Int64N(2),
			RunBuckets: fmt.Sprintf("[0,0,0,%d,%d,%d,1]", random.IntN(9), random.IntN(9), random.IntN(9)), WaitBuckets: fmt.Sprintf("[0,%d,%d]", random.IntN(9), random.IntN(9)),
		})
	}
	workers := []covetmodels.JobWorker{
		{ID: "worker", Host: "web-1.example.com", PID: 4711, Works: true, Queues: `{"default":3,"mail":1}`, Concurrency: 10, Running: 1, StartedAt: now.Add(-time.Hour), SeenAt: now.Add(time.Hour)},
		{ID: "lost", Host: "web-2.example.com", PID: 4712, Works: true, Queues: `{"default":3}`, Concurrency: 10, StartedAt: now.Add(-time.Hour), SeenAt: now.Add(-10 * time.Minute)},
	}
	paused := covetmodels.JobQueue{Name: "mail", PausedAt: &started}
	return errors.Join(db.Create(&rows).Error, db.Create(&stats).Error, db.Create(&workers).Error, db.Create(&paused).Error)
}

// legible holds that no word of a list of jobs is broken, that none has to be scrolled sideways, and that no labels of an axis lie on each other.
func (b *browser) legible() {
	b.t.Helper()
	broken := ask(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll("table.jobs td:not(.wrong), table.jobs th")].flatMap((cell) => {
		const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			for (const word of node.data.matchAll(/\S+/g)) {
				const range = document.createRange();
				range.setStart(node, word.index);
				range.setEnd(node, word.index + word[0].length);
				if (range.getClientRects().length > 1 && !word[0].includes("-")) found.push(word[0]);
			}
		}
		return found;
	})`))
	if len(broken) > 0 {
		b.t.Errorf("broken are the words %q", broken)
	}
	cut := ask(b, chromedp.Evaluate[int](`[...document.querySelectorAll(".scroll:has(table.jobs)")].reduce((most, box) => Math.max(most, box.scrollWidth - box.clientWidth), 0)`))
	if cut > 0 {
		b.t.Errorf("a list is %d pixels wider than its room", cut)
	}
	covered := ask(b, chromedp.Evaluate[[]string](`[...document.querySelectorAll(".axes .values, .axes .times")].flatMap((axis) => {
		const labels = [...axis.querySelectorAll("text")].map((label) => [label.textContent, label.getBoundingClientRect()]);
		return labels.filter(([text, a], i) => labels.some(([, b], j) => j > i &&
			a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom) ||
			a.left < 0 || a.right > innerWidth).map(([text]) => text);
	})`))
	if len(covered) > 0 {
		b.t.Errorf("labels of axes are covered, or cut: %q", covered)
	}
}

// TestAdminJobs watches and manages jobs: changes appear without a reload, and what the user has selected meanwhile
// stays.
func TestAdminJobs(t *testing.T) {
	t.Parallel()
	a := library(t)
	url := a.LocalURL()
	b := newBrowser(t, looks[0])

	b.visit(url + "/admin/jobs/list?state=dead")
	b.waitFor(`document.querySelector("[data-live-state]").textContent === "Live"`)
	b.run(chromedp.Click(chromedp.CSS("tbody tr:nth-child(2) input[type=checkbox]")))
	b.waitFor(`document.querySelector("[data-chosen]").textContent === "1 selected"`)
	late := covetmodels.OutboxRow{
		ID: "01900000-0000-7000-8000-000000000099", Kind: "came_later", Queue: "default", Payload: "{}", State: covetjobs.Dead,
		RunAt: time.Now().UTC().Add(time.Minute), CreatedAt: time.Now().UTC(),
	}
	if err := a.DB.With(t.Context()).Create(&late).Error; err != nil {
		t.Fatal(err)
	}
	b.waitFor(`document.querySelector("tbody th").textContent.includes("came_later") && document.querySelectorAll("tbody tr").length === 4`)
	b.waitFor(`document.querySelector("tbody tr:nth-child(3) input:checked") !== null && document.querySelectorAll("tbody input:checked").length === 1`)
	b.waitFor(`document.querySelector("[data-chosen]").textContent === "1 selected"`)
	b.waitFor(`document.querySelector(".tabs [aria-current] .badge").textContent === "4"`)

	// All that match, on every page, after a question that says how many.
	b.run(chromedp.SetValue(chromedp.CSS("#queue"), "mail"))
	b.press("form.find .button", "#clear, form.find a")
	b.press(".bulk [value=all]", "main input[name=_confirmed]")
	b.inspect("admin-jobs-confirm")
	if got := b.text("h1"); got != "Retry 2 jobs" {
		t.Errorf("it asks %q", got)
	}
	b.press("main .bottom .button", ".flash")
	if got := b.text(".flash"); got != "2 jobs will run again." {
		t.Errorf("it says %q", got)
	}

	// Updates can be paused, and a paused queue is resumed.
	b.visit(url + "/admin/jobs")
	b.waitFor(`document.querySelector("[data-live-state]").textContent === "Live"`)
	b.press("[aria-label='Resume mail']", "[aria-label='Pause mail']")
	b.run(chromedp.Click(chromedp.CSS(".live button")))
	b.waitFor(`document.querySelector("[data-live-state]").textContent === "Paused"`)
	b.run(chromedp.Click(chromedp.CSS(".live button")))
	b.waitFor(`document.querySelector("[data-live-state]").textContent === "Live"`)
	if err := a.DB.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("state = ?", covetjobs.Dead).Update("state", covetjobs.Done).Error; err != nil {
		t.Fatal(err)
	}
	b.waitFor(`!document.querySelector("#live-hints").textContent.includes("failed permanently")`)

	// An outage is reported in place, and so is its end.
	rename := func(from, to string) {
		if err := a.DB.With(t.Context()).Exec("ALTER TABLE " + from + " RENAME TO " + to).Error; err != nil {
			t.Fatal(err)
		}
	}
	rename("covet_outbox", "elsewhere")
	b.waitFor(`document.querySelector("#live-fault").textContent.includes("This page shows the state at")`)
	b.inspect("admin-jobs-outage")
	rename("elsewhere", "covet_outbox")
	b.waitFor(`document.querySelector("#live-fault").textContent.trim() === "" && document.querySelector("[data-live-state]").textContent === "Live"`)
	b.quiet()
}

// Without a script the pages are the same, and a link loads them again.
func TestAdminJobsWithoutScript(t *testing.T) {
	t.Parallel()
	a := library(t)
	b := newBrowser(t, looks[0])
	b.run(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	b.visit(a.LocalURL() + "/admin/jobs/list?state=dead")
	if got := b.text("main"); !strings.Contains(got, "connection refused") || strings.Contains(got, "Pause updates") {
		t.Errorf("the page says %q", got)
	}
	b.run(chromedp.Click(chromedp.CSS("[data-refresh]")), chromedp.WaitVisible(chromedp.CSS("tbody")))
	b.run(chromedp.Click(chromedp.CSS("tbody th a")), chromedp.WaitVisible(chromedp.CSS("#live-job")))
	b.run(chromedp.Click(chromedp.CSS("main [value=retry]")), chromedp.WaitVisible(chromedp.CSS(".flash")))
	if got := b.text(".flash"); got != "The job runs again." {
		t.Errorf("it says %q", got)
	}
	b.quiet()
}
