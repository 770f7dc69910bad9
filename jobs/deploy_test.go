package jobs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/database"
	covetjobs "github.com/covetgo/covet/jobs"
)

// inProcess starts a client that works in this process.
func (k *kit) inProcess(t *testing.T, cfg covetjobs.Config, register func(c *covetjobs.Client)) *covetjobs.Client {
	t.Helper()
	cfg.Concurrency, cfg.PollInterval = 10, 50*time.Millisecond
	c := covetjobs.New(cfg, k.db, k.redis, slog.New(slog.DiscardHandler))
	register(c)
	t.Cleanup(func() { stop(t, c) })
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	return c
}

// The clock is set forward and back among many jobs, which neither loses nor doubles one.
func TestClockSetAmongManyJobs(t *testing.T) {
	t.Parallel()
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		wall := &wallClock{}
		register := func(c *covetjobs.Client) { covetjobs.Register[Mark](c, k.db) }
		c := k.inProcess(t, covetjobs.Config{Clock: wall.now}, register)
		if args.Redis != "" {
			newOther(t, k).inProcess(t, covetjobs.Config{Clock: wall.now}, register)
		}
		n := scaled(100)
		enqueueMarks(t, c, n)
		for i, by := range []time.Duration{time.Hour, -2 * time.Hour, 48 * time.Hour} {
			awaitLong(t, "a quarter of the jobs", func() bool { return k.count(t, c, covetjobs.Done) >= (i+1)*n/4 })
			wall.set(by)
		}
		begun := time.Now()
		awaitLong(t, "all jobs to have run", func() bool {
			counts := k.counts(t, c)
			return counts[covetjobs.Pending]+counts[covetjobs.Dispatched]+counts[covetjobs.Running] == 0
		})
		if doubled := k.report(t, n, time.Since(begun)); doubled > 0 {
			t.Errorf("%d jobs ran twice", doubled)
		}
	})
}

// Load is a job with much to carry.
type Load struct {
	Number int    `json:"number"`
	Data   string `json:"data"`
}

func (l Load) Work(ctx context.Context, db *database.DB) error {
	if l.Data != loadOf(l.Number) {
		return covetjobs.Permanent(fmt.Errorf("the data of %d have changed", l.Number))
	}
	return db.With(ctx).Exec("INSERT INTO marks (number) VALUES (?)", l.Number).Error
}

// loadOf is a mebibyte that differs by number, with what JSON escapes.
func loadOf(number int) string {
	line := fmt.Sprintf("%07d é\"<\n", number)
	return strings.Repeat(line, (1<<20)/len(line))
}

// Jobs of a mebibyte each, whose Redis is emptied among them.
func TestLargePayloads(t *testing.T) {
	t.Parallel()
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		c := k.inProcess(t, covetjobs.Config{}, func(c *covetjobs.Client) { covetjobs.Register[Load](c, k.db) })
		n := min(scaled(10), 300)
		for i := range n {
			enqueue(t, c, Load{Number: i, Data: loadOf(i)})
		}
		awaitLong(t, "a third of the jobs", func() bool { return k.count(t, c, covetjobs.Done) >= n/3 })
		if err := k.redis.Client().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		k.awaitDone(t, c, n)
		k.report(t, n, time.Since(begun))
	})
}

// Large arguments do not go through Redis.
func TestLargeArgumentsStayInTheRow(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		gate := make(chan struct{})
		small, large := strings.Repeat("x", 60<<10), strings.Repeat("é", 60<<10)
		w := newWork().on("first", func(context.Context) error { <-gate; return nil })
		c := k.started(t, covetjobs.Config{Concurrency: 1}, w)
		enqueue(t, c, Probe{Name: "first"})
		await(t, "the first job to run", func() bool { return w.count("first") == 1 })
		ids := map[string]string{}
		for _, name := range []string{small, large} {
			ids[name] = enqueue(t, c, Probe{Name: name})
			k.awaitState(t, ids[name], covetjobs.Dispatched)
		}
		gone := enqueue(t, c, Probe{Name: large + "gone"})
		k.awaitState(t, gone, covetjobs.Dispatched)
		if err := c.Inspector().Delete(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		for name, least := range map[string]int{small: 60 << 10, large: 0} {
			task := k.redis.Client().HGet(t.Context(), "asynq:{default}:t:"+ids[name]+".0", "msg").Val()
			if n := len(task); n == 0 || n < least || n > least+1000 {
				t.Errorf("%d bytes of arguments make %d in Redis", len(name), n)
			}
		}
		close(gate)
		for name, id := range ids {
			k.awaitState(t, id, covetjobs.Done)
			if w.count(name) != 1 {
				t.Errorf("%d bytes of arguments did not arrive", len(name))
			}
		}
	})
}

// oldLetter and newLetter are one job before and after a release that renames an argument and adds one.
type oldLetter struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
}

func (oldLetter) Kind() string { return "letter" }

func (l oldLetter) Work(ctx context.Context, db *database.DB) error {
	return deliver(ctx, db, l.Number, l.Text)
}

type newLetter struct {
	ID    int      `json:"id"`
	Text  string   `json:"text"`
	Sheet []string `json:"sheet"`
}

func (newLetter) Kind() string { return "letter" }

func (newLetter) Version() int { return 1 }

func (newLetter) Upgrade(_ int, raw json.RawMessage) (json.RawMessage, error) {
	return bytes.Replace(raw, []byte(`"number"`), []byte(`"id"`), 1), nil
}

func (l newLetter) Work(ctx context.Context, db *database.DB) error {
	return deliver(ctx, db, l.ID, l.Text+strings.Join(l.Sheet, ""))
}

func deliver(ctx context.Context, db *database.DB, number int, text string) error {
	if text != fmt.Sprint("letter ", number) {
		return covetjobs.Permanent(fmt.Errorf("letter %d says %q", number, text))
	}
	return db.With(ctx).Exec("INSERT INTO marks (number) VALUES (?)", number).Error
}

// A release changes the arguments of a job while many wait. Where processes of both work side by side, as in a rolling
// deployment, the old one leaves the new jobs to the new one.
func TestDeploymentWithOtherArguments(t *testing.T) {
	t.Parallel()
	onPairs(t, somePairs(), func(t *testing.T, args workerArgs) {
		k := newKit(t, args.Database, args.Redis)
		k.createMarks(t)
		n := scaled(100)
		letters := make([]any, n)
		for i := range letters {
			letters[i] = oldLetter{Number: i, Text: fmt.Sprint("letter ", i)}
			if i >= n/2 {
				letters[i] = newLetter{ID: i, Text: "letter ", Sheet: []string{fmt.Sprint(i)}}
			}
		}
		before := k.inProcess(t, covetjobs.Config{}, func(c *covetjobs.Client) { covetjobs.Register[oldLetter](c, k.db) })
		if _, err := before.EnqueueMany(t.Context(), letters[:n/2]); err != nil {
			t.Fatal(err)
		}
		awaitLong(t, "some jobs", func() bool { return k.count(t, before, covetjobs.Done) >= n/8 })
		rolling := args.Redis != "" && *scale > 0 // what the old process leaves waits for half a minute
		if !rolling {
			stop(t, before)
		}
		after := newOther(t, k)
		if args.Redis == "" {
			after = k
		}
		c := after.inProcess(t, covetjobs.Config{}, func(c *covetjobs.Client) { covetjobs.Register[newLetter](c, k.db) })
		if _, err := c.EnqueueMany(t.Context(), letters[n/2:]); err != nil {
			t.Fatal(err)
		}
		awaitLong(t, "half of the jobs", func() bool { return k.count(t, c, covetjobs.Done) >= n/2 })
		stop(t, before)
		begun := time.Now()
		k.awaitDone(t, c, n)
		if doubled := k.report(t, n, time.Since(begun)); doubled > 0 {
			t.Errorf("%d jobs ran twice", doubled)
		}
	})
}
