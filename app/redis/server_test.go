package redis_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	covetredis "github.com/covetgo/covet/app/redis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newEmbedded(t *testing.T) *covetredis.Server {
	t.Helper()
	server, err := covetredis.New(covetredis.Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return server
}

func TestEmbeddedKeepsValuesAndExpiresThem(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	client := server.Client() // handed out before the start
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := client.Set(ctx, "kept", "1", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	if err := client.Set(ctx, "short", "1", 1500*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !errors.Is(client.Get(ctx, "short").Err(), goredis.Nil) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the key has not expired")
		}
	}
	if got := client.Get(ctx, "kept").Val(); got != "1" {
		t.Errorf("a key that had not expired is %q", got)
	}
}

func TestStartAndStopTwice(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	for range 2 {
		if err := server.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := server.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := server.Start(t.Context()); !errors.Is(err, covetredis.ErrStopped) {
		t.Errorf("starting after the stop: %v, want ErrStopped", err)
	}
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestClientBeforeStart(t *testing.T) {
	t.Parallel()
	err := newEmbedded(t).Ping(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is not started") {
		t.Errorf("ping before the start: %v", err)
	}
}

// The attack: another local user finds the port of the embedded Redis and reads the queue.
// Threat: another user of the machine reads the arguments of jobs, or ends the process with a length that miniredis
// tries to allocate before it asks who is there.
func TestEmbeddedHasNoPort(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	client, ok := server.Client().(*goredis.Client)
	if !ok {
		t.Fatalf("the client is a %T", server.Client())
	}
	own, err := client.Options().Dialer(t.Context(), "tcp", "embedded")
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	other, err := new(net.Dialer).DialContext(t.Context(), "tcp", own.RemoteAddr().String())
	if err == nil {
		t.Error("another client connects, too")
		other.Close()
	}
}

// A pipeline is written whole before its first answer is read.
func TestEmbeddedTakesLongPipelines(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	pipeline := server.Client().Pipeline()
	for i := range 2000 {
		pipeline.Set(t.Context(), fmt.Sprint("key ", i), strings.Repeat("x", 100), 0)
	}
	if answers, err := pipeline.Exec(t.Context()); err != nil || len(answers) != 2000 {
		t.Errorf("%d answers, %v", len(answers), err)
	}
}

func TestURLErrorsShowAnExampleAndNoPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"redis//:hunter2@localhost", "http://:hunter2@localhost", "redis://:hunter2@local host:6379",
		"redis://:hunter2@localhost:notaport", "redis://user/hunter2@localhost", "redis://:hun/ter2@localhost:6379",
		"localhost:6379?password=hunter2", "redis://localhost?password=hunter2", "unix://", "redis://:a%zzhunter2@h",
		"hunter2", "redis://localhost/0/1?x=hunter2",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			_, err := covetredis.New(covetredis.Config{URL: url}, nil)
			if !errors.Is(err, covetredis.ErrURL) {
				t.Fatalf("got %v, want ErrURL", err)
			}
			if strings.Contains(err.Error(), "ter2") {
				t.Errorf("the error holds the password: %v", err)
			}
			if !strings.Contains(err.Error(), "redis://:password@127.0.0.1:6379/0") {
				t.Errorf("the error shows no example: %v", err)
			}
		})
	}
}

func FuzzURL(f *testing.F) {
	f.Add("redis://:pw@localhost:6379/0")
	f.Add("rediss://localhost?db=x")
	f.Add("unix:///run/redis.sock?db=0&pool_size=-4")
	f.Fuzz(func(t *testing.T, url string) {
		server, err := covetredis.New(covetredis.Config{URL: url}, nil)
		if err != nil {
			if !errors.Is(err, covetredis.ErrURL) {
				t.Errorf("%q: %v is no ErrURL", url, err)
			}
			return
		}
		if err := server.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestUnreachableServer(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // nobody listens there now
	server, err := covetredis.New(covetredis.Config{URL: "redis://:hunter2@" + address}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop(t.Context())
	begun := time.Now()
	err = server.Start(t.Context())
	if err == nil {
		t.Fatal("no error although nobody listens")
	}
	for _, want := range []string{address, "start it or correct REDIS_URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error holds the password: %v", err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("a refused connection took %v to report", took)
	}
}

func TestEmbeddedRunsDeepAndWideScripts(t *testing.T) {
	t.Parallel()
	server := newEmbedded(t)
	if err := server.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	const script = `
local many = {}
for i = 1, 1900 do many[i] = i end
redis.call('RPUSH', KEYS[1], unpack(many))
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
return redis.call('LLEN', KEYS[1]) + deep(100)`
	if got, err := server.Client().Eval(t.Context(), script, []string{"list"}).Int(); err != nil || got != 2000 {
		t.Errorf("a script with 1,900 values and 100 calls deep: %d, %v", got, err)
	}
}
