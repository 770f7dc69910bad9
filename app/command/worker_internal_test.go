package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/internal/testserver"
)

func TestParseQueues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list   string
		strict bool
		want   string
	}{
		{"mail,default:3", false, "mail=1,default=3"},
		{"mail, default", false, "mail=1,default=1"},
		{"mail,default", true, "mail=2,default=1"},
		{"mail,default:3", true, "mail=1,default=3"},
		{"mail:0", false, ""},
		{"mail:x", false, ""},
		{"mail:", false, ""},
		{":1", false, ""},
		{"a=1", false, ""},
		{"mail:-1", false, ""},
	} {
		got, err := parseQueues(strings.Split(tt.list, ","), tt.strict)
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s, strict %v: %q, %v; want %q", tt.list, tt.strict, got, err, tt.want)
		}
	}
	for list, want := range map[string]string{
		"mail,,default": "a name in --queues is empty", "": "a name in --queues is empty",
		"mail, ":            "a name in --queues is empty",
		"mail,default,mail": `--queues contains "mail" twice`, "mail:2,mail": `--queues contains "mail" twice`,
		"Mail": "expected up to 64 lower-case letters", "mail+high": "expected up to 64 lower-case letters",
		"a b":   "expected up to 64 lower-case letters",
		"-mail": "expected up to 64 lower-case letters", strings.Repeat("a", 65): "expected up to 64 lower-case letters",
		"mail:two": `weight of "mail" is "two", expected a whole number from 1 on`, "mail:1.5": "expected a whole number",
		"mail:3:4": "expected a whole number",
	} {
		_, err := parseQueues(strings.Split(list, ","), false)
		var usage *exit.Error
		if !errors.As(err, &usage) || usage.Code != exit.Usage || usage.Hint == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", list, err, want)
		}
	}
	if _, err := parseQueues(nil, false); err == nil {
		t.Error("no queues are accepted")
	}
}

// A worker works the queues that it was started with, sends heartbeats, and lists itself.
func TestWorker(t *testing.T) {
	t.Parallel()
	dir, address := t.TempDir(), "127.0.0.1:"+freePort(t)
	environ := []string{"REDIS_URL=" + testserver.Redis(t)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan string, 1)
	go func() {
		code, out, errs := run(ctx, dir, environ, "worker", "--queues", "mail,default:3", "--strict",
			"--concurrency", "7", "--liveness", address)
		ended <- fmt.Sprint(code, out, errs)
	}()
	defer func() {
		cancel()
		if result := <-ended; !strings.HasPrefix(result, "0") {
			t.Errorf("the worker ended with %s", result)
		}
	}()
	until(t, "the worker", func() bool {
		_, out, _ := run(t.Context(), dir, environ, "jobs", "workers")
		return strings.Contains(out, "0 of 7") && strings.Contains(out, "default:3,mail")
	})
	for path, want := range map[string]string{"/health": `{"status":"ok"}`, "/ready": `"status":"ok"`} {
		if status, body := ask(t, "http://"+address+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _ := ask(t, "http://"+address+"/"); status != http.StatusNotFound {
		t.Errorf("the rest answers %d", status)
	}
	if code, _, errs := run(t.Context(), dir, append(environ, "WORKER_LIVENESS="+address),
		"health", "--worker"); code != exit.OK {
		t.Errorf("health --worker: %d %s", code, errs)
	}
	if code, out, errs := run(t.Context(), dir, environ, "health", "--worker="+address); code != exit.OK || out != "ok\n" {
		t.Errorf("health --worker with an address: %d %s%s", code, out, errs)
	}
	if code, _, errs := run(t.Context(), dir, environ, "health", "--worker"); code != exit.Config ||
		!strings.Contains(errs, "worker.liveness") {
		t.Errorf("health --worker without an address: %d %s", code, errs)
	}
	if code, _, errs := run(t.Context(), dir, environ, "worker", "--liveness", address); code != exit.Unavailable ||
		!strings.Contains(errs, "worker.liveness") {
		t.Errorf("a second worker on the address: %d %s", code, errs)
	}
	if code, _, errs := run(t.Context(), dir, environ, "worker", "--queues", "mail,mail"); code != exit.Usage ||
		!strings.Contains(errs, "twice") {
		t.Errorf("a queue twice: %d %s", code, errs)
	}
	if code, _, errs := run(t.Context(), dir, environ, "worker", "--concurrency", "0"); code != exit.Usage ||
		!strings.Contains(errs, "1 or more") {
		t.Errorf("no concurrency: %d %s", code, errs)
	}
	code, _, errs := run(t.Context(), dir, environ, "jobs", "run", "--kind", "greet", "--args", `{"name":"ada"}`)
	if code != exit.OK {
		t.Fatal(errs)
	}
	until(t, "the greeting", func() bool {
		found, err := filepath.Glob(filepath.Join(dir, "greeted-ada"))
		return err == nil && len(found) == 1
	})
}

func ask(t *testing.T, address string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
