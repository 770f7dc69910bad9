package jobs_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	"github.com/covetgo/covet/internal/testserver"
	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

// scale is how many jobs each fault run has; 0 means 100, and short outages.
var scale = flag.Int("scale", 0, "jobs of each fault run, such as 10000; 100 and short outages by default")

func scaled(n int) int {
	if *scale > 0 {
		return *scale
	}
	return n
}

// spell is how long an outage lasts.
func spell() time.Duration {
	if *scale > 0 {
		return 10 * time.Second
	}
	return time.Second
}

// longest bounds how long a job takes. Fewer jobs take longer, so that a fault comes while some are left.
func longest() time.Duration {
	if *scale > 0 {
		return 10 * time.Millisecond
	}
	return 30 * time.Millisecond
}

// awaitLong is await for fault runs of any scale.
func awaitLong(t testing.TB, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2*patience + time.Duration(*scale)*30*time.Millisecond)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// states describes the rows that are not done, for a test that fails.
func (k *kit) states(t *testing.T) string {
	t.Helper()
	var rows []covetmodels.OutboxRow
	if err := k.db.With(t.Context()).Where("state <> ?", covetjobs.Done).Limit(20).Find(&rows).Error; err != nil {
		return err.Error()
	}
	text := ""
	for _, row := range rows {
		text += fmt.Sprintf("\n%s %s: %d losses, %d attempts, due in %v, %q", row.Payload, row.State, row.Losses, row.Attempts,
			time.Until(row.RunAt).Round(time.Second), row.LastError)
	}
	return text
}

func marksClient(k *kit) *covetjobs.Client {
	c := covetjobs.New(covetjobs.Config{}, k.db, k.redis, nil)
	covetjobs.Register[Mark](c, k.db)
	return c
}

func enqueueMarks(t *testing.T, c *covetjobs.Client, n int) {
	t.Helper()
	jobs := make([]any, n)
	for i := range jobs {
		jobs[i] = Mark{Number: i, Takes: rand.N(longest())}
	}
	if _, err := c.EnqueueMany(t.Context(), jobs); err != nil {
		t.Fatal(err)
	}
}

func (k *kit) counts(t *testing.T, c *covetjobs.Client) map[covetjobs.State]int {
	t.Helper()
	counts, err := c.Inspector().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// awaitDone waits until n jobs are done, and fails the test when one has ended in another way.
func (k *kit) awaitDone(t *testing.T, c *covetjobs.Client, n int) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Log(k.states(t))
		}
	}()
	awaitLong(t, "all jobs to be done", func() bool {
		counts, err := c.Inspector().Count(t.Context())
		if errors.Is(err, database.ErrUnavailable) {
			return false // such as a server without a free connection, with many fault runs at once
		}
		if err != nil {
			t.Fatal(err)
		}
		if lost := counts[covetjobs.Dead] + counts[covetjobs.Cancelled]; lost > 0 {
			t.Fatalf("%d jobs have ended without being done: %v", lost, counts)
		}
		return counts[covetjobs.Done] >= n
	})
}

// report logs what a fault run of n jobs came to, fails the test unless each of them has run, and returns how many runs
// there were beyond that.
func (k *kit) report(t *testing.T, n int, took time.Duration) (doubled int) {
	t.Helper()
	var runs, numbers int
	row := k.db.With(t.Context()).Raw("SELECT count(*), count(DISTINCT number) FROM marks WHERE number >= 0").Row()
	if err := row.Scan(&runs, &numbers); err != nil {
		t.Fatal(err)
	}
	if numbers != n {
		t.Errorf("%d of %d jobs have run", numbers, n)
	}
	t.Logf("REPORT %d jobs, %d runs, %d doubled, %d lost, %.1f s from the last fault until all were done",
		n, runs, runs-numbers, n-numbers, took.Seconds())
	return runs - numbers
}

func (k *kit) createMarks(t *testing.T) {
	t.Helper()
	for _, table := range []string{"marks", "committed"} {
		if err := k.db.With(t.Context()).Exec("CREATE TABLE " + table + " (number integer)").Error; err != nil {
			t.Fatal(err)
		}
	}
}

// The databases that fault runs are done on: some of them at full scale only. SQLite goes with the embedded Redis, the
// others with a server.
var everyPair = []string{"sqlite", "postgres", "mysql"}

func somePairs() []string { return atScale([]string{"sqlite", "postgres"}, "mysql") }

func serverPairs() []string { return atScale([]string{"postgres"}, "mysql") }

func atScale(pairs []string, more string) []string {
	if *scale > 0 {
		return append(pairs, more)
	}
	return pairs
}

func onPairs(t *testing.T, pairs []string, run func(t *testing.T, args workerArgs)) {
	t.Helper()
	for _, name := range pairs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := workerArgs{Database: databases[name](t)}
			if name != "sqlite" {
				args.Redis = redises["redis"](t)
			}
			run(t, args)
		})
	}
}

// Two workers that are cut off from Redis, from the database, or whose Redis is emptied, in the middle of the work.
func TestOutagesLoseNoJob(t *testing.T) {
	t.Parallel()
	faults := map[string]func(t *testing.T, k *kit, redis, db *testserver.Proxy){
		"Redis is emptied": func(t *testing.T, k *kit, _, _ *testserver.Proxy) {
			if err := k.redis.Client().FlushDB(t.Context()).Err(); err != nil {
				t.Error(err)
			}
		},
		"Redis is away":        func(t *testing.T, _ *kit, redis, _ *testserver.Proxy) { away(t, redis) },
		"the database is away": func(t *testing.T, _ *kit, _, db *testserver.Proxy) { away(t, db) },
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onPairs(t, serverPairs(), func(t *testing.T, args workerArgs) { outageInTheMiddle(t, args, fault) })
		})
	}
}

func away(t *testing.T, p *testserver.Proxy) {
	p.Cut()
	<-time.After(spell())
	p.Open(t)
}

func outageInTheMiddle(t *testing.T, args workerArgs, fault func(t *testing.T, k *kit, redis, db *testserver.Proxy)) {
	t.Helper()
	k := newKit(t, args.Database, args.Redis)
	k.createMarks(t)
	c := marksClient(k)
	n := scaled(100)
	enqueueMarks(t, c, n)
	redis, db := testserver.NewProxy(t, args.Redis), testserver.NewProxy(t, args.Database)
	args.Redis, args.Database = redis.Through(t, args.Redis), db.Through(t, args.Database)
	workers := []*process{startWorker(t, args), startWorker(t, args)}
	awaitLong(t, "a third of the jobs", func() bool { return k.count(t, c, covetjobs.Done) >= n/3 })
	fault(t, k, redis, db)
	begun := time.Now()
	k.awaitDone(t, c, n)
	took := time.Since(begun)
	for _, worker := range workers {
		worker.kill(t)
	}
	k.report(t, n, took)
}

// commitMarks commits Marks, and notes in the same transactions which, until it is killed.
func commitMarks(db *database.DB, c *covetjobs.Client, from int) error {
	fmt.Println("working")
	for number := from; ; number++ {
		err := db.Transaction(context.Background(), func(ctx context.Context) error {
			if err := db.With(ctx).Exec("INSERT INTO committed (number) VALUES (?)", number).Error; err != nil {
				return err
			}
			_, err := c.Enqueue(ctx, Mark{Number: number})
			return err
		})
		if err != nil {
			return err
		}
	}
}

// Processes that commit jobs are killed again and again, so at any moment between the commit and the relay.
func TestKilledBetweenCommitAndRelay(t *testing.T) {
	t.Parallel()
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		c := marksClient(k)
		committed := func() (n int) {
			if err := k.db.With(t.Context()).Raw("SELECT count(*) FROM committed").Row().Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		kills := 0
		for ; committed() < scaled(100) || kills < 3; kills++ {
			args.EnqueueFrom = 1 + kills*1_000_000
			p := startWorker(t, args)
			<-time.After(100*time.Millisecond + spell()/10)
			p.kill(t)
		}
		args.EnqueueFrom = 0
		worker := startWorker(t, args)
		begun := time.Now()
		n := committed()
		k.awaitDone(t, c, n)
		took := time.Since(begun)
		worker.kill(t)
		t.Logf("committed in %d processes that were killed", kills)
		k.report(t, n, took)
	})
}

// Jobs that end their process, panic, never return or take memory, among others that do no harm.
func TestPoisonAmongOthers(t *testing.T) {
	t.Parallel()
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		c := marksClient(k)
		n := scaled(100)
		if *scale == 0 {
			args.MaxLosses = 3 // the fifth run would be a minute later
		}
		poison := map[string]string{"exit": enqueue(t, c, Mark{Number: -1, Harm: "exit"})}
		enqueueMarks(t, c, n)
		enqueueRest := func() {
			for _, harm := range []string{"panic", "hang", "allocate"} {
				poison[harm] = enqueue(t, c, Mark{Number: -1, Harm: harm})
			}
		}
		if *scale > 0 { // otherwise later: beside the one that hangs the first one lives longer
			enqueueRest()
		}
		defer func() {
			if t.Failed() {
				t.Log(k.states(t))
			}
		}()
		worker, starts := startWorker(t, args), 1
		begun := time.Now()
		awaitLong(t, "the end of all", func() bool {
			if worker.ended() {
				worker, starts = startWorker(t, args), starts+1
				begun = time.Now()
			}
			if len(poison) == 1 && k.row(t, poison["exit"]).State == covetjobs.Dead {
				enqueueRest()
			}
			return k.count(t, c, covetjobs.Done) == n+1 && k.count(t, c, covetjobs.Dead) == 3
		})
		took := time.Since(begun)
		worker.kill(t)
		for harm, want := range map[string]string{
			"exit": "times in a row: the job may be the cause", "panic": "panic: poison", "hang": "did not return",
		} {
			if row := k.row(t, poison[harm]); row.State != covetjobs.Dead || !strings.Contains(row.LastError, want) {
				t.Errorf("%s: %s, %q", harm, row.State, row.LastError)
			}
		}
		t.Logf("beside 4 that do harm; %d starts of the worker", starts)
		k.report(t, n, took)
	})
}

// Three processes with one schedule of each second, one of them killed and started again now and then.
func TestScheduleOnThreeReplicas(t *testing.T) {
	t.Parallel()
	onPairs(t, serverPairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		args.Schedule = true
		replicas := []*process{startWorker(t, args), startWorker(t, args), startWorker(t, args)}
		seconds := 4
		if *scale > 0 {
			seconds = 60
		}
		awaitLong(t, "the firings", func() bool { return len(k.firings(t, "second")) >= seconds })
		for _, replica := range replicas {
			replica.kill(t)
		}
		ticks := k.firings(t, "second")
		span := ticks[len(ticks)-1].Sub(ticks[0])
		if want := int(span/time.Second) + 1; len(ticks) != want {
			t.Errorf("%d firings in %v, want %d", len(ticks), span, want)
		}
		t.Logf("REPORT %d firings in %v on three replicas", len(ticks), span)
	})
}

// ended reports whether the process has ended by itself.
func (p *process) ended() bool {
	select {
	case <-p.exit:
		return true
	default:
		return false
	}
}
