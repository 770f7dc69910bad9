package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/covetgo/covet/cmd/covet/internal/devserver/proxy"
)

// Threats: DNS rebinding, another site, a peer in the network that writes localhost into Host, a tunnel.
func TestControlAnswersLocallyOnly(t *testing.T) {
	t.Parallel()
	migrated := false
	f := proxy.New(proxy.Config{
		Migrate: func(context.Context) error { migrated = true; return nil },
		Restart: func(context.Context) error { t.Error("restarted"); return nil },
	})
	defer f.Close()
	const peer, lan = "127.0.0.1:50000", "192.168.1.20:50000"
	for name, test := range map[string]struct {
		peer    string
		headers []string
		want    bool
	}{
		"a page of ours": {peer, []string{
			"Host", "localhost:8000", "Origin", "http://localhost:8000",
			"Sec-Fetch-Site", "same-origin",
		}, true},
		"a program":    {peer, []string{"Host", "localhost:8000"}, true},
		"by version 6": {"[::1]:50000", []string{"Host", "[::1]:8000"}, true},
		"a subdomain":  {peer, []string{"Host", "blog.localhost:8000"}, true},
		"DNS rebinding": {peer, []string{
			"Host", "evil.example:8000", "Origin", "http://evil.example:8000",
			"Sec-Fetch-Site", "same-origin",
		}, false},
		"a name like ours": {peer, []string{"Host", "localhost.evil.example:8000"}, false},
		"another site": {peer, []string{
			"Host", "localhost:8000", "Origin", "https://evil.example",
			"Sec-Fetch-Site", "cross-site",
		}, false},
		"an older browser": {peer, []string{"Host", "localhost:8000", "Origin", "https://evil.example"}, false},
		"another port": {peer, []string{
			"Host", "localhost:8000", "Origin", "http://localhost:3000",
			"Sec-Fetch-Site", "same-site",
		}, false},
		"a sandboxed frame":      {peer, []string{"Host", "localhost:8000", "Origin", "null"}, false},
		"the network":            {lan, []string{"Host", "192.168.1.10:8000"}, false},
		"the network, forged":    {lan, []string{"Host", "localhost:8000"}, false},
		"the network, version 6": {"[fe80::1]:50000", []string{"Host", "localhost:8000"}, false},
		"a tunnel":               {peer, []string{"Host", "localhost:8000", "X-Forwarded-For", "203.0.113.7"}, false},
		"another tunnel":         {peer, []string{"Host", "localhost:8000", "Forwarded", "for=203.0.113.7"}, false},
		"a forged address":       {lan, []string{"Host", "localhost:8000", "X-Forwarded-For", "127.0.0.1"}, false},
	} {
		for _, request := range []string{"GET /dev/loop/script.js", "POST /dev/loop/migrate"} {
			method, path, _ := strings.Cut(request, " ")
			r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			r.RemoteAddr = test.peer
			for i := 0; i < len(test.headers); i += 2 {
				if test.headers[i] == "Host" {
					r.Host = test.headers[i+1]
				} else {
					r.Header.Set(test.headers[i], test.headers[i+1])
				}
			}
			migrated = false
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			if forbidden := w.Code == http.StatusForbidden; forbidden == test.want ||
				migrated != (test.want && method == http.MethodPost) {
				t.Errorf("%s, %s: %d %s, migrated: %v", name, request, w.Code, w.Body, migrated)
			}
		}
	}
	for _, request := range []string{
		"GET /dev/loop/restart", "GET /dev/loop/migrate", "POST /dev/loop/script.js",
		"GET /dev/loop/", "GET /dev/loop/x/../script.js",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.RemoteAddr, r.Host = peer, "localhost:8000"
		f.ServeHTTP(w, r)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", request, w.Code)
		}
	}
}

// Threat: source code, paths and output on the network, through the page or through problem details.
func TestFaultsAreExplainedHereOnly(t *testing.T) {
	t.Parallel()
	f := proxy.New(proxy.Config{})
	defer f.Close()
	f.Fail(proxy.Fault{
		Kind: proxy.Exit, Title: "SECRET", Detail: "SECRET", Hint: "SECRET", Output: "SECRET", Command: "SECRET",
		Problems:   []proxy.Problem{{File: "SECRET.go", Line: 1, Message: "SECRET"}},
		Migrations: []proxy.Migration{{Source: "SECRET"}},
	})
	for name, change := range map[string]func(*http.Request){
		"network": func(r *http.Request) { r.RemoteAddr = "192.168.1.20:50000" },
		"name":    func(r *http.Request) { r.Host = "evil.example" },
		"tunnel":  func(r *http.Request) { r.Header.Set("X-Forwarded-For", "203.0.113.7") },
	} {
		for _, accept := range []string{"text/html", "application/json"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr, r.Host = "127.0.0.1:50000", "localhost"
			r.Header.Set("Accept", accept)
			change(r)
			w := httptest.NewRecorder()
			f.ServeHTTP(w, r)
			if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || strings.Contains(body, "SECRET") ||
				strings.Contains(body, "/dev/loop") {
				t.Errorf("%s, %s: %d %s", name, accept, w.Code, body)
			}
		}
	}
}

func TestButtons(t *testing.T) {
	t.Parallel()
	var failure error
	d := newTestProxy(t, proxy.Config{Migrate: func(context.Context) error { return failure }})
	d.Fail(proxy.Fault{Kind: proxy.Pending, Migrations: []proxy.Migration{{"app", 20260101000000, "create_posts"}}})
	_, page := d.get(t, "/posts?page=2", navigation...)
	for _, want := range []string{
		"20260101000000 create_posts", `action="/dev/loop/migrate"`,
		`name="back" value="/posts?page=2"`, "Apply them",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "/dev/loop/restart") {
		t.Error("there is a button that nothing stands behind")
	}
	form := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, navigation...)
	for back, want := range map[string]string{
		"/posts?page=2": "/posts?page=2", "": "/", "https://evil.example": "/",
		"//evil.example": "/", `/\evil.example`: "/",
	} {
		res, _ := d.send(t, http.MethodPost, "/dev/loop/migrate",
			strings.NewReader(url.Values{"back": {back}}.Encode()), form...)
		if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != want {
			t.Errorf("%q leads to %d %q", back, res.StatusCode, res.Header.Get("Location"))
		}
	}
	failure = errors.New("near FROM: syntax error")
	res, _ := d.send(t, http.MethodPost, "/dev/loop/migrate", strings.NewReader("back=%2Fposts"), form...)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/posts" {
		t.Errorf("a failure leads to %d %q, want the page that shows it", res.StatusCode, res.Header.Get("Location"))
	}
	res, body := d.send(t, http.MethodPost, "/dev/loop/migrate", nil, "Accept", "application/json")
	if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "near FROM: syntax error") {
		t.Errorf("a program gets %d %s", res.StatusCode, body)
	}
	res, _ = d.get(t, "/dev/loop/migrate", navigation...)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/" {
		t.Errorf("the way back to a button leads to %d %q", res.StatusCode, res.Header.Get("Location"))
	}
}

var state = regexp.MustCompile(`data-covet="([\w.-]+) `)

// page returns the moment that a page knows of.
func (d *testProxy) page(t *testing.T) string {
	t.Helper()
	_, body := d.get(t, "/", navigation...)
	match := state.FindStringSubmatch(body)
	if match == nil {
		t.Fatalf("page = %s", body)
	}
	return match[1]
}

// listen opens the event channel of a page.
func (d *testProxy) listen(t *testing.T, at string) *bufio.Reader {
	t.Helper()
	header, reader := d.stream(t, "/dev/loop/events?at="+at, "Accept", "text/event-stream")
	if header.Get("Content-Type") != "text/event-stream" || header.Get("Cache-Control") != "no-store" {
		t.Errorf("header = %v", header)
	}
	if line, err := reader.ReadString('\n'); err != nil || line != "retry: 500\n" {
		t.Errorf("%q, %v", line, err)
	}
	return reader
}

// next returns the next event of a channel and its data.
func next(t *testing.T, reader *bufio.Reader) string {
	t.Helper()
	var name string
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if event, ok := strings.CutPrefix(line, "event: "); ok {
			name = strings.TrimSpace(event)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return name + " " + strings.TrimSpace(data)
		}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html"))
	early := d.page(t)
	d.Notify(proxy.Event{})
	first := d.page(t)
	if early != first {
		t.Errorf("a page of the new process would load again: %s, %s", early, first)
	}
	live := d.listen(t, first)
	d.Notify(proxy.Event{CSS: []string{"/assets/css/app.css"}})
	if got := next(t, live); got != `css {"paths":["/assets/css/app.css"]}` {
		t.Errorf("event = %s", got)
	}
	second := d.page(t)
	d.Notify(proxy.Event{CSS: []string{"/assets/css/print.css"}})
	if got := next(t, live); got != `css {"paths":["/assets/css/print.css"]}` {
		t.Errorf("event = %s", got)
	}
	// A page that missed events receives all of them, once.
	if got := next(t, d.listen(t, first)); got != `css {"paths":["/assets/css/app.css","/assets/css/print.css"]}` {
		t.Errorf("event = %s", got)
	}
	if got := next(t, d.listen(t, second)); got != `css {"paths":["/assets/css/print.css"]}` {
		t.Errorf("event = %s", got)
	}

	before := d.page(t)
	d.Serve(answering(t, 200, document, "Content-Type", "text/html"))
	after := d.page(t)
	waiting := d.listen(t, after)
	d.Notify(proxy.Event{})
	for name, channel := range map[string]*bufio.Reader{
		"live": live, "of before": d.listen(t, before),
		"of another dev server": d.listen(t, "other.3"), "without a moment": d.listen(t, ""),
	} {
		if got := next(t, channel); got != "reload {}" {
			t.Errorf("%s: event = %s", name, got)
		}
	}
	d.Notify(proxy.Event{CSS: []string{"/a.css"}})
	if got := next(t, waiting); got != `css {"paths":["/a.css"]}` {
		t.Errorf("a page of the new process loads again: %s", got)
	}
}

func TestErrorPageGoesAway(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Fail(proxy.Fault{Kind: proxy.Build})
	d.Notify(proxy.Event{})
	channel := d.listen(t, d.page(t))
	d.Serve(answering(t, 200, document, "Content-Type", "text/html"))
	d.Notify(proxy.Event{})
	if got := next(t, channel); got != "reload {}" {
		t.Errorf("event = %s", got)
	}
}

func TestOutdatedPageLoadsAgain(t *testing.T) {
	t.Parallel()
	d := newTestProxy(t, proxy.Config{})
	d.Serve(answering(t, 200, document, "Content-Type", "text/html"))
	d.Notify(proxy.Event{})
	old := d.page(t)
	for range 200 {
		d.Notify(proxy.Event{CSS: []string{"/a.css"}})
	}
	if got := next(t, d.listen(t, old)); got != "reload {}" {
		t.Errorf("event = %s", got)
	}
}
