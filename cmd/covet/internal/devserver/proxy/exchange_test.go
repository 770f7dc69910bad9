package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// Threat: a client that chooses its address, or the name of its request in the log.
func TestForwardedHeadersAreSetByTheProxy(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	var got http.Header
	var host, uri string
	d.Serve(address(application(t,
		func(_ http.ResponseWriter, r *http.Request) { got, host, uri = r.Header, r.Host, r.RequestURI })))
	forged := []string{
		"Host", "blog.localhost:8000", "X-Forwarded-For", "203.0.113.7",
		"X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example",
		"X-Forwarded-Port", "443", "X-Real-Ip", "203.0.113.7", "X-Request-Id", "chosen", "Forwarded", "for=203.0.113.7",
	}
	d.get(t, "/a%2Fb?x=1;y=%zz", forged...)
	want := map[string]string{
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "blog.localhost:8000",
		"X-Forwarded-Port": "", "X-Real-Ip": "", "X-Request-Id": "", "Forwarded": "for=unknown",
	}
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s = %q, want %q", name, got.Get(name), value)
		}
	}
	if host != "blog.localhost:8000" || uri != "/a%2Fb?x=1;y=%zz" {
		t.Errorf("host %s, URI %s", host, uri)
	}
	d.get(t, "/")
	if _, ok := got["Forwarded"]; ok || got.Get("User-Agent") == "" {
		t.Errorf("header of a plain request = %v", got)
	}
}

func TestResponsesPassUnharmed(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(address(application(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/trailers":
			w.Header().Set("Trailer", "Checksum")
			emit(w, "body")
			w.Header().Set("Checksum", "42")
		case "/range":
			http.ServeContent(w, r, "x.txt", time0, strings.NewReader("0123456789"))
		case "/early":
			w.Header().Set("Link", "</app.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNoContent)
		case "/head":
			w.Header().Set("Content-Length", "5")
		}
	})))
	if res, body := d.get(t, "/trailers"); body != "body" || res.Trailer.Get("Checksum") != "42" {
		t.Errorf("trailer = %v, body %q", res.Trailer, body)
	}
	if res, body := d.get(t, "/range", "Range", "bytes=2-4"); res.StatusCode != http.StatusPartialContent ||
		body != "234" {
		t.Errorf("range: %d %q", res.StatusCode, body)
	}
	if res, _ := d.send(t, http.MethodHead, "/head", nil); res.Header.Get("Content-Length") != "5" {
		t.Errorf("HEAD: %v", res.Header)
	}
	var hints atomic.Int64
	ctx := httptrace.WithClientTrace(t.Context(),
		&httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
			if code == http.StatusEarlyHints && header.Get("Link") != "" {
				hints.Add(1)
			}
			return nil
		}})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+"/early", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := d.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if hints.Load() != 1 || res.StatusCode != http.StatusNoContent {
		t.Errorf("%d early hints, then %d", hints.Load(), res.StatusCode)
	}
}

// A client that asks first (Expect: 100-continue) sends nothing while it is held, and nothing to who refuses it.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	received := make(chan string, 1)
	go func() {
		all, _ := io.ReadAll(conn) // until the server hangs up
		received <- string(all)
	}()
	fmt.Fprint(conn,
		"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
	eventually(t, "the request to be held", func() bool { return d.Held() == 1 })
	d.Serve(address(application(t,
		func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusUnauthorized) })))
	if got := wait(t, "the answer", received); !strings.HasPrefix(got, "HTTP/1.1 401 ") {
		t.Errorf("received %q", got)
	}
}

func TestStreamsAreFlushedAtOnce(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	next := make(chan struct{})
	d.Serve(address(application(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			emit(w, "line\n")
			<-next
		}
	})))
	_, body := d.stream(t, "/")
	for range 3 {
		if line, err := body.ReadString('\n'); line != "line\n" || err != nil {
			t.Fatalf("%q, %v", line, err)
		}
		next <- struct{}{}
	}
}

func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	d.client = &http.Client{Transport: transport}
	var old *httptest.Server
	for range 3 {
		app := application(t, func(w http.ResponseWriter, r *http.Request) {
			// Both ways at once, which HTTP/1.1 cannot do.
			control := http.NewResponseController(w)
			w.Header().Set("Trailer", "Proto")
			_ = control.Flush() // the client may be gone
			_, _ = io.Copy(flushing{w, control}, r.Body)
			w.Header().Set("Proto", r.Proto)
		})
		d.Serve(address(app))
		if old != nil {
			wait(t, "the old process to be idle", d.Idle(address(old)))
			old.Close()
		}
		old = app
		reader, writer := io.Pipe()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.url, reader)
		if err != nil {
			t.Fatal(err)
		}
		res, err := d.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, message := range []string{"ping", "pong"} {
			if _, err := io.WriteString(writer, message); err != nil {
				t.Fatal(err)
			}
			echo := make([]byte, 4)
			if _, err := io.ReadFull(res.Body, echo); err != nil || string(echo) != message {
				t.Fatalf("echo = %q, %v", echo, err)
			}
		}
		writer.Close()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Error(err)
		}
		res.Body.Close()
		if res.Proto != "HTTP/2.0" || res.Trailer.Get("Proto") != "HTTP/2.0" {
			t.Errorf("%s in front, %s behind", res.Proto, res.Trailer.Get("Proto"))
		}
	}
}

type flushing struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	if err != nil {
		return n, err
	}
	return n, f.control.Flush()
}

// crashing starts a process that ends when the first request has arrived.
func crashing(t *testing.T) (*httptest.Server, <-chan struct{}) {
	t.Helper()
	var app *httptest.Server
	died := make(chan struct{})
	app = application(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		app.Listener.Close()
		go app.CloseClientConnections()
		<-r.Context().Done()
		close(died)
	})
	return app, died
}

func TestReadIsResentAfterACrash(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	app, died := crashing(t)
	d.Serve(address(app))
	answer := make(chan string, 1)
	go func() {
		_, body := d.get(t, "/")
		answer <- body
	}()
	wait(t, "the process to die", died)
	eventually(t, "the request to be held again", func() bool { return d.Held() == 1 })
	d.Hold()
	d.Serve(address(application(t, respondWith("new"))))
	if got := wait(t, "the answer", answer); got != "new" {
		t.Errorf("answer = %q", got)
	}
}

func TestWriteIsNotResentAfterACrash(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	app, died := crashing(t)
	d.Serve(address(app))
	answers := make(chan string, 1)
	go func() {
		res, body := d.send(t, http.MethodPost, "/orders", strings.NewReader("one"))
		answers <- fmt.Sprint(res.StatusCode, " ", body)
	}()
	wait(t, "the process to die", died)
	var reached atomic.Bool
	d.Serve(address(application(t, func(http.ResponseWriter, *http.Request) { reached.Store(true) })))
	if got := wait(t, "the answer", answers); !strings.HasPrefix(got, "502 ") ||
		!strings.Contains(got, "was not repeated") {
		t.Errorf("answer = %s", got)
	}
	if reached.Load() {
		t.Error("the write was sent twice")
	}
}

func TestWriteGetsTheFaultAfterACrash(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	app, died := crashing(t)
	d.Serve(address(app))
	answers := make(chan string, 1)
	go func() {
		res, body := d.send(t, http.MethodPost, "/orders", strings.NewReader("one"), navigation...)
		answers <- fmt.Sprint(res.StatusCode, " ", body)
	}()
	wait(t, "the process to die", died)
	d.Fail(proxy.Fault{Kind: proxy.Exit, Output: "panic: boom"})
	if got := wait(t, "the answer", answers); !strings.HasPrefix(got, "500 ") || !strings.Contains(got, "panic: boom") {
		t.Errorf("answer = %s", got)
	}
}

// Nothing was sent to a process that takes no connections: everything may go to the next, uploads included.
func TestUnsentWriteGoesToTheNextProcess(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	dead := application(t, respondWith("dead"))
	dead.Close()
	d.Serve(address(dead))
	answer := make(chan string, 1)
	go func() {
		_, body := d.send(t, http.MethodPost, "/", bytes.NewReader(make([]byte, 1<<20)))
		answer <- body
	}()
	eventually(t, "the request to be held", func() bool { return d.Held() == 1 })
	d.Serve(address(application(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})))
	if got := wait(t, "the answer", answer); got != fmt.Sprint(1<<20, " <nil>") {
		t.Errorf("answer = %s", got)
	}
}

// A handler that cuts its connection is no dead process: its client is not kept waiting.
func TestAbortedConnection(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(address(application(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			emit(w, "half")
		}
		if r.URL.Path != "/" {
			panic(http.ErrAbortHandler)
		}
	})))
	if res, body := d.get(t, "/none"); res.StatusCode != http.StatusBadGateway ||
		!strings.Contains(body, "sent no response") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	_, body := d.stream(t, "/half")
	if all, err := io.ReadAll(body); string(all) != "half" || err == nil {
		t.Errorf("half a response looks whole: %q, %v", all, err)
	}
	if res, _ := d.get(t, "/"); res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d", res.StatusCode)
	}
}

func TestClosedFrontAnswers(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	answers := make(chan int, 1)
	go func() {
		res, _ := d.get(t, "/")
		answers <- res.StatusCode
	}()
	eventually(t, "the request to be held", func() bool { return d.Held() == 1 })
	d.Close()
	d.Close()
	if got := wait(t, "the answer", answers); got != http.StatusServiceUnavailable {
		t.Errorf("status = %d", got)
	}
	d.Serve("127.0.0.1:1")
	d.Hold()
	d.Fail(proxy.Fault{})
	if res, _ := d.get(t, "/"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("status = %d", res.StatusCode)
	}
}

// A client that leaves in the middle ends the request at the application as well.
func TestClientThatLeavesEndsTheRequest(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	ended := make(chan struct{})
	d.Serve(address(application(t, func(w http.ResponseWriter, r *http.Request) {
		emit(w, "begin")
		<-r.Context().Done()
		close(ended)
	})))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := d.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	cancel()
	wait(t, "the application to hear of it", ended)
}
