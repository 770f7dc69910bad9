package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	covetjobs "github.com/covetgo/covet/jobs"
	"github.com/covetgo/covet/jobs/inspect"
	covetmodels "github.com/covetgo/covet/models"
)

// Letter has secrets in many places.
type Letter struct {
	To       string            `json:"to"`
	Password string            `json:"password"`
	Link     string            `json:"link" secret:"true"`
	Number   int64             `json:"number"`
	Headers  map[string]string `json:"headers"`
	Parts    []*Part           `json:"parts"`
}

// Part may hold parts.
type Part struct {
	Text  string `json:"text" secret:"true"`
	Kind  string `json:"kind"`
	Inner *Part  `json:"inner"`
}

func (Letter) Work(context.Context, Deps) error { return nil }

// Threat: secrets among the arguments are shown.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	covetjobs.Register[Letter](c, Deps{})
	payload := `{"to":"<ada>","password":"s3cret-1","LINK":"s3cret-2","number":9007199254740993,
		"headers":{"Authorization":"s3cret-3","X-Api-Key":"s3cret-4","Accept":"text"},
		"parts":[{"text":"s3cret-5","kind":"plain","inner":{"text":"s3cret-6","kind":"deep"}}],
		"old":{"access_token":"s3cret-7","items":[{"pin":"s3cret-8","name":"kept"}],"secret":null,"pass":"s3cret-10","otp_code":"s3cret-11",
			"url":"https://ada:s3cret-12@example.com/reset?token=s3cret-13&lang=en","body":"{\"password\":\"s3cret-14\",\"city\":\"Paris\"}"}}`
	row := covetmodels.OutboxRow{Kind: "letter", Payload: payload, Result: `{"sessionToken":"s3cret-9","sent":2}`}
	arguments, result := c.Inspector().Arguments(&row), c.Inspector().Outcome(&row)
	if strings.Contains(arguments+result, "s3cret") {
		t.Errorf("%s\n%s", arguments, result)
	}
	for _, want := range []string{`"<ada>"`, "9007199254740993", `"text"`, `"plain"`, `"deep"`, `"kept"`, `"secret": null`, `"[hidden]"`, "lang=en", "Paris"} {
		if !strings.Contains(arguments, want) {
			t.Errorf("%s is not in\n%s", want, arguments)
		}
	}
	if !strings.Contains(result, `"sent": 2`) {
		t.Errorf("the result is %s", result)
	}
	sealed := c.Inspector().Arguments(&covetmodels.OutboxRow{Kind: "letter", Payload: `{"to":"ada"}`, SealedWith: "key"})
	if sealed != "[encrypted]" {
		t.Errorf("encrypted arguments are shown: %s", sealed)
	}
}

// Problems of a job are listed in the order in which to fix them.
func TestProblems(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["embedded"], func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{Queues: map[string]int{"default": 1}}, newWork())
		covetjobs.Register[Letter](c, Deps{})
		row := func(kind, payload, queue string, state covetjobs.State) *covetmodels.OutboxRow {
			return &covetmodels.OutboxRow{Kind: kind, Payload: payload, Queue: queue, State: state}
		}
		look := func() *inspect.Problems {
			problems, err := c.Inspector().Problems(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return problems
		}
		expect := func(when string, row *covetmodels.OutboxRow, want string) {
			t.Helper()
			if got := look().Of(row); (want == "") != (got == "") || !strings.Contains(got, want) {
				t.Errorf("%s: %+v: %q, want %q", when, row, got, want)
			}
		}
		expect("without workers", row("letter", `{}`, "default", covetjobs.Pending), "no worker is running")
		expect("without workers", row("letter", `{}`, "default", covetjobs.Dead), "")
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		await(t, "the worker to be known", func() bool { return look().Of(row("letter", `{}`, "default", covetjobs.Pending)) == "" })
		for _, tt := range []struct {
			row  *covetmodels.OutboxRow
			want string
		}{
			{row("letter", `{"to":1}`, "default", covetjobs.Pending), "decoding the arguments of letter"},
			{row("letter", `<script>`, "default", covetjobs.Dead), "decoding the arguments of letter"},
			{row("letter", ``, "default", covetjobs.Held), "decoding the arguments of letter"},
			{row("letter", `{`, "default", covetjobs.Done), ""},
			{row("letter", `{`, "default", covetjobs.Cancelled), ""},
			{row("nobody", `{}`, "default", covetjobs.Dispatched), "no job of this kind is registered"},
			{&covetmodels.OutboxRow{Kind: "letter", Payload: `{}`, Queue: "default", State: covetjobs.Pending, Version: 2}, "newer version"},
			{&covetmodels.OutboxRow{Kind: "letter", Payload: `{}`, Queue: "default", State: covetjobs.Pending, SealedWith: "x"}, "unknown key"},
			{row("letter", `{}`, "mail", covetjobs.Pending), "no worker serves the queue mail"},
			{row("letter", `{}`, "mail", covetjobs.Held), ""},
		} {
			expect("with a worker", tt.row, tt.want)
		}
		if err := c.Inspector().Pause(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		expect("paused", row("letter", `{}`, "default", covetjobs.Pending), "the queue default is paused")
	})
}

// Schedules are shown in the time zone in which they tick.
func TestSchedulesHaveAZone(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]string{
		"CRON_TZ=Europe/Berlin 0 9 * * *": "Europe/Berlin", "TZ=Asia/Tokyo 0 9 * * *": "Asia/Tokyo", "@daily": "UTC", "@every 10m": "UTC", "TZ=No/Where x": "UTC",
	} {
		if got := (inspect.ScheduleInfo{Spec: spec}).Location().String(); got != want {
			t.Errorf("%s: %s, want %s", spec, got, want)
		}
	}
}

func TestEnqueueKind(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	id, err := c.EnqueueKind(t.Context(), "probe", json.RawMessage(`{"name":"ada"} `), covetjobs.Queue("mail"))
	if row := k.row(t, id); err != nil || row.Payload != `{"name":"ada"}` || row.Queue != "mail" || row.Kind != "probe" {
		t.Errorf("%+v, %v", row, err)
	}
	if id, err = c.EnqueueKind(t.Context(), "probe", nil); err != nil || k.row(t, id).Payload != `{"name":""}` {
		t.Errorf("without arguments: %v", err)
	}
	for _, args := range []string{`{"title":"ada"}`, `{"name":1}`, `[]`, `{`, `{} {}`, `{} x`} {
		if _, err := c.EnqueueKind(t.Context(), "probe", json.RawMessage(args)); !errors.Is(err, covetjobs.ErrArguments) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := c.EnqueueKind(t.Context(), "nobody", nil); !errors.Is(err, covetjobs.ErrNotRegistered) {
		t.Errorf("an unknown kind: %v", err)
	}
	if counts, err := c.Inspector().Count(t.Context()); err != nil || counts[covetjobs.Pending] != 2 {
		t.Errorf("%v, %v", counts, err)
	}
}

// FuzzArguments holds that what is shown is JSON, or nothing.
func FuzzArguments(f *testing.F) {
	for _, seed := range []string{`{"to":"x"}`, `[1,{"password":"x"}]`, `"x"`, `{`, "null", `{"parts":[{"inner":{"inner":{}}}]}`, "1 2"} {
		f.Add(seed)
	}
	c := covetjobs.New(covetjobs.Config{}, nil, openRedis(f, ""), nil)
	covetjobs.Register[Letter](c, Deps{})
	f.Fuzz(func(t *testing.T, payload string) {
		row := covetmodels.OutboxRow{Kind: "letter", Payload: payload, Result: payload}
		for _, text := range []string{c.Inspector().Arguments(&row), c.Inspector().Outcome(&row)} {
			if text != "" && !json.Valid([]byte(text)) {
				t.Errorf("%q became %q", payload, text)
			}
		}
	})
}

func ExampleClient_EnqueueKind() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	_, err := jobs.EnqueueKind(ctx, "welcome", json.RawMessage(`{"mail": "ada@example.com"}`))
	fmt.Println(errors.Is(err, covetjobs.ErrArguments))
	// Output:
	// true
}
