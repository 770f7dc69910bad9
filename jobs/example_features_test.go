package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
)

// Statement adds up what a customer owes. There is one of each month at a time, and of a customer two run together at
// most.
type Statement struct {
	Customer int64  `json:"customer"`
	Month    string `json:"month"`
}

// Options says when two statements are the same, and how many run together.
func (r Statement) Options() covetjobs.Options {
	return covetjobs.Options{
		Queue:    "statements",
		Priority: covetjobs.Low,
		Unique:   covetjobs.ByArgs("customer", "month"),
		Limit:    covetjobs.Limit{Jobs: 2, Key: fmt.Sprint("statements of ", r.Customer)},
		Rate:     covetjobs.Rate{Jobs: 100, Per: time.Minute},
	}
}

// Work implements covetjobs.Job.
func (r Statement) Work(ctx context.Context, _ Deps) error {
	const days = 30
	for day := range days {
		covetjobs.SetProgress(ctx, int64(day+1), days)
	}
	return covetjobs.SetResult(ctx, map[string]int{r.Month: 4096})
}

func ExampleResult() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()
	covetjobs.Register[Statement](jobs, Deps{})

	id, err := jobs.Enqueue(ctx, Statement{Customer: 7, Month: "2026-03"})
	fmt.Println(err)
	_, err = covetjobs.Result[map[string]int](ctx, jobs, id)
	fmt.Println(errors.Is(err, covetjobs.ErrNotDone))
	fmt.Println(jobs.Drain(ctx))
	totals, err := covetjobs.Result[map[string]int](ctx, jobs, id)
	fmt.Println(totals, err)
	progress, err := jobs.Inspector().Progress(ctx, id)
	fmt.Println(progress.Done, "of", progress.Total, err)
	// Output:
	// <nil>
	// true
	// <nil>
	// map[2026-03:4096] <nil>
	// 30 of 30 <nil>
}

func ExampleByArgs() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()
	covetjobs.Register[Statement](jobs, Deps{})

	first, err := jobs.Enqueue(ctx, Statement{Customer: 7, Month: "2026-03"})
	fmt.Println(err)
	var found bool
	again, err := jobs.Enqueue(ctx, Statement{Customer: 7, Month: "2026-03"}, covetjobs.Duplicate(&found))
	fmt.Println(again == first, found, err)
	// Output:
	// <nil>
	// true true <nil>
}

func ExampleClient_EnqueueMany() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	ids, err := jobs.EnqueueMany(ctx, []any{Welcome{Email: "ada@example.com"}, Welcome{Email: "grace@example.com"}})
	fmt.Println(len(ids), err, jobs.Drain(ctx))
	// Output:
	// to ada@example.com: welcome!
	// to grace@example.com: welcome!
	// 2 <nil> <nil>
}

func ExampleClient_EnqueueChain() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	// The second one waits for the first, which cannot be done.
	_, err := jobs.EnqueueChain(ctx, []any{Welcome{}, Welcome{Email: "grace@example.com"}})
	fmt.Println(err)
	fmt.Println(jobs.Drain(ctx) != nil)
	counts, err := jobs.Inspector().Count(ctx)
	fmt.Println(counts, err)
	// Output:
	// <nil>
	// true
	// map[dead:2] <nil>
}

// Tally runs after a batch.
type Tally struct{}

// Work tells how the members of the batch ended.
func (Tally) Work(ctx context.Context, jobs *covetjobs.Client) error {
	run, _ := covetjobs.Info(ctx)
	batch, err := jobs.Batch(ctx, run.Batch)
	fmt.Println(batch.Done, "done,", batch.Dead, "dead")
	return err
}

func ExampleClient_EnqueueBatch() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()
	covetjobs.Register[Tally](jobs, jobs)

	_, err := jobs.EnqueueBatch(ctx, covetjobs.Batch{
		Jobs: []any{Welcome{Email: "ada@example.com"}, Welcome{}},
		Then: Tally{},
	})
	fmt.Println(err)
	_ = jobs.Drain(ctx) // returns "nobody to welcome"
	// Output:
	// <nil>
	// to ada@example.com: welcome!
	// 1 done, 1 dead
}

// Export waits until its file is there.
type Export struct {
	File string `json:"file"`
}

// Work implements covetjobs.Job.
func (Export) Work(context.Context, Deps) error {
	return covetjobs.Snooze(10 * time.Minute) // not there yet: that is no failure
}

func ExampleSnooze() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()
	covetjobs.Register[Export](jobs, Deps{})

	id, err := jobs.Enqueue(ctx, Export{File: "report.csv"})
	fmt.Println(err, jobs.Drain(ctx))
	row, err := jobs.Inspector().Row(ctx, id)
	fmt.Println(row.State, row.Attempts, time.Until(row.RunAt) > 9*time.Minute, err)
	// Output:
	// <nil> <nil>
	// pending 0 true <nil>
}

// Invite had one field with the whole name in its first version.
type Invite struct {
	First string `json:"first"`
	Last  string `json:"last"`
}

// Version is stored with the arguments.
func (Invite) Version() int { return 1 }

// Upgrade turns arguments of an earlier version into present ones.
func (Invite) Upgrade(_ int, raw json.RawMessage) (json.RawMessage, error) {
	var old struct{ Name string }
	if err := json.Unmarshal(raw, &old); err != nil {
		return nil, err
	}
	first, last, _ := strings.Cut(old.Name, " ")
	return json.Marshal(Invite{First: first, Last: last})
}

// Work implements covetjobs.Job.
func (i Invite) Work(_ context.Context, deps Deps) error {
	return deps.Mail.Send(i.First, "you are invited, "+i.First+" "+i.Last)
}

// oldInvite is what an earlier release enqueued.
type oldInvite struct{ Name string }

func (oldInvite) Kind() string                       { return "invite" }
func (oldInvite) Work(context.Context, Mailer) error { return nil }

func ExampleJob() {
	ctx := context.Background()
	old, db, stop := exampleClient(ctx)
	defer stop()
	covetjobs.Register[oldInvite](old, Mailer{})
	_, err := old.Enqueue(ctx, oldInvite{Name: "Ada Lovelace"})
	fmt.Println(err)

	jobs, stopNew := exampleClientOn(ctx, db)
	defer stopNew()
	covetjobs.Register[Invite](jobs, Deps{})
	fmt.Println(jobs.Drain(ctx))
	// Output:
	// <nil>
	// to Ada: you are invited, Ada Lovelace
	// <nil>
}

func ExampleClient_Use() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	jobs.Use(func(next covetjobs.Handler) covetjobs.Handler {
		return func(ctx context.Context) error {
			run, _ := covetjobs.Info(ctx)
			fmt.Println(run.Kind, "begins")
			return next(ctx)
		}
	}, covetjobs.Observe(func(_ context.Context, run covetjobs.Execution, took time.Duration, err error) {
		fmt.Println(run.Kind, "ended, attempt", run.Attempt, took > 0, err)
	}))
	if _, err := jobs.Enqueue(ctx, Welcome{Email: "ada@example.com"}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(jobs.Drain(ctx))
	// Output:
	// welcome begins
	// to ada@example.com: welcome!
	// welcome ended, attempt 1 true <nil>
	// <nil>
}
