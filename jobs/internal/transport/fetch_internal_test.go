package transport

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	goredis "github.com/redis/go-redis/v9"

	"github.com/covetgo/covet/jobs/internal/job"
)

const tooLong = job.StuckAfter + time.Second

func TestFetches(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		happens func(f *fetches)
		after   time.Duration
		stuck   bool
	}{
		"never seen":              {func(*fetches) {}, time.Hour, false},
		"just now":                {func(f *fetches) { f.asked() }, job.StuckAfter / 2, false},
		"long ago":                {func(f *fetches) { f.asked() }, tooLong, true},
		"all places are taken":    {func(f *fetches) { f.asked(); f.begin(); f.begin() }, time.Hour, false},
		"one place is free":       {func(f *fetches) { f.asked(); f.begin() }, tooLong, true},
		"a place has become free": {func(f *fetches) { f.asked(); f.last = time.Now().Add(-time.Hour); f.begin(); f.begin()() }, job.StuckAfter / 2, false},
		"and nobody takes it":     {func(f *fetches) { f.asked(); f.begin(); f.begin()() }, tooLong, true},
		"Redis does not answer": {func(f *fetches) {
			f.asked()
			f.last = time.Now().Add(-time.Hour)
			f.answered(errors.New("dial tcp: refused"))
		}, job.StuckAfter / 2, false},
		"Redis answers again":   {func(f *fetches) { f.asked(); f.answered(errors.New("dial tcp: refused")) }, tooLong, true},
		"there is no task":      {func(f *fetches) { f.asked(); f.last = time.Now().Add(-time.Hour); f.answered(goredis.Nil) }, 0, true},
		"another worker has it": {func(f *fetches) { f.asked(); f.last = time.Now().Add(-time.Hour); f.answered(errors.New("NOT FOUND")) }, 0, true},
		"it stops":              {func(f *fetches) { f.asked(); f.end() }, time.Hour, false},
	} {
		f := &fetches{places: 2}
		tt.happens(f)
		if got := f.stuck(time.Now().Add(tt.after)); got != tt.stuck {
			t.Errorf("%s: stuck is %v", name, got)
		}
	}
}

// standing is a Redis on which fetching stops for good when it is closed.
type standing struct {
	goredis.UniversalClient
	still <-chan struct{}
	stood chan<- struct{} // receives when fetching has stopped
	end   <-chan struct{}
}

func (s standing) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *goredis.Cmd {
	select {
	case <-s.still:
		if len(keys) == 4 {
			s.stood <- struct{}{}
			<-s.end
		}
	default:
	}
	return s.UniversalClient.EvalSha(ctx, sha, keys, args...)
}

// The fetching of asynq as it is gets seen: while there is nothing to fetch, while a queue is paused, and when it
// stands still. Should a version of asynq fetch in another way, this test fails.
func TestFetchingOfAsynqIsSeen(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	still, stood, end := make(chan struct{}), make(chan struct{}, 1), make(chan struct{})
	f := &fetches{places: 2}
	worker := asynq.NewServerFromRedisClient(watchedRedis{standing{client, still, stood, end}, f}, asynq.Config{
		Concurrency: 2, Queues: map[string]int{"default": 1, "mail": 3}, TaskCheckInterval: 10 * time.Millisecond, Logger: asynqLog{slog.New(slog.DiscardHandler)},
	})
	var once sync.Once
	worked := make(chan struct{})
	if err := worker.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { once.Do(func() { close(worked) }); return nil })); err != nil {
		t.Fatal(err)
	}
	defer worker.Shutdown()
	defer close(end)

	seen := func(what string) {
		t.Helper()
		from := time.Now()
		awaitInside(t, what, func() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.last.After(from) })
		if f.stuck(time.Now()) {
			t.Errorf("%s: it is stuck", what)
		}
	}
	seen("fetching from empty queues")
	if _, err := asynq.NewClientFromRedisClient(client).Enqueue(asynq.NewTask("x", nil)); err != nil {
		t.Fatal(err)
	}
	<-worked
	seen("fetching after a task")
	inspector := asynq.NewInspectorFromRedisClient(client)
	if err := errors.Join(inspector.PauseQueue("default"), inspector.PauseQueue("mail")); err != nil {
		t.Fatal(err)
	}
	seen("fetching from paused queues")

	server.SetError("LOADING Redis is loading the dataset in memory")
	awaitInside(t, "the outage", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return !f.refused.IsZero() })
	seen("fetching in an outage")
	server.SetError("")

	close(still)
	<-stood
	if f.stuck(time.Now()) || !f.stuck(time.Now().Add(tooLong)) {
		t.Error("a standstill is reported at the wrong time")
	}
}

func awaitInside(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
