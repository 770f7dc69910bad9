package jobs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/app/database/mysql"
	"github.com/covetgo/covet/app/database/postgres"
	"github.com/covetgo/covet/app/database/sqlite"
	covetredis "github.com/covetgo/covet/app/redis"
	covetjobs "github.com/covetgo/covet/jobs"
)

// workerProcessEnv makes this test binary a worker process; it holds what it works on, as JSON.
const workerProcessEnv = "COVET_JOBS_TEST_WORKER"

type workerArgs struct {
	Database, Redis string
	// Schedule fires a Mark each second; EnqueueFrom, if positive, makes a process that only commits Marks, numbered
	// from there on.
	Schedule    bool
	EnqueueFrom int
	// MaxLosses, Concurrency and Lease are those of killConfig if they are 0.
	MaxLosses   int
	Concurrency int
	Lease       time.Duration
}

// Mark is a job that takes some time and leaves a line for each of its runs. What it does else is harmful.
type Mark struct {
	Number int           `json:"number"`
	Takes  time.Duration `json:"takes,omitempty"`
	Harm   string        `json:"harm,omitempty"`
}

func (m Mark) Work(ctx context.Context, db *database.DB) error {
	switch m.Harm {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("poison")
	case "hang":
		select {} // whatever its context says
	case "allocate":
		m.allocate()
	}
	<-time.After(m.Takes) // the work
	return db.With(ctx).Exec("INSERT INTO marks (number) VALUES (?)", m.Number).Error
}

func (m Mark) Options() covetjobs.Options {
	if m.Harm == "hang" {
		return covetjobs.Options{MaxRetry: -1, Timeout: time.Second}
	}
	if m.Harm != "" {
		return covetjobs.Options{MaxRetry: -1}
	}
	return covetjobs.Options{}
}

// allocate takes a quarter of a gigabyte for a moment.
func (m Mark) allocate() {
	block := make([]byte, 256<<20)
	for i := 0; i < len(block); i += os.Getpagesize() {
		block[i] = 1
	}
	runtime.KeepAlive(block)
}

// workerProcess works until it is killed.
func workerProcess() int {
	err := func() error {
		var args workerArgs
		if err := json.Unmarshal([]byte(os.Getenv(workerProcessEnv)), &args); err != nil {
			return err
		}
		db, err := database.Open(database.Config{URL: args.Database}, nil, sqlite.Driver{}, postgres.Driver{}, mysql.Driver{})
		if err != nil {
			return err
		}
		redis, err := covetredis.New(covetredis.Config{URL: args.Redis}, nil)
		if err != nil {
			return err
		}
		if err := redis.Start(context.Background()); err != nil {
			return err
		}
		cfg := killConfig
		cfg.MaxLosses = args.MaxLosses
		if args.Lease > 0 {
			cfg.Lease = args.Lease
		}
		if args.Concurrency > 0 {
			cfg.Concurrency = args.Concurrency
		}
		c := covetjobs.New(cfg, db, redis, slog.New(slog.DiscardHandler))
		covetjobs.Register[Mark](c, db)
		if args.EnqueueFrom > 0 {
			return commitMarks(db, c, args.EnqueueFrom)
		}
		if args.Schedule {
			c.Schedule("second", "@every 1s", Mark{})
		}
		return c.Start(context.Background(), covetjobs.Roles{Work: true})
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("working")
	select {}
}

var killConfig = covetjobs.Config{Concurrency: 5, PollInterval: 50 * time.Millisecond, Lease: 2 * time.Second}

// killing is a fault run in which workers are killed.
type killing struct {
	jobs, kills int
	// pause is the time from a start to the kill, takes how long the job of that number does.
	pause func() time.Duration
	takes func(number int) time.Duration
}

// A worker is killed soon after each start.
func TestKilledWorkersLoseNoJob(t *testing.T) {
	t.Parallel()
	n, kills := scaled(100), 12+*scale/250
	if *scale == 0 {
		kills = 6
	}
	onPairs(t, everyPair, func(t *testing.T, args workerArgs) {
		killWorkers(t, args, killing{
			jobs: n, kills: kills,
			pause: func() time.Duration { return rand.N(200 * time.Millisecond) },
			takes: func(int) time.Duration { return rand.N(longest()) },
		})
	})
}

// A worker is killed every few seconds, for longer than a job takes that loses all its workers; some jobs take longer
// than from one kill to the next.
func TestKilledForLongLosesNoJob(t *testing.T) {
	t.Parallel()
	n := scaled(100)
	short, long, pause := 200*time.Millisecond, 5*time.Second, 3*time.Second
	kills := 40
	if *scale == 0 {
		short, long, pause, kills = 20*time.Millisecond, time.Second, 500*time.Millisecond, 4
	}
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		args.Concurrency, args.Lease = 20, 20*time.Second // at full scale the default
		if *scale == 0 {
			args.Lease = time.Second
		}
		killWorkers(t, args, killing{
			jobs: n, kills: kills,
			pause: func() time.Duration { return pause/2 + rand.N(pause) },
			takes: func(number int) time.Duration {
				if number%50 == 0 {
					return long
				}
				return rand.N(short)
			},
		})
	})
}

func killWorkers(t *testing.T, args workerArgs, run killing) {
	t.Helper()
	k := newKit(t, args.Database, args.Redis)
	k.createMarks(t)
	c := marksClient(k)
	jobs := make([]any, run.jobs)
	for i := range jobs {
		jobs[i] = Mark{Number: i, Takes: run.takes(i)}
	}
	if _, err := c.EnqueueMany(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
	for range run.kills {
		worker := startWorker(t, args)
		<-time.After(run.pause())
		worker.kill(t)
	}
	begun := time.Now()
	t.Logf("%d kills; then %v", run.kills, k.counts(t, c))
	worker := startWorker(t, args)
	k.awaitDone(t, c, run.jobs)
	took := time.Since(begun)
	worker.kill(t)
	k.report(t, run.jobs, took)
}

// process is a worker process.
type process struct {
	cmd    *exec.Cmd
	stderr *strings.Builder
	exit   chan struct{} // closed when it has ended
}

func startWorker(t *testing.T, args workerArgs) *process {
	t.Helper()
	text, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.CommandContext(t.Context(), os.Args[0]), stderr: &strings.Builder{}, exit: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), workerProcessEnv+"="+string(text))
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "working\n" {
		p.cmd.Wait()
		t.Fatalf("the worker process does not work: %v %q\n%s", err, line, p.stderr)
	}
	go func() {
		defer close(p.exit)
		_ = p.cmd.Wait() // how it ended is no news
	}()
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-p.exit
}
