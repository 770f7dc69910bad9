package jobs_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	covetredis "github.com/covetgo/covet/app/redis"
	covetjobs "github.com/covetgo/covet/jobs"
)

type otherProbe struct{}

func (otherProbe) Kind() string                    { return "probe" }
func (otherProbe) Work(context.Context, int) error { return nil }

type channel struct{ Done chan int }

func (channel) Work(context.Context, int) error { return nil }

type hidden struct{ secret string }

func (h hidden) Work(context.Context, int) error { return errors.New(h.secret) }

type nested struct {
	When  time.Time
	Loop  []nested
	Inner struct{ Reader io.Reader }
}

func (nested) Work(context.Context, int) error { return nil }

type badQueue struct{}

func (badQueue) Work(context.Context, int) error { return nil }
func (badQueue) Options() covetjobs.Options      { return covetjobs.Options{Queue: "My Queue"} }

type number int

func (number) Work(context.Context, int) error { return nil }

type badKind struct{}

func (badKind) Kind() string                    { return "with space" }
func (badKind) Work(context.Context, int) error { return nil }

// SyncHTTPCache has pointer receivers and a queue of its own.
type SyncHTTPCache struct {
	When    time.Time      `json:"when"`
	Tags    map[string]any `json:"tags"`
	Skipped func()         `json:"-"`
}

func (s *SyncHTTPCache) Work(_ context.Context, got chan<- *SyncHTTPCache) error {
	got <- s
	return nil
}

func (*SyncHTTPCache) Options() covetjobs.Options { return covetjobs.Options{Queue: "cache"} }

func TestPointerReceiversAndArguments(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	got := make(chan *SyncHTTPCache, 2)
	covetjobs.Register[*SyncHTTPCache](c, (chan<- *SyncHTTPCache)(got))
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	job := SyncHTTPCache{When: when, Tags: map[string]any{"a": "b\x00c"}}
	byPointer, byValue := enqueue(t, c, &job), enqueue(t, c, job)
	for range 2 {
		if j := <-got; !j.When.Equal(when) || j.Tags["a"] != "b\x00c" {
			t.Errorf("the job arrived as %+v", j)
		}
	}
	for _, id := range []string{byPointer, byValue} {
		if row := k.awaitState(t, id, covetjobs.Done); row.Kind != "sync_http_cache" || row.Queue != "cache" {
			t.Errorf("kind %q in queue %q, want sync_http_cache in cache", row.Kind, row.Queue)
		}
	}
}

func TestEnqueueRefuses(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	for _, job := range []any{Slow{}, nil, 7, "probe"} {
		if _, err := c.Enqueue(t.Context(), job); !errors.Is(err, covetjobs.ErrNotRegistered) {
			t.Errorf("enqueuing %T: %v, want ErrNotRegistered", job, err)
		}
	}
	for text, opt := range map[string]covetjobs.EnqueueOption{
		"times after 9999-12-30":                    covetjobs.At(time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)),
		`unique by "Name": the job has no argument`: covetjobs.UniqueBy(covetjobs.ByArgs("Name")), // its name in JSON is name
	} {
		if id, err := c.Enqueue(t.Context(), Probe{}, opt); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("enqueued %q, %v, want an error with %q", id, err, text)
		}
	}
	redis, err := covetredis.New(covetredis.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	command := covetjobs.New(covetjobs.Config{}, k.db, redis, nil)
	covetjobs.Register[Probe](command, newWork())
	if _, err := command.EnqueueDirect(t.Context(), Probe{}); err == nil || !strings.Contains(err.Error(), "set REDIS_URL") {
		t.Errorf("enqueuing directly where nobody works: %v", err)
	}
	if _, err := c.Enqueue(t.Context(), (*Probe)(nil)); err == nil || !strings.Contains(err.Error(), "pointer to the job is nil") {
		t.Errorf("enqueuing a nil pointer: %v", err)
	}
	if _, err := c.Enqueue(t.Context(), Probe{}, covetjobs.Queue("no queue")); err == nil ||
		!strings.Contains(err.Error(), `queue name "no queue"`) {
		t.Errorf("enqueuing to a queue with a bad name: %v", err)
	}
}

func TestUnworkedQueueIsWarnedOf(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{Queues: map[string]int{"default": 1}}, newWork())
	covetjobs.Register[*SyncHTTPCache](c, (chan<- *SyncHTTPCache)(nil))
	if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
		t.Fatal(err)
	}
	if lines := k.log.having("not served by this process"); len(lines) != 1 || !strings.Contains(lines[0], "queue=cache") {
		t.Errorf("warnings %q, want one about the queue cache", lines)
	}
}

func TestUnknownQueueIsWarnedOf(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	enqueue(t, c, Probe{Name: "x"})
	enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("misspelt"))
	if lines := k.log.having("unknown queue, which no worker serves"); len(lines) != 1 || !strings.Contains(lines[0], "queue=misspelt") {
		t.Errorf("warnings %q, want one about the queue misspelt", lines)
	}
}

// The configuration names queues that jobs are sent to one by one.
func TestConfiguredQueueIsKnown(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{Queues: map[string]int{"imports": 1}}, newWork())
	enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("imports"))
	enqueue(t, c, Probe{Name: "x"})
	enqueue(t, c, Probe{Name: "x"}, covetjobs.Queue("import"))
	if lines := k.log.having("unknown queue, which no worker serves"); len(lines) != 1 || !strings.Contains(lines[0], "queue=import ") {
		t.Errorf("warnings %q, want one about the queue import", lines)
	}
	if got := c.Inspector().DeclaredQueues(); !slices.Equal(got, []string{"default"}) {
		t.Errorf("declared are %q", got)
	}
}

func TestStartAndStopTwice(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, k *kit) {
		c := k.client(t, covetjobs.Config{}, newWork())
		stop(t, c)
		for range 2 {
			for range 2 {
				if err := c.Start(t.Context(), covetjobs.Roles{Work: true}); err != nil {
					t.Fatal(err)
				}
			}
			k.awaitState(t, enqueue(t, c, Probe{Name: "x"}), covetjobs.Done)
			stop(t, c)
			stop(t, c)
		}
	})
}

func TestRelayAloneWorksNothing(t *testing.T) {
	t.Parallel()
	onDatabases(t, redises["redis"], func(t *testing.T, k *kit) {
		w := newWork()
		web := k.client(t, covetjobs.Config{}, w)
		web.Schedule("tick", "@every 1s", Probe{Name: "tick"})
		if err := web.Start(t.Context(), covetjobs.Roles{}); err != nil {
			t.Fatal(err)
		}
		id := enqueue(t, web, Probe{Name: "x"})
		k.awaitState(t, id, covetjobs.Dispatched)
		if w.count("x") != 0 {
			t.Error("a process that only relays ran a job")
		}
		newOther(t, k).started(t, covetjobs.Config{}, w)
		k.awaitState(t, id, covetjobs.Done)
	})
}

func TestStartRefusesRolesThatNobodyMeans(t *testing.T) {
	t.Parallel()
	k := newKit(t, databases["sqlite"](t), "")
	c := k.client(t, covetjobs.Config{}, newWork())
	err := c.Start(t.Context(), covetjobs.Roles{Work: true, Queues: []string{"mail", "Bad Q"}, Concurrency: -4})
	if err == nil || !strings.Contains(err.Error(), `queue name "Bad Q"`) || !strings.Contains(err.Error(), "concurrency -4") {
		t.Errorf("started with a queue and a number that cannot be: %v", err)
	}
}
