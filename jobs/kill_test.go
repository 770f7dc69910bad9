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
	// Schedule fires a Mark each second; EnqueueFrom, if positive, makes a process that only commits Marks, numbered from
	// there on.
	Schedule    bool
	EnqueueFrom int
	MaxLosses   int
}

// Mark is a job that takes a moment and leaves a line for each of its runs. What it does else is harmful.
type Mark struct {
	Number int    `json:"number"`
	Harm   string `json:"harm,omitempty"`
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
	<-time.After(rand.N(10 * time.Millisecond)) // the work
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

func TestKilledWorkersLoseNoJob(t *testing.T) {
	t.Parallel()
	for name, urls := range map[string][2]string{
		"sqlite with embedded Redis": {databases["sqlite"](t), ""},
		"postgres with Redis":        {databases["postgres"](t), redises["redis"](t)},
		"mysql with Redis":           {databases["mysql"](t), redises["redis"](t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killWorkers(t, workerArgs{Database: urls[0], Redis: urls[1]})
		})
	}
}

func killWorkers(t *testing.T, args workerArgs) {
	t.Helper()
	k := newKit(t, args.Database, args.Redis)
	k.createMarks(t)
	c := marksClient(k)
	n := scaled(200)
	enqueueMarks(t, c, n)
	kills := 12 + n/250
	for range kills {
		worker := startWorker(t, args)
		<-time.After(rand.N(200 * time.Millisecond))
		worker.kill(t)
	}
	left := n - k.count(t, c, covetjobs.Done)
	worker := startWorker(t, args)
	begun := time.Now()
	awaitLong(t, "all jobs to be done", func() bool { return k.count(t, c, covetjobs.Done) == n })
	recovered := time.Since(begun)
	worker.kill(t)

	doubled := k.checkMarks(t, n)
	t.Logf("%d kills, then the last %d of %d jobs done in %v; %d jobs ran twice",
		kills, left, n, recovered.Round(time.Millisecond), doubled)
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
