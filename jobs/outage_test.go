package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/covetgo/covet/internal/testserver"
	covetjobs "github.com/covetgo/covet/jobs"
)

func TestRedisOutage(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	p := testserver.NewProxy(t, "redis://"+server.Addr())
	k := newKit(t, databases["sqlite"](t), p.Through(t, "redis://127.0.0.1"))
	outage(t, k, p, func(c *covetjobs.Client) int {
		const more = 5 // claimed, not sent, and given up again
		for i := range more {
			enqueue(t, c, Probe{Name: fmt.Sprint("more ", i)})
		}
		return more
	})
}

// A process that is asked to stop stops, although neither its queue nor the database can be reached.
func TestStopDuringOutage(t *testing.T) {
	t.Parallel()
	cutOff := func(t *testing.T, k *kit, p *testserver.Proxy) {
		t.Helper()
		w := newWork().on("long", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		c := k.started(t, covetjobs.Config{ShutdownTimeout: 100 * time.Millisecond, Lease: time.Second}, w)
		enqueue(t, c, Probe{Name: "long"})
		await(t, "the job to run", func() bool { return w.count("long") == 1 })
		p.Cut()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			_ = c.Stop(context.Background()) // the row cannot be returned while the database is gone
		}()
		select {
		case <-stopped:
		case <-time.After(patience):
			t.Error("the client does not stop")
			<-stopped
		}
		p.Open(t) // for the cleanups
	}
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		p := testserver.NewProxy(t, "redis://"+miniredis.RunT(t).Addr())
		cutOff(t, newKit(t, databases["sqlite"](t), p.Through(t, "redis://127.0.0.1")), p)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		direct := databases["postgres"](t)
		p := testserver.NewProxy(t, direct)
		cutOff(t, newKit(t, p.Through(t, direct), ""), p)
	})
}

func TestDatabaseOutage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			direct := databases[name](t)
			p := testserver.NewProxy(t, direct)
			outage(t, newKit(t, p.Through(t, direct), ""), p, func(*covetjobs.Client) int { return 0 })
		})
	}
}

// outage cuts a server off while jobs run and wait, for several polls, and expects one warning and no loss, also of the
// jobs that meanwhile enqueues once the server is gone.
func outage(t *testing.T, k *kit, p *testserver.Proxy, meanwhile func(*covetjobs.Client) int) {
	t.Helper()
	gate := make(chan struct{})
	w := newWork()
	n := 20
	for i := range n {
		w.on(fmt.Sprint(i), func(context.Context) error { <-gate; return nil })
	}
	c := k.started(t, covetjobs.Config{Concurrency: 2}, w)
	for i := range n {
		enqueue(t, c, Probe{Name: fmt.Sprint(i)})
	}
	await(t, "two jobs to run", func() bool { runs, _ := w.total(); return runs == 2 })
	p.Cut()
	n += meanwhile(c)
	await(t, "the warning", func() bool { return len(k.log.having("relaying jobs failed")) == 1 })
	if err := c.Health(t.Context()); err == nil {
		t.Error("the client calls itself healthy during an outage")
	}
	close(gate)
	over := time.Now().Add(time.Second)
	await(t, "some polls to fail", func() bool { return time.Now().After(over) })
	p.Open(t)
	await(t, "the relay to recover", func() bool { return len(k.log.having("relaying jobs recovered")) == 1 })
	await(t, "all jobs to be done", func() bool { return k.count(t, c, covetjobs.Done) == n })
	if warnings := k.log.having("relaying jobs failed"); len(warnings) != 1 {
		t.Errorf("%d warnings, want one: %s", len(warnings), strings.Join(warnings, "\n"))
	}
	if err := c.Health(t.Context()); err != nil {
		t.Errorf("unhealthy after the outage: %v", err)
	}
	if runs, names := w.total(); names != n || runs > n+2 {
		t.Errorf("%d runs of %d jobs, want %d (the two that ran may run again)", runs, names, n)
	}
}
