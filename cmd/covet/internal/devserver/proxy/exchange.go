package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxAttempts is how often a request is sent if processes exit during it.
const maxAttempts = 5

// faultTimeout is how long to wait for the fault of a process that does not respond.
const faultTimeout = 3 * time.Second

// exchange is one attempt to send a request to a process.
type exchange struct {
	proxy     *Proxy
	process   *process
	request   *http.Request // as the client sent it
	cancel    context.CancelFunc
	responded func()      // reports that a response has begun, to release the next request
	began     atomic.Bool // the first byte of the response has arrived
	at        eventID     // when it was sent to the process
	stream    bool        // it is no longer counted as a request
	resend    atomic.Bool // the process retired before the response: send the request to the next one
	connMu    sync.Mutex
	conn      net.Conn // of the client, after an upgrade
	err       error    // why there is no response
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	v, _ := ctx.Value(exchangeKey{}).(*exchange) // every request that a proxy sends has one
	return v
}

// forward sends a request to the application, if there is one.
func (px *Proxy) forward(w http.ResponseWriter, r *http.Request) {
	deadline := time.Now().Add(px.maxWait(r))
	for attempt := 1; ; attempt++ {
		p, held, result, fault := px.dispatcher.acquire(r.Context(), time.Until(deadline))
		switch result {
		case outcomeAdmitted:
		case outcomeFault:
			px.writeFault(w, r, fault)
			return
		case outcomeTimeout:
			px.writeWaiting(w, r)
			return
		case outcomeClosed:
			px.writeClosing(w, r)
			return
		default: // the client is gone
			return
		}
		if !px.sendTo(w, r, p, held, attempt < maxAttempts) {
			return
		}
	}
}

// maxWait returns how long a request waits. Navigations wait less, so that the browser can show progress.
func (px *Proxy) maxWait(r *http.Request) time.Duration {
	if r.Method == http.MethodGet && navigates(r) {
		return min(px.cfg.MaxHold, px.cfg.MaxHoldPage)
	}
	return px.cfg.MaxHold
}

// sendTo sends a request to a process and reports whether it must be sent again.
func (px *Proxy) sendTo(w http.ResponseWriter, r *http.Request, p *process, held, mayRepeat bool) (again bool) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	v := &exchange{proxy: px, process: p, request: r, cancel: cancel, at: px.events.current(), responded: func() {}}
	if held {
		var once atomic.Bool
		v.responded = func() {
			if once.CompareAndSwap(false, true) {
				px.dispatcher.responded(p)
			}
		}
		timer := time.AfterFunc(releasePause, v.responded)
		defer timer.Stop()
	}
	defer v.responded()
	defer v.finish()
	if idempotent(r) && wantsEvents(r) {
		if !p.add(pendingStream{v}) {
			v.resend.Store(true)
		}
		defer p.remove(pendingStream{v})
	}
	px.reverseProxy(p).ServeHTTP(&client{ResponseWriter: w, exchange: v},
		r.WithContext(context.WithValue(ctx, exchangeKey{}, v)))
	if v.err == nil || r.Context().Err() != nil {
		return false
	}
	return px.handleFailure(w, v, mayRepeat)
}

// finish ends the exchange, so that the process can become idle.
func (v *exchange) finish() {
	if !v.stream {
		v.stream = true
		v.proxy.dispatcher.done(v.process)
	}
}

// handleFailure handles a request without a response. It reports whether to send it again.
func (px *Proxy) handleFailure(w http.ResponseWriter, v *exchange, mayRepeat bool) (again bool) {
	r, p := v.request, v.process
	var op *net.OpError
	unsent := errors.As(v.err, &op) && op.Op == "dial"
	repeatable := mayRepeat && !v.began.Load() && (unsent || idempotent(r))
	if repeatable && (v.resend.Load() || p.hasRetired()) {
		return true
	}
	if !p.hasRetired() && !unsent && px.dispatcher.awaitFault(r.Context(), p, releasePause/2) == nil &&
		p.accepts(r.Context()) && !p.hasRetired() {
		// The process is running: it has closed the connection on purpose, as net/http does for http.ErrAbortHandler.
		px.writeAborted(w, r, v.err)
		return false
	}
	px.cfg.Log.DebugContext(r.Context(), "the application does not respond", slog.String("error", v.err.Error()))
	px.dispatcher.markUnreachable(p)
	if repeatable {
		return true
	}
	if fault := px.dispatcher.awaitFault(r.Context(), p, faultTimeout); fault != nil {
		px.writeFault(w, r, fault)
		return false
	}
	px.writeEnded(w, r)
	return false
}

// reverseProxy returns the handler that forwards requests to a process.
func (px *Proxy) reverseProxy(p *process) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: p,
		Rewrite: func(pr *httputil.ProxyRequest) {
			rewrite(pr, p.address)
			if px.wantsDocument(pr.In) {
				requestDocument(pr.Out.Header)
			}
		},
		FlushInterval:  -1, // flush at once, to stream responses
		ModifyResponse: px.modify,
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			exchangeOf(r.Context()).err = err
		},
		ErrorLog: slog.NewLogLogger(px.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// rewrite prepares the request for the application, with the client's address and Host.
//
// Threat: a client chooses its address, its scheme or the id of its request: the application trusts this proxy, which
// trusts nobody.
func rewrite(pr *httputil.ProxyRequest, address string) {
	out := pr.Out
	out.URL.Scheme, out.URL.Host = "http", address
	out.URL.RawQuery = pr.In.URL.RawQuery // unchanged, even if it cannot be parsed
	out.Host = pr.In.Host
	for name := range out.Header {
		if strings.HasPrefix(name, "X-Forwarded-") {
			delete(out.Header, name)
		}
	}
	out.Header.Del("X-Real-Ip")
	out.Header.Del("X-Request-Id")
	pr.SetXForwarded()
	if forwarded(pr.In) {
		// Another proxy, such as a tunnel, is in front of this one, so the client is unknown.
		out.Header.Set("Forwarded", "for=unknown")
	}
	if wantsEvents(pr.In) {
		out.Header.Set("Accept-Encoding", "identity") // the proxy writes the last line of the stream
	}
}

// forwarded reports whether a request was sent by another proxy.
func forwarded(r *http.Request) bool {
	return len(r.Header["Forwarded"]) > 0 || len(r.Header["X-Forwarded-For"]) > 0
}

// wantsEvents reports whether a request accepts an event stream.
func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// modify processes a response before it is sent to the client.
func (px *Proxy) modify(res *http.Response) error {
	v := exchangeOf(res.Request.Context())
	v.responded()
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		v.finish()
		return v.wrapUpgrade(res)
	case strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream"):
		v.finish()
		v.wrapEventStream(res)
	default:
		px.inject(v, res)
	}
	return nil
}

// client is the response writer of an exchange. It stores the connection of an upgrade, which the proxy closes.
type client struct {
	http.ResponseWriter
	exchange *exchange
}

// Unwrap implements the interface of [http.ResponseController].
func (c *client) Unwrap() http.ResponseWriter { return c.ResponseWriter }
