package proxy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testProxy is a Proxy on a socket.
type testProxy struct {
	*proxy.Proxy
	url    string
	client *http.Client
}

func newTestProxy(t *testing.T, cfg proxy.Config) *testProxy {
	t.Helper()
	f := proxy.New(cfg)
	server := f.Server()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	transport := &http.Transport{DisableCompression: true}
	t.Cleanup(func() {
		f.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &testProxy{f, "http://" + listener.Addr().String(), client}
}

// application starts a process, which is a server here, and returns its address.
func application(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

func address(server *httptest.Server) string { return server.Listener.Addr().String() }

// time0 is no time: content that was never modified.
var time0 time.Time

func respondWith(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

// answer is a response without its body.
type answer struct {
	StatusCode int
	Header     http.Header
	Proto      string
	Trailer    http.Header
}

// send sends a request with headers, given as pairs, and returns the response and its body.
func (d *testProxy) send(t *testing.T, method, path string, body io.Reader, headers ...string) (answer, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, d.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := d.client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{res.StatusCode, res.Header, res.Proto, res.Trailer}, string(text)
}

func (d *testProxy) get(t *testing.T, path string, headers ...string) (answer, string) {
	t.Helper()
	return d.send(t, http.MethodGet, path, nil, headers...)
}

// wait waits for a channel, as long as a test may.
func wait[T any](t *testing.T, what string, channel <-chan T) T {
	t.Helper()
	select {
	case value := <-channel:
		return value
	case <-time.After(time.Minute):
		t.Fatalf("waited for %s in vain", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !condition(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

var navigation = []string{
	"Accept", "text/html,*/*;q=0.8", "Sec-Fetch-Mode", "navigate",
	"Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "none",
}

func TestHeldRequestsGoToTheProcess(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	const number = 100
	var wg sync.WaitGroup
	answers := make(chan string, number)
	for range number {
		wg.Go(func() {
			res, err := d.client.Get(d.url + "/")
			if err != nil {
				answers <- err.Error()
				return
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			answers <- fmt.Sprint(string(body), err)
		})
	}
	d.Serve(address(application(t, respondWith("hello"))))
	wg.Wait()
	close(answers)
	for answer := range answers {
		if answer != "hello<nil>" {
			t.Errorf("answer = %s", answer)
		}
	}
}

func TestHeldRequestsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	var mu sync.Mutex
	var order []string
	app := application(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, r.URL.Path)
	})
	const number = 70
	var wg sync.WaitGroup
	for i := range number {
		wg.Go(func() { d.get(t, fmt.Sprintf("/%d", i)) })
		eventually(t, "the request to be held", func() bool { return d.Held() == i+1 })
	}
	d.Serve(address(app))
	wg.Wait()
	if len(order) != number {
		t.Fatalf("%d requests arrived, want %d", len(order), number)
	}
	// Those that are released together race; those of the next batch do not overtake them.
	for i, path := range order {
		var arrived int
		if _, err := fmt.Sscanf(path, "/%d", &arrived); err != nil || arrived-i > 64 || i-arrived > 64 {
			t.Errorf("request %s arrived as number %d", path, i)
		}
	}
}

func TestWaitIsBounded(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{MaxHeld: 1, MaxHold: 100 * time.Millisecond, MaxHoldPage: 50 * time.Millisecond})
	for _, headers := range [][]string{nil, navigation} {
		res, body := d.get(t, "/posts", headers...)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("answer is %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
		}
		if headers == nil {
			var problem map[string]any
			if err := json.Unmarshal([]byte(body), &problem); err != nil ||
				res.Header.Get("Content-Type") != "application/problem+json" || problem["title"] == "" {
				t.Errorf("body = %s, %v", body, err)
			}
		} else if !strings.Contains(body, "<h1>The application is being built</h1>") ||
			!strings.Contains(body, `src="/dev/loop/script.js"`) {
			t.Errorf("page = %s", body)
		}
	}
}

// A browser sees within half a second that the application is being built; a form that was sent waits for it.
func TestNavigationsSeeTheBuild(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	res, body := d.get(t, "/posts", append([]string{"Accept", "text/html"}, navigation...)...)
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Cache-Control") != "no-store" ||
		!strings.Contains(body, `<noscript><meta http-equiv="refresh" content="1"></noscript>`) ||
		!strings.Contains(body, "<progress") {
		t.Errorf("answer is %d, Cache-Control %q, page %s", res.StatusCode, res.Header.Get("Cache-Control"), body)
	}
	answer := make(chan string, 1)
	go func() {
		_, body := d.send(t, http.MethodPost, "/posts", nil, navigation...)
		answer <- body
	}()
	eventually(t, "the form is held", func() bool { return d.Held() == 1 })
	// The page about the build is late by then, and the form still waits.
	if res, _ := d.get(t, "/posts", navigation...); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a later navigation: %d", res.StatusCode)
	}
	if held := d.Held(); held != 1 {
		t.Fatalf("%d requests are held, want the form", held)
	}
	d.Serve(address(application(t, respondWith("hello"))))
	if body := wait(t, "the answer to the form", answer); body != "hello" {
		t.Errorf("the form got %q", body)
	}
}

func TestHeldRequestsAreBounded(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{MaxHeld: 1})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, body := d.get(t, "/"); body != "hello" {
			t.Errorf("the first got %q", body)
		}
	})
	eventually(t, "the first to be held", func() bool { return d.Held() == 1 })
	if res, _ := d.get(t, "/"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the second got %d", res.StatusCode)
	}
	d.Serve(address(application(t, respondWith("hello"))))
	wg.Wait()
}

func TestClientThatLeavesWaitsNoLonger(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
		if err == nil {
			var res *http.Response
			if res, err = d.client.Do(r); err == nil {
				res.Body.Close()
			}
		}
		failed <- err
	}()
	eventually(t, "the request to be held", func() bool { return d.Held() == 1 })
	cancel()
	if err := wait(t, "the client", failed); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	eventually(t, "the request to be dropped", func() bool { return d.Held() == 0 })
}

func TestFault(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	source := "package app\n\nfunc f() {\n\treturn x<script>\n}\n"
	if err := os.WriteFile(filepath.Join(root, "app.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newTestProxy(t, proxy.Config{Root: root})
	d.Serve(address(application(t, respondWith("stale"))))
	d.Fail(proxy.Fault{
		Kind:     proxy.Build,
		Problems: []proxy.Problem{{"app.go", 4, 9, "undefined: <b>x</b>"}},
		Command:  "go build",
	})

	res, body := d.get(t, "/", navigation...)
	if res.StatusCode != http.StatusInternalServerError || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("status = %d, header = %v", res.StatusCode, res.Header)
	}
	for _, want := range []string{
		"The application does not compile", "undefined: &lt;b&gt;x&lt;/b&gt;",
		"app.go:4:9", "return x&lt;script&gt;", "vscode://file" + root,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("page lacks %q:\n%s", want, body)
		}
	}
	for _, unwanted := range []string{"stale", "<b>x", "x<script>"} {
		if strings.Contains(body, unwanted) {
			t.Errorf("page has %q", unwanted)
		}
	}

	res, body = d.get(t, "/api/posts", "Accept", "application/json")
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Content-Type") != "application/problem+json" ||
		!strings.Contains(body, `"detail":"app.go:4:9: undefined: \u003cb\u003ex`) {
		t.Errorf("%d %s", res.StatusCode, body)
	}

	d.Serve(address(application(t, respondWith("fixed"))))
	if _, body := d.get(t, "/"); body != "fixed" {
		t.Errorf("body = %s", body)
	}
}

func TestHeldRequestsGetTheFault(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	var wg sync.WaitGroup
	wg.Go(func() {
		if res, body := d.get(t, "/"); res.StatusCode != http.StatusServiceUnavailable ||
			!strings.Contains(body, "does not compile") {
			t.Errorf("%d %s", res.StatusCode, body)
		}
	})
	eventually(t, "the request to be held", func() bool { return d.Held() == 1 })
	d.Fail(proxy.Fault{Kind: proxy.Build})
	wg.Wait()
}

// 50 requests a second over 20 swaps, in which each former process ends as soon as it is idle.
func TestNoRequestFailsOverSwaps(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	var failures, answers atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for client := range 5 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
				}
				method, body := http.MethodGet, io.Reader(nil)
				if (client+n)%3 == 0 {
					method, body = http.MethodPost, strings.NewReader("posted")
				}
				r, err := http.NewRequestWithContext(t.Context(), method, d.url, body)
				if err != nil {
					t.Error(err)
					return
				}
				res, err := d.client.Do(r)
				if err != nil {
					failures.Add(1)
					t.Error(err)
					continue
				}
				_, err = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if err != nil || res.StatusCode != http.StatusOK {
					failures.Add(1)
					t.Errorf("%d, %v", res.StatusCode, err)
				}
				answers.Add(1)
			}
		})
	}
	var former *httptest.Server
	for range 20 {
		next := application(t, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(5 * time.Millisecond)
			_, _ = io.Copy(w, r.Body)
		})
		d.Hold()
		before := answers.Load()
		d.Serve(address(next))
		if former != nil {
			wait(t, "the former process to be idle", d.Idle(address(former)))
			former.Close()
		}
		former = next
		eventually(t, "some answers", func() bool { return answers.Load() >= before+5 })
	}
	close(stop)
	wg.Wait()
	if failures.Load() > 0 || answers.Load() < 100 {
		t.Errorf("%d failures, %d answers", failures.Load(), answers.Load())
	}
}

func TestUploadOutlivesASwap(t *testing.T) {
	t.Parallel()
	const size = 50 << 20
	d := newTestProxy(t, proxy.Config{})
	begun := make(chan struct{})
	old := application(t, func(w http.ResponseWriter, r *http.Request) {
		first := make([]byte, 1)
		if _, err := io.ReadFull(r.Body, first); err != nil {
			t.Error(err)
		}
		close(begun)
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, "old ", n+1, err)
	})
	d.Serve(address(old))
	reader, writer := io.Pipe()
	answers := make(chan string, 1)
	go func() {
		res, body := d.send(t, http.MethodPost, "/upload", reader)
		answers <- fmt.Sprint(res.StatusCode, " ", body)
	}()
	chunk := make([]byte, 1<<20)
	if _, err := writer.Write(chunk); err != nil {
		t.Fatal(err)
	}
	wait(t, "the upload to begin", begun)
	d.Serve(address(application(t, respondWith("new"))))
	idle := d.Idle(address(old))
	if _, body := d.get(t, "/"); body != "new" {
		t.Errorf("meanwhile: %q", body)
	}
	select {
	case <-idle:
		t.Error("the old process counts as idle")
	default:
	}
	for range size>>20 - 1 {
		if _, err := writer.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	writer.Close()
	if got := wait(t, "the answer", answers); got != fmt.Sprintf("200 old %d <nil>", size) {
		t.Errorf("answer = %s", got)
	}
	wait(t, "the old process to be idle", idle)
}
