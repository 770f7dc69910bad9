package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/config"
	"github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/models"
)

// greet is the job of the application under test.
type greet struct {
	Name  string `json:"name"`
	Token string `json:"token"`
}

// Work fails for nobody, and leaves a file for everybody else.
func (g greet) Work(_ context.Context, dir string) error {
	if g.Name == "" {
		return jobs.Permanent(errors.New("there is nobody to greet"))
	}
	return os.WriteFile(filepath.Join(dir, "greeted-"+g.Name), nil, 0o600)
}

func registerTestJobs(a *covet.App) {
	jobs.Register[greet](a.Jobs, a.Config.App.DataDir)
	a.Jobs.Schedule("good-morning", "CRON_TZ=Europe/Berlin 0 7 * * *", greet{Name: "morning"})
	if a.Config.App.Name == "faulty" {
		a.Jobs.Schedule("good-evening", "61 * * * *", greet{Name: "evening"})
	}
}

// jobsIn makes an application in dir, whose tables are there, and calls use with it.
func jobsIn(t *testing.T, dir string, use func(a *covet.App)) {
	t.Helper()
	l, err := config.Load[testConfig](config.Options{
		Dir: dir, Environ: []string{"DATABASE_URL=sqlite:" + filepath.Join(dir, "test.db"), "APP_DATA_DIR=" + dir, "LOG_LEVEL=error"},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := newTestApp(l.Value)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	use(a)
	if err := a.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// rowOf is a row of the application under test; n makes ids and times.
func rowOf(n int, state jobs.State, queue string) models.OutboxRow {
	at := time.Now().UTC().Truncate(time.Microsecond).Add(-time.Duration(n) * time.Minute)
	return models.OutboxRow{
		ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", n), Kind: "greet", Queue: queue, Payload: `{"name":"ada","token":"s3cret"}`,
		State: state, RunAt: at, CreatedAt: at,
	}
}

func insert(t *testing.T, dir string, rows ...models.OutboxRow) {
	t.Helper()
	jobsIn(t, dir, func(a *covet.App) {
		if err := a.DB.With(t.Context()).Create(&rows).Error; err != nil {
			t.Fatal(err)
		}
	})
}

func states(t *testing.T, dir string) map[jobs.State]int {
	t.Helper()
	var counts map[jobs.State]int
	jobsIn(t, dir, func(a *covet.App) {
		var err error
		if counts, err = a.Jobs.Inspector().Count(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return counts
}

// step is one command line, and what it should do.
type step struct {
	args string
	code int
	out  []string // parts of the output
	not  string   // what is nowhere
	err  string
}

func walk(t *testing.T, dir string, steps []step) {
	t.Helper()
	for _, s := range steps {
		code, out, errs := run(t.Context(), dir, nil, fields(s.args)...)
		if code != s.code || !strings.Contains(errs, s.err) || (s.err == "" && strings.Contains(errs, "blog: ")) {
			t.Errorf("%s: code %d, want %d; errors %q, want %q", s.args, code, s.code, errs, s.err)
		}
		for _, want := range s.out {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
				t.Errorf("%s: %q is not in\n%s", s.args, want, out)
			}
		}
		if s.not != "" && strings.Contains(out+errs, s.not) {
			t.Errorf("%s: %q is in\n%s%s", s.args, s.not, out, errs)
		}
	}
}

// fields splits a command line at spaces; ~ stands for a space.
func fields(line string) []string {
	list := strings.Fields(line)
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], "~", " ")
	}
	return list
}

func TestJobsBeforeTheSchema(t *testing.T) {
	t.Parallel()
	walk(t, t.TempDir(), []step{
		{args: "jobs list", code: exit.Unavailable, err: "migrate up"},
		{args: "jobs run good-morning", code: exit.Unavailable, err: "migrate up"},
		{args: "jobs", out: []string{"jobs list --state dead", "schedules"}},
	})
}

func TestJobsList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dead := rowOf(1, jobs.Dead, "mail")
	dead.Attempts, dead.LastError = 3, "dialing:\n\x1b]0;owned\x07\x1b[2J refused"
	unknown, broken, again := rowOf(2, jobs.Pending, "default"), rowOf(3, jobs.Dead, "default"), rowOf(4000, jobs.Pending, "default")
	unknown.Kind, broken.Payload, again.Attempts = "forgotten", "{", 1
	insert(t, dir, dead, unknown, broken, again, rowOf(5, jobs.Done, "default"))
	walk(t, dir, []step{
		{args: "jobs list", out: []string{"ID KIND QUEUE STATE", dead.ID + " greet mail dead 3", "no job of this kind", "decoding the arguments", "no worker is running"}, not: "s3cret"},
		{args: "jobs list", not: "\x1b"},
		{args: "jobs list --state dead --queue mail", out: []string{dead.ID}, not: broken.ID},
		{args: "jobs list --state waiting", out: []string{unknown.ID, again.ID}, not: dead.ID},
		{args: "jobs list --state retrying", out: []string{again.ID}, not: unknown.ID},
		{args: "jobs list --since 1d", out: []string{unknown.ID}, not: again.ID},
		{args: "jobs list --error REFUSED", out: []string{dead.ID}, not: broken.ID},
		{args: "jobs list --kind forgotten", out: []string{unknown.ID}, not: dead.ID},
		{args: "jobs list --kind nothing", out: []string{"No jobs match."}},
		{args: "jobs list --kind nothing --json", out: []string{"[]"}},
		{args: "jobs list --limit 1", out: []string{dead.ID}, not: unknown.ID, err: "--limit 10"},
		{args: "jobs list --state lost", code: exit.Usage, err: `there is no state "lost".`},
		{args: "jobs list --state deed", code: exit.Usage, err: "Did you mean held or dead? States are waiting, retrying,"},
		{args: "jobs list --state dead,retrying", code: exit.Usage, err: "cannot be combined"},
		{args: "jobs list --queue mial", out: []string{"No jobs match."}, err: `Unknown queue "mial". Did you mean mail? Known are default, mail.`},
		{args: "jobs list --queue mial --json", out: []string{"[]"}},
		{args: "jobs list --kind great", out: []string{"No jobs match."}, err: `Unknown kind "great". Did you mean greet? Known are greet.`},
		{args: "jobs list --kind forgotten --state dead", out: []string{"No jobs match."}, err: `Unknown kind "forgotten". Known are greet.`},
		{args: "jobs list --schedule good-mornin", out: []string{"No jobs match."}, err: `Unknown schedule "good-mornin". Did you mean good-morning?`},
		{args: "jobs list --queue mail --state running", out: []string{"No jobs match."}},
		{args: "jobs lst", code: exit.Usage, err: "unknown command \"lst\" of blog jobs.\nDid you mean list?"},
		{args: "jobs bogus", code: exit.Usage, err: `unknown command "bogus" of blog jobs.`},
		{args: "jobs list --since yesterday", code: exit.Usage, err: "90m, 7d"},
		{args: "jobs list --limit 0", code: exit.Usage, err: "expected 1 to"},
		{args: "jobs list x", code: exit.Usage, err: `does not accept "x"`},
		{args: "jobs queues", out: []string{"QUEUE WAITING RUNNING DEAD", "default 2 0 1", "no worker works it"}},
		{args: "jobs workers", out: []string{"No process runs jobs."}},
		{args: "jobs stats", out: []string{"No jobs ran"}},
		{args: "jobs stats --step 90s", code: exit.Usage, err: "whole minutes"},
	})
}

func TestJobsAsJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	row := rowOf(1, jobs.Dead, "mail")
	row.LastError, row.LastStack, row.Result = "broken", "main.go:1", `{"password":"s3cret","n":1}`
	insert(t, dir, row)
	keys := map[string]string{
		"jobs list":           "attempts batch_id chain_id created_at error finished_at id kind priority problem queue run_at schedule started_at state",
		"jobs show " + row.ID: "arguments attempts batch_id cancel_asked_at chain_id chain_index created_at encrypted error finished_at id kind limit losses priority problem progress queue result run_at schedule stack started_at state version worker",
		"jobs queues":         "counts oldest_due paused_at problem queue workers",
		"jobs schedules":      "catch_up kind last_job_id last_state last_tick name next skip_overlap spec",
		"jobs workers":        "", "jobs stats": "",
	}
	for line, want := range keys {
		code, out, errs := run(t.Context(), dir, nil, fields(line+" --json")...)
		var list []map[string]any
		text := strings.TrimSpace(out)
		if strings.HasPrefix(text, "{") {
			text = "[" + text + "]"
		}
		if err := json.Unmarshal([]byte(text), &list); err != nil || code != 0 || (want != "") != (len(list) > 0) {
			t.Fatalf("%s: %d %v\n%s%s", line, code, err, out, errs)
		}
		if want != "" {
			var got []string
			for key := range list[0] {
				got = append(got, key)
			}
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%s has the keys\n%s\nwant\n%s", line, strings.Join(got, " "), want)
			}
		}
		if strings.Contains(out, "s3cret") {
			t.Errorf("%s shows a secret:\n%s", line, out)
		}
	}
}

func TestJobsShow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	row := rowOf(1, jobs.Dead, "mail")
	row.LastError, row.LastStack, row.ProgressDone, row.ProgressTotal = "a\nb\x1b[31m", "main.go:1\n\tx", 3, 10
	sealed := rowOf(2, jobs.Pending, "default")
	sealed.SealedWith, sealed.Payload = "key", "c2VjcmV0"
	raw := rowOf(3, jobs.Pending, "default")
	raw.Payload = "s3cret <raw>"
	insert(t, dir, row, sealed, raw)
	walk(t, dir, []step{
		{args: "jobs show " + row.ID, out: []string{"Kind greet", "State dead", "Progress 3 of 10", "Error: a b", "Stack: main.go:1", `"token": "[hidden]"`}, not: "\x1b"},
		{args: "jobs show " + sealed.ID, out: []string{"They are encrypted."}, not: "c2Vj"},
		{args: "jobs show " + raw.ID, out: []string{"cannot be shown", "Problem decoding"}, not: "s3cret"},
		{args: "jobs show x\x1b[2J", code: exit.Failure, err: "jobs list", not: "\x1b"},
		{args: "jobs show", code: exit.Usage, err: "requires an argument"},
		{args: "jobs show 7", code: exit.Failure, err: `there is no job "7". Find its id with: blog jobs list.`},
		{args: "jobs show 01900000-0000-7000-8000-999999999999", code: exit.Failure, err: "Ended jobs are deleted after some time"},
	})
}

func TestJobsAreChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b := rowOf(1, jobs.Dead, "mail"), rowOf(2, jobs.Pending, "mail")
	running := rowOf(3, jobs.Running, "mail")
	insert(t, dir, a, b, running, rowOf(4, jobs.Dead, "mail"), rowOf(5, jobs.Dead, "default"), rowOf(6, jobs.Cancelled, "mail"))
	walk(t, dir, []step{
		{args: "jobs retry", code: exit.Usage, err: "requires ids or flags"},
		{args: "jobs retry --yes", code: exit.Usage, err: "requires ids or flags"},
		{args: "jobs retry --state running --yes", code: exit.Usage, err: "retry accepts only jobs that are dead or cancelled"},
		{args: "jobs cancel --state done,running --yes", code: exit.Usage, err: "cancel accepts only jobs that are held or pending or dispatched"},
		{args: "jobs delete --state waiting --yes", code: exit.Usage, err: "delete accepts only jobs that are done or dead or cancelled"},
		{args: "jobs delete --queue mial --yes", out: []string{"No jobs match."}, err: "Did you mean mail?"},
		{args: "jobs retry --queue mail " + a.ID, code: exit.Usage, err: "not both"},
		{args: "jobs retry --queue mail", code: exit.Refused, err: "Retry 2 jobs (queue mail)? Add --yes"},
		{args: "jobs retry " + a.ID, out: []string{a.ID + " will run again"}},
		{args: "jobs retry " + a.ID, code: exit.Failure, err: "neither dead nor cancelled"},
		{args: "jobs retry --queue mail --yes", out: []string{"1 job will run again."}},
		{args: "jobs retry --queue mail --yes", out: []string{"No jobs match."}},
		{args: "jobs cancel " + running.ID, out: []string{running.ID + " asked to stop"}, not: "cancelled"},
		{args: "jobs cancel " + b.ID + " nothing", code: exit.Failure, out: []string{b.ID + " cancelled"}, err: `no job "nothing" is waiting or running`},
		{args: "jobs delete --yes " + running.ID, code: exit.Failure, err: "Ask it to stop with"},
		{args: "jobs delete --yes nothing nowhere", code: exit.Failure, err: "2 of 2 jobs"},
		{args: "jobs cancel --state waiting --yes", out: []string{"2 jobs cancelled."}},
		{args: "jobs delete --state cancelled --yes", out: []string{"4 jobs deleted."}},
	})
	if got := states(t, dir); got[jobs.Dead] != 1 || got[jobs.Running] != 1 || len(got) != 2 {
		t.Errorf("left are %v", got)
	}
	jobsIn(t, dir, func(a *covet.App) {
		var entries []models.AuditEntry
		if err := a.DB.With(t.Context()).Where("action LIKE 'jobs.%'").Order("id").Find(&entries).Error; err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, e.Action+" "+e.ActorName)
		}
		want := "jobs.retry command line,jobs.retry command line,jobs.cancel command line,jobs.cancel command line,jobs.cancel command line,jobs.delete command line"
		if strings.Join(got, ",") != want {
			t.Errorf("the log has %q, want %q", got, want)
		}
	})
}

// On a terminal the answer counts.
func TestJobsAsk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	insert(t, dir, rowOf(1, jobs.Dead, "mail"))
	for _, tt := range []struct {
		answer string
		code   int
		left   int
	}{{"", exit.Interrupted, 1}, {"n\n", exit.Interrupted, 1}, {"yes, please\n", exit.Interrupted, 1}, {"Y\n", exit.OK, 0}} {
		var out, errs strings.Builder
		p := newProgram(dir, nil, &out, &errs)
		p.in, p.terminal = strings.NewReader(tt.answer), true
		code := p.run(t.Context(), []string{"jobs", "delete", "--queue", "mail"})
		if code != tt.code || !strings.Contains(errs.String(), "Delete 1 job (queue mail)? [y/N]") || states(t, dir)[jobs.Dead] != tt.left {
			t.Errorf("%q: code %d, %d left\n%s%s", tt.answer, code, states(t, dir)[jobs.Dead], out.String(), errs.String())
		}
	}
}

func TestJobsRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	jobsIn(t, dir, func(*covet.App) {})
	walk(t, dir, []step{
		{args: "jobs schedules", out: []string{"good-morning CRON_TZ=Europe/Berlin 0 7 * * * greet", "07:00:00 CE"}},
		{args: "jobs run good-morning", out: []string{"-"}},
		{args: `jobs run --kind greet --args {"name":"ada"} --queue mail --in 1h`, out: []string{"-"}, err: "no worker serves"},
		{args: "jobs run", code: exit.Usage, err: "requires a schedule or --kind"},
		{args: "jobs run good-morning --kind greet", code: exit.Usage, err: "requires a schedule or --kind"},
		{args: "jobs run good-morning --in 1h", code: exit.Usage, err: "require --kind"},
		{args: "jobs run good-evening", code: exit.Failure, err: "Schedules are good-morning."},
		{args: "jobs run good-mornin", code: exit.Failure, err: "Did you mean good-morning? Schedules are good-morning."},
		{args: "jobs run --kind greet --queue Bad~Name", code: exit.Usage, err: `--queue: queue name "Bad Name": expected up to 64`},
		{args: "jobs run --kind greet --in -5m", code: exit.Usage, err: "--in is -5m0s, which is in the past"},
		{args: "jobs run --kind greet --in soon", code: exit.Usage, err: `invalid argument "soon" for "--in"`},
		{args: `jobs run --kind greet --args {"name":`, code: exit.Usage, err: "one JSON object"},
		{args: "jobs run --kind great", code: exit.Failure, err: "Did you mean greet? Kinds are greet."},
		{args: `jobs run --kind greet --args {"nam":"ada"}`, code: exit.Usage, err: `unknown field "nam"`},
		{args: "jobs list --schedule good-morning --json", out: []string{`"schedule": "good-morning"`}},
		{args: "jobs list --queue mail", out: []string{"greet mail pending 0"}},
		{args: "jobs pause mail", out: []string{"The queue mail is paused"}},
		{args: "jobs pause mial", code: exit.Failure, err: "Did you mean mail? Queues are default, mail."},
		{args: "jobs queues", out: []string{"paused since"}},
		{args: "jobs list --queue mail", out: []string{"the queue mail is paused"}},
		{args: "jobs resume mail", out: []string{"is resumed"}},
		{args: "jobs queues", not: "paused since"},
	})
}

// A schedule whose declaration is wrong is not just missing.
func TestJobsOfAFaultyApplication(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	jobsIn(t, dir, func(*covet.App) {})
	for line, out := range map[string]string{"jobs schedules": "good-morning", "jobs run good-evening": "", "serve --port 0": ""} {
		code, got, errs := run(t.Context(), dir, []string{"APP_NAME=faulty"}, fields(line)...)
		if code == exit.OK || !strings.Contains(got, out) || !strings.Contains(errs, `scheduling "good-evening" at "61 * * * *": expected five cron fields`) {
			t.Errorf("%s: %d\n%s%s", line, code, got, errs)
		}
	}
	code, _, errs := run(t.Context(), dir, []string{"APP_NAME=faulty"}, "jobs", "run", "good-morning")
	if code != exit.OK {
		t.Errorf("a schedule that is right does not run: %d %s", code, errs)
	}
}

// The commands work beside a process that serves with the embedded queue, and reach it.
func TestJobsBesideServe(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), freePort(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan string, 1)
	go func() {
		code, out, errs := run(ctx, dir, nil, "serve", "--port", port)
		ended <- fmt.Sprint(code, out, errs)
	}()
	defer func() { cancel(); <-ended }()
	until(t, "a worker", func() bool {
		_, out, _ := run(t.Context(), dir, nil, "jobs", "workers")
		return strings.Contains(out, "works")
	})
	walk(t, dir, []step{{args: "jobs pause default", out: []string{"paused"}}})
	queue := func() string {
		_, out, _ := run(t.Context(), dir, nil, "jobs", "list", "--json")
		return out
	}
	until(t, "Redis to know of the pause", func() bool {
		_, out, _ := run(t.Context(), dir, nil, "jobs", "queues")
		return strings.Contains(out, "paused since")
	})
	walk(t, dir, []step{{args: `jobs run --kind greet --args {"name":"ada"}`, out: []string{"-"}}})
	walk(t, dir, []step{{args: "jobs resume default", out: []string{"is resumed"}}})
	until(t, "the greeting", func() bool {
		_, err := os.Stat(filepath.Join(dir, "greeted-ada"))
		return err == nil && strings.Contains(queue(), `"state": "done"`)
	})
	walk(t, dir, []step{{args: "jobs run --kind greet", out: []string{"-"}}})
	until(t, "a dead job", func() bool { return strings.Contains(queue(), "there is nobody to greet") })
	until(t, "statistics", func() bool {
		_, out, _ := run(t.Context(), dir, nil, "jobs", "stats", "--json")
		return strings.Contains(out, `"dead": 1`)
	})
}

// The help of each command has examples that name it, and lines that fit a terminal, but for those of flags.
func TestJobsHelp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	walk(t, dir, []step{
		{args: "jobs --help", out: []string{"Exit codes: 0 success", "5 confirmation is required", "Times are in UTC.", "jobs stats --since 24h --step 1h"}},
		{args: "jobs list --help", out: []string{"1 to 10000 (default 50)", "90m or 7d ago"}},
		{args: "jobs stats --help", out: []string{"in whole minutes: 5m, 1h or 24h (default 5m0s)", "in seconds"}},
		{args: "jobs run --help", out: []string{"such as 90s, 10m or 24h", "(default {})"}},
		{args: "jobs retry --help", out: []string{"--yes", "the exit code is 5"}},
		{args: "health --help", out: []string{"--worker ADDRESS[=worker.liveness]", "health --worker=127.0.0.1:9091"}},
	})
	for _, name := range []string{"list", "show", "retry", "cancel", "delete", "queues", "pause", "resume", "workers", "stats", "schedules", "run"} {
		code, out, errs := run(t.Context(), dir, nil, "jobs", name, "--help")
		text, _, hasFlags := strings.Cut(out, "\nFlags:\n")
		if code != exit.OK || errs != "" || !hasFlags || !strings.Contains(text, "\nExamples:\n  blog jobs "+name) || strings.Count(text, "\n") < 8 {
			t.Errorf("jobs %s --help: %d\n%s%s", name, code, out, errs)
		}
		for line := range strings.Lines(text) {
			if len(line) > 100 {
				t.Errorf("jobs %s --help has a line of %d characters: %s", name, len(line), line)
			}
		}
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
