package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/sqlite"
	covetredis "github.com/covetgo/covet/app/redis"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmigrations "github.com/covetgo/covet/migrations"
)

// Mailer is what the jobs of the examples need besides their arguments.
type Mailer struct{}

func (Mailer) Send(to, text string) error {
	fmt.Printf("to %s: %s\n", to, text)
	return nil
}

// Deps are the dependencies of all jobs of an application.
type Deps struct{ Mail Mailer }

// Welcome greets a new user.
type Welcome struct {
	Email string `json:"email"`
}

// Work implements covetjobs.Job.
func (j Welcome) Work(_ context.Context, deps Deps) error {
	if j.Email == "" {
		return covetjobs.Permanent(errors.New("nobody to welcome"))
	}
	return deps.Mail.Send(j.Email, "welcome!")
}

// Options puts the job into a queue of its own and gives up after five retries.
func (Welcome) Options() covetjobs.Options {
	return covetjobs.Options{Queue: "mail", MaxRetry: 5, Timeout: time.Minute}
}

// exampleClient returns a client on an in-memory database, with the job Welcome.
func exampleClient(ctx context.Context) (c *covetjobs.Client, db *database.DB, stop func()) {
	db, err := database.Open(database.Config{URL: "sqlite::memory:"}, nil, sqlite.Driver{})
	if err != nil {
		panic(err)
	}
	if _, err := covetmigrations.NewRunner(db, covetmigrations.Library()).Up(ctx); err != nil {
		panic(err)
	}
	c, stopClient := exampleClientOn(ctx, db)
	return c, db, func() {
		stopClient()
		if err := db.Close(); err != nil {
			panic(err)
		}
	}
}

// exampleClientOn returns another client on the same database.
func exampleClientOn(ctx context.Context, db *database.DB) (c *covetjobs.Client, stop func()) {
	redis, err := covetredis.New(covetredis.Config{}, nil)
	if err != nil {
		panic(err)
	}
	if err := redis.Start(ctx); err != nil {
		panic(err)
	}
	c = covetjobs.New(covetjobs.Config{}, db, redis, nil)
	covetjobs.Register[Welcome](c, Deps{})
	return c, func() {
		if err := errors.Join(c.Stop(ctx), redis.Stop(ctx)); err != nil {
			panic(err)
		}
	}
}

func ExampleClient_Enqueue() {
	ctx := context.Background()
	jobs, db, stop := exampleClient(ctx)
	defer stop()

	err := db.Transaction(ctx, func(ctx context.Context) error {
		if _, err := jobs.Enqueue(ctx, Welcome{Email: "ada@example.com"}); err != nil {
			return err
		}
		return errors.New("the user could not be created")
	})
	fmt.Println(err)
	err = db.Transaction(ctx, func(ctx context.Context) error {
		_, err := jobs.Enqueue(ctx, Welcome{Email: "grace@example.com"})
		return err
	})
	fmt.Println(err)
	if err := jobs.Drain(ctx); err != nil { // in a test; Start works jobs in an application
		fmt.Println(err)
	}
	// Output:
	// the user could not be created
	// <nil>
	// to grace@example.com: welcome!
}

func ExampleClient_Start() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	if err := jobs.Start(ctx, covetjobs.Roles{Work: true}); err != nil {
		fmt.Println(err)
		return
	}
	if _, err := jobs.Enqueue(ctx, Welcome{Email: "ada@example.com"}); err != nil {
		fmt.Println(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		counts, err := jobs.Inspector().Count(ctx)
		if err != nil || counts[covetjobs.Done] == 1 {
			fmt.Println(counts, err)
			return
		}
	}
	// Output:
	// to ada@example.com: welcome!
	// map[done:1] <nil>
}

func ExamplePermanent() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	if _, err := jobs.Enqueue(ctx, Welcome{}); err != nil {
		fmt.Println(err)
	}
	_ = jobs.Drain(ctx) // returns "nobody to welcome"
	counts, err := jobs.Inspector().Count(ctx)
	fmt.Println(counts, err)
	// Output: map[dead:1] <nil>
}

func ExampleIn() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	_, err := jobs.Enqueue(ctx, Welcome{Email: "ada@example.com"}, covetjobs.In(24*time.Hour))
	fmt.Println(err, jobs.Drain(ctx)) // not due yet
	// Output: <nil> <nil>
}

func ExampleClient_Schedule() {
	ctx := context.Background()
	jobs, _, stop := exampleClient(ctx)
	defer stop()

	jobs.Schedule("greeting", "CRON_TZ=Europe/Berlin 30 7 * * 1-5", Welcome{Email: "team@example.com"})
	jobs.Schedule("heartbeat", "@every 10m", Welcome{Email: "ops@example.com"})
	jobs.Schedule("broken", "every monday", Welcome{})

	fmt.Println(jobs.Start(ctx, covetjobs.Roles{Work: true}))
	// Output: scheduling "broken" at "every monday": expected five cron fields such as "30 7 * * 1-5", a descriptor such as @daily, or @every with a duration such as "@every 10m" (expected exactly 5 fields, found 2: [every monday])
}
