package command

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/covetgo/covet/app/exit"
)

// answering serves on an address of its own, which it returns.
func answering(t *testing.T, status int, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			t.Errorf("it asks for %s", r.URL.Path)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		if _, err := io.WriteString(w, body); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// serveText accepts connections and sends each the text, or nothing if it is empty, until the test ends.
func serveText(t *testing.T, text string) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if text == "" {
				t.Cleanup(func() { _ = conn.Close() })
				continue
			}
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}

func TestHealthOfAWorker(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, port, err := net.SplitHostPort(answering(t, http.StatusOK, `{"status":"ok"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, address, out, err string
		code                    int
	}{
		{"it works", answering(t, http.StatusOK, `{"status":"ok"}`), "ok\n", "", exit.OK},
		{"it waits", answering(t, http.StatusOK, `{"status":"waiting"}`), "waiting\n", "", exit.OK},
		{"on every address", ":" + port, "ok\n", "", exit.OK},
		{"on every address, spelt out", "0.0.0.0:" + port, "ok\n", "", exit.OK},
		{
			"stuck", answering(t, http.StatusServiceUnavailable, `{"status":"stuck"}`), "",
			"reports that it is stuck", exit.Unavailable,
		},
		{"another program", answering(t, http.StatusOK, "<h1>Hello</h1>"), "", "not like a worker", exit.Unavailable},
		{
			"another program that has no such page", answering(t, http.StatusNotFound, `{"title":"Not Found"}`),
			"", "not like a worker", exit.Unavailable,
		},
		{
			"another program that leads elsewhere", answering(t, http.StatusFound, ""), "",
			"status 302, but not like a worker", exit.Unavailable,
		},
		{
			"not HTTP", serveText(t, "220 mail.example.com ESMTP\r\n"),
			"", "does not respond like a worker", exit.Unavailable,
		},
		{"no answer", serveText(t, ""), "", "did not respond within 2s", exit.Unavailable},
		{"nothing there", "127.0.0.1:1", "", "nothing listens on 127.0.0.1:1", exit.Unavailable},
		{"no host", "no-such-host.invalid:9000", "", `there is no host "no-such-host.invalid"`, exit.Unavailable},
		{"no port", "127.0.0.1", "", `"127.0.0.1" is not an address such as 127.0.0.1:9000`, exit.Usage},
		{"no number", "127.0.0.1:http", "", "no port between 1 and 65535", exit.Usage},
		{"too large", "127.0.0.1:70000", "", "no port between 1 and 65535", exit.Usage},
		{"empty", "", "", `"" is not an address`, exit.Usage},
		{"a URL", "http://127.0.0.1:9000", "", "is not an address", exit.Usage},
		{"a path", "127.0.0.1:9000/health", "", "no port", exit.Usage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// Where the address is given, no configuration is needed, as the second variable shows: it is a fault.
			code, out, errs := run(t.Context(), dir, []string{"HTTP_PROXY=http://127.0.0.1:1", "PORT=nonsense"},
				"health", "--worker="+tt.address)
			if code != tt.code || out != tt.out || !strings.Contains(errs, tt.err) {
				t.Errorf("%d %q\n%s", code, out, errs)
			}
		})
	}
}

func TestHealthWhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	address := answering(t, http.StatusOK, `{"status":"ok"}`)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name     string
		environ  []string
		args     string
		code     int
		out, err string
	}{
		{"web", []string{"PORT=" + port, "BIND=127.0.0.1"}, "", exit.OK, "ok\n", ""},
		{
			"web, not the worker",
			[]string{"PORT=1", "WORKER_LIVENESS=" + address},
			"", exit.Unavailable, "",
			"nothing listens on localhost:1",
		},
		{"worker, not the web", []string{"PORT=1", "WORKER_LIVENESS=" + address}, "--worker", exit.OK, "ok\n", ""},
		{"given, not configured", []string{"WORKER_LIVENESS=127.0.0.1:1"}, "--worker=" + address, exit.OK, "ok\n", ""},
		{"not configured", nil, "--worker", exit.Config, "", "WORKER_LIVENESS"},
		{
			"configured in vain",
			[]string{"WORKER_LIVENESS=9000"},
			"--worker", exit.Config,
			"", `worker.liveness: "9000" is not an address`,
		},
		{"after a space", nil, "--worker " + address, exit.Usage, "", "Use --worker=" + address},
		{"too much", nil, "web", exit.Usage, "", `does not accept "web"`},
	} {
		code, out, errs := run(t.Context(), dir, tt.environ, append([]string{"health"}, strings.Fields(tt.args)...)...)
		if code != tt.code || out != tt.out || !strings.Contains(errs, tt.err) {
			t.Error(tt.name + fmt.Sprintf(": %d %q\n%s", code, out, errs))
		}
	}
}
