package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	covetjobs "github.com/covetgo/covet/jobs"
	covetmodels "github.com/covetgo/covet/models"
)

func TestPause(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		w := newWork()
		c := k.started(t, covetjobs.Config{}, w)
		if err := c.Inspector().Pause(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		id := enqueue(t, c, Probe{Name: "waits"})
		k.awaitState(t, id, covetjobs.Dispatched)
		stop(t, c)
		if err := k.redis.Client().FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		c = k.started(t, covetjobs.Config{Queues: map[string]int{"default": 1, "other": 1}}, w)
		await(t, "the job to be sent again", func() bool {
			row := k.row(t, id)
			return row.State == covetjobs.Dispatched && row.Delivery > 0
		})
		k.awaitState(t, enqueue(t, c, Probe{Name: "goes"}, covetjobs.Queue("other")), covetjobs.Done)
		queues, err := c.Inspector().Queues(t.Context())
		if err != nil || queues[0].PausedAt == nil || queues[1].PausedAt != nil || queues[0].Oldest == nil {
			t.Errorf("queues %+v (%v), want the first paused, with a job that is due", queues, err)
		}
		if row := k.row(t, id); row.State != covetjobs.Dispatched || w.count("waits") != 0 {
			t.Errorf("the job of a paused queue is %s", row.State)
		}
		if err := c.Inspector().Resume(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		k.awaitState(t, id, covetjobs.Done)
		if err := c.Inspector().Pause(t.Context(), "No Queue"); err == nil {
			t.Error("a queue with a bad name can be paused")
		}
	})
}

// Urgent and Idle share a queue with Probe.
type Urgent struct{ Probe }

func (Urgent) Options() covetjobs.Options { return covetjobs.Options{Priority: covetjobs.High} }

type Idle struct{ Probe }

func (Idle) Options() covetjobs.Options { return covetjobs.Options{Priority: covetjobs.Low} }

func TestPriorities(t *testing.T) {
	t.Parallel()
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, databases["sqlite"](t), redisURL(t))
			var order atomic.Value
			order.Store("")
			gate := make(chan struct{})
			w := newWork().on("first", func(context.Context) error { <-gate; return nil })
			for _, name := range []string{"u", "n", "i"} {
				w.on(name, func(context.Context) error {
					order.Store(order.Load().(string) + name)
					return nil
				})
			}
			c := k.client(t, covetjobs.Config{Concurrency: 1, StrictPriority: true}, w)
			covetjobs.Register[Urgent](c, w)
			covetjobs.Register[Idle](c, w)
			if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
				t.Fatal(err)
			}
			enqueue(t, c, Probe{Name: "first"})
			await(t, "the first job to run", func() bool { return w.count("first") == 1 })
			for range 3 {
				enqueue(t, c, Idle{Probe{Name: "i"}})
				enqueue(t, c, Probe{Name: "n"})
				enqueue(t, c, Urgent{Probe{Name: "u"}})
			}
			await(t, "the rest to be in Redis", func() bool { return k.count(t, c, covetjobs.Dispatched) == 9 })
			close(gate)
			await(t, "all jobs", func() bool { return k.count(t, c, covetjobs.Done) == 10 })
			if order.Load() != "uuunnniii" {
				t.Errorf("the order was %v", order.Load())
			}
		})
	}
}

// Alone runs one at a time for each name.
type Alone struct {
	Name string `json:"name"`
}

func (a Alone) Work(ctx context.Context, w *work) error { return w.run(ctx, a.Name) }

func (a Alone) Options() covetjobs.Options {
	return covetjobs.Options{Limit: covetjobs.Limit{Jobs: 2, Key: "customer " + a.Name}}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		var now, most atomic.Int64
		w := newWork().on("x", func(context.Context) error {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			<-time.After(2 * time.Millisecond) // the work
			now.Add(-1)
			return nil
		})
		c := k.client(t, covetjobs.Config{Concurrency: 10}, w)
		covetjobs.Register[Alone](c, w)
		jobs := []any{}
		for range 40 {
			jobs = append(jobs, Alone{Name: "x"})
		}
		ids, err := c.EnqueueMany(t.Context(), append(jobs, Alone{Name: "y"}))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		await(t, "all jobs", func() bool { return k.count(t, c, covetjobs.Done) == 41 })
		if most.Load() > 2 || w.count("x") != 40 {
			t.Errorf("%d at a time, %d runs; want two at most, and 40", most.Load(), w.count("x"))
		}
		for _, id := range ids {
			if row := k.row(t, id); row.Attempts != 0 || row.LimitKey != nil {
				t.Errorf("a job beyond the limit has %d attempts and limit key %v", row.Attempts, row.LimitKey)
			}
		}
		await(t, "the last place to be given back", func() bool {
			return k.redis.Client().ZCard(t.Context(), "covet:jobs:limit:{customer x}").Val() == 0
		})
	})
}

// Slowly starts ten times a second.
type Slowly struct{}

func (Slowly) Work(ctx context.Context, w *work) error { return w.run(ctx, "slowly") }

func (Slowly) Options() covetjobs.Options {
	return covetjobs.Options{Rate: covetjobs.Rate{Jobs: 20}, MaxRetry: -1}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for name, redisURL := range redises {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, databases["sqlite"](t), redisURL(t))
			w := newWork()
			c := k.client(t, covetjobs.Config{}, w)
			covetjobs.Register[Slowly](c, w)
			if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			for range 20 {
				enqueue(t, c, Slowly{})
				if _, err := c.EnqueueDirect(t.Context(), Slowly{}); err != nil {
					t.Fatal(err)
				}
			}
			await(t, "all jobs", func() bool { return w.count("slowly") == 40 })
			if took := time.Since(begun); took < 900*time.Millisecond {
				t.Errorf("40 jobs began within %v, want 20 a second after the first 20", took)
			}
			await(t, "their ends", func() bool { return k.count(t, c, covetjobs.Done) == 20 })
		})
	}
}

// Secret is encrypted.
type Secret struct {
	Link string `json:"link"`
}

func (s Secret) Work(ctx context.Context, w *work) error { return w.run(ctx, s.Link) }

func (Secret) Options() covetjobs.Options { return covetjobs.Options{Encrypt: true} }

func key(b byte) []byte { return []byte(strings.Repeat(string(rune(b)), 32)) }

// The attack: an attacker reads the database and Redis, and moves arguments to another job.
func TestEncryptedArguments(t *testing.T) {
	t.Parallel()
	inPairs(t, func(t *testing.T, k *kit) {
		w := newWork()
		old := k.client(t, covetjobs.Config{Keys: [][]byte{key('a')}}, w)
		covetjobs.Register[Secret](old, w)
		ids := make([]string, 3)
		for i := range ids {
			ids[i] = enqueue(t, old, Secret{Link: fmt.Sprint("hunter", i)})
		}
		row := k.row(t, ids[0])
		if strings.Contains(row.Payload, "hunter") || strings.Contains(row.Payload, "link") || row.SealedWith == "" {
			t.Errorf("the arguments are stored as %q", row.Payload)
		}
		if text := old.Inspector().Arguments(&row); text != "[encrypted]" {
			t.Errorf("people are shown %q", text)
		}
		moved := k.db.With(t.Context()).Model(&covetmodels.OutboxRow{}).Where("id = ?", ids[1]).Update("payload", row.Payload)
		if moved.Error != nil {
			t.Fatal(moved.Error)
		}
		c := k.client(t, covetjobs.Config{Keys: [][]byte{key('b'), key('a')}}, w)
		covetjobs.Register[Secret](c, w)
		fresh := enqueue(t, c, Secret{Link: "new"})
		if k.row(t, fresh).SealedWith == row.SealedWith {
			t.Error("the new key does not encrypt")
		}
		if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{ids[0], ids[2], fresh} {
			k.awaitState(t, id, covetjobs.Done)
		}
		if row := k.awaitState(t, ids[1], covetjobs.Dead); !strings.Contains(row.LastError, "belong to another job") {
			t.Errorf("moved arguments: %q", row.LastError)
		}
		if _, err := c.EnqueueDirect(t.Context(), Secret{Link: "direct"}); err != nil {
			t.Fatal(err)
		}
		await(t, "the direct job", func() bool { return w.count("direct") == 1 })
		if w.count("hunter0") != 1 || w.count("hunter1") != 0 || w.count("hunter2") != 1 || w.count("new") != 1 {
			t.Errorf("runs: %v", w.runs)
		}
	})
}

func TestEncryptionNeedsAKey(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	w := newWork()
	c := k.client(t, covetjobs.Config{}, w)
	covetjobs.Register[Secret](c, w)
	if _, err := c.Enqueue(t.Context(), Secret{}); err == nil || !strings.Contains(err.Error(), "SECRET_KEY") {
		t.Errorf("enqueuing without a key: %v", err)
	}
	with := k.client(t, covetjobs.Config{Keys: [][]byte{key('a')}}, w)
	covetjobs.Register[Secret](with, w)
	id := enqueue(t, with, Secret{})
	_ = c.Drain(t.Context()) // its error is the job's
	if row := k.row(t, id); row.State != covetjobs.Dead || !strings.Contains(row.LastError, "former SECRET_KEY") {
		t.Errorf("a lost key: %s, %q", row.State, row.LastError)
	}
	if err := with.Inspector().Retry(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := with.Drain(t.Context()); err != nil {
		t.Errorf("after the return of the key: %v", err)
	}
	bad := k.client(t, covetjobs.Config{Keys: [][]byte{[]byte("short")}}, w)
	if err := bad.Start(t.Context(), covetjobs.Roles{}); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a key of five bytes: %v", err)
	}
}

// Reset has arguments that people should not see.
type Reset struct {
	Email string `json:"email"`
	Code  string `json:"code" secret:"true"`
	Inner []struct {
		Pin int `json:"pin" secret:"true"`
	} `json:"inner"`
	AccessToken string `json:"access_token"`
}

func (Reset) Work(context.Context, string) error { return errors.New("no") }

func TestArgumentsForPeople(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	covetjobs.Register[Reset](c, "")
	row := covetmodels.OutboxRow{Kind: "reset", Payload: `{"email":"a@b","code":"1234","inner":[{"pin":77}],"access_token":"t0ken"}`}
	var got map[string]any
	text := c.Inspector().Arguments(&row)
	if err := json.Unmarshal([]byte(text), &got); err != nil || got["email"] != "a@b" {
		t.Errorf("%s (%v)", text, err)
	}
	for _, secret := range []string{"1234", "77", "t0ken"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is shown in %s", secret, text)
		}
	}
	row.Kind = "unknown"
	if text := c.Inspector().Arguments(&row); strings.Contains(text, "t0ken") || strings.Contains(text, "1234") || !strings.Contains(text, `"email"`) {
		t.Errorf("of an unknown kind: %s", text)
	}
	row.Payload = "no JSON"
	if text := c.Inspector().Arguments(&row); strings.Contains(text, "no JSON") {
		t.Errorf("what is no JSON: %s", text)
	}
}
