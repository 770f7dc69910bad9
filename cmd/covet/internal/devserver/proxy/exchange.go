package front

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

// maxAttempts bounds how often a request is sent that processes end under.
const maxAttempts = 5

// verdictTime is how long the dev server has to say what became of a process that does not answer.
const verdictTime = 3 * time.Second

// visit is one request at one process.
type visit struct {
	front   *Front
	process *process
	request *http.Request // as the client sent it
	cancel  context.CancelFunc
	arrived func()      // says that an answer has begun, for those who wait behind it
	began   atomic.Bool // a byte of the response has come
	at      moment      // when the process got it
	stream  bool        // it has left the requests that somebody waits for
	renew   atomic.Bool // the process retired before an answer began: the next one gets the request
	connMu  sync.Mutex
	conn    net.Conn // of the client, after an upgrade
	err     error    // why there is no response
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit) // every request that a proxy sends has one
	return v
}

// forward sends a request to the application, when there is one.
func (f *Front) forward(w http.ResponseWriter, r *http.Request) {
	deadline := time.Now().Add(f.patience(r))
	for attempt := 1; ; attempt++ {
		p, held, why, fault := f.gate.enter(r.Context(), time.Until(deadline))
		switch why {
		case admitted:
		case faulty:
			f.writeFault(w, r, fault)
			return
		case overdue:
			f.writeWaiting(w, r)
			return
		case closed:
			f.writeClosing(w, r)
			return
		default: // the client is gone
			return
		}
		if !f.visit(w, r, p, held, attempt < maxAttempts) {
			return
		}
	}
}

// patience is how long a request waits. Who looks at a blank page for long is told why.
func (f *Front) patience(r *http.Request) time.Duration {
	if r.Method == http.MethodGet && navigates(r) {
		return min(f.cfg.MaxHold, f.cfg.MaxHoldPage)
	}
	return f.cfg.MaxHold
}

// visit sends a request to a process and reports whether it has to be sent again.
func (f *Front) visit(w http.ResponseWriter, r *http.Request, p *process, held, mayRepeat bool) (again bool) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	v := &visit{front: f, process: p, request: r, cancel: cancel, at: f.events.state(), arrived: func() {}}
	if held {
		var once atomic.Bool
		v.arrived = func() {
			if once.CompareAndSwap(false, true) {
				f.gate.arrived(p)
			}
		}
		timer := time.AfterFunc(releasePause, v.arrived)
		defer timer.Stop()
	}
	defer v.arrived()
	defer v.leave()
	if idempotent(r) && wantsEvents(r) {
		if !p.add(renewal{v}) {
			v.renew.Store(true)
		}
		defer p.remove(renewal{v})
	}
	f.proxy(p).ServeHTTP(&client{ResponseWriter: w, visit: v}, r.WithContext(context.WithValue(ctx, visitKey{}, v)))
	if v.err == nil || r.Context().Err() != nil {
		return false
	}
	return f.recover(w, v, mayRepeat)
}

// leave ends the visit for those who wait until the process is idle.
func (v *visit) leave() {
	if !v.stream {
		v.stream = true
		v.front.gate.leave(v.process)
	}
}

// recover decides what becomes of a request without a response. It reports whether to send it again.
func (f *Front) recover(w http.ResponseWriter, v *visit, mayRepeat bool) (again bool) {
	r, p := v.request, v.process
	var op *net.OpError
	unsent := errors.As(v.err, &op) && op.Op == "dial"
	repeatable := mayRepeat && !v.began.Load() && (unsent || idempotent(r))
	if repeatable && (v.renew.Load() || p.hasRetired()) {
		return true
	}
	if !p.hasRetired() && !unsent && f.gate.verdict(r.Context(), p, releasePause/2) == nil &&
		p.answers(r.Context()) && !p.hasRetired() {
		// The process is well: it has cut the connection on purpose, as net/http does for http.ErrAbortHandler.
		f.writeCut(w, r, v.err)
		return false
	}
	f.cfg.Log.DebugContext(r.Context(), "the application does not answer", slog.String("error", v.err.Error()))
	f.gate.lose(p)
	if repeatable {
		return true
	}
	if fault := f.gate.verdict(r.Context(), p, verdictTime); fault != nil {
		f.writeFault(w, r, fault)
		return false
	}
	f.writeEnded(w, r)
	return false
}

// proxy returns what passes requests to a process.
func (f *Front) proxy(p *process) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport: p,
		Rewrite: func(pr *httputil.ProxyRequest) {
			rewrite(pr, p.address)
			if f.wantsDocument(pr.In) {
				askForDocument(pr.Out.Header)
			}
		},
		FlushInterval:  -1, // at once: whoever writes in pieces wants them to arrive in pieces
		ModifyResponse: f.modify,
		ErrorHandler: func(_ http.ResponseWriter, r *http.Request, err error) {
			visitOf(r.Context()).err = err
		},
		ErrorLog: slog.NewLogLogger(f.cfg.Log.Handler(), slog.LevelDebug),
	}
}

// rewrite makes the request that the application gets. It sees the address that the client has, and the Host that it
// named.
//
// Threat: a client that chooses its address, its scheme or the id of its request: the application believes this proxy,
// which believes nobody.
func rewrite(pr *httputil.ProxyRequest, address string) {
	out := pr.Out
	out.URL.Scheme, out.URL.Host = "http", address
	out.URL.RawQuery = pr.In.URL.RawQuery // as it is, whether it can be parsed or not
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
		// Somebody else's proxy, such as a tunnel, stands before this one: whose request it is, nobody knows.
		out.Header.Set("Forwarded", "for=unknown")
	}
	if wantsEvents(pr.In) {
		out.Header.Set("Accept-Encoding", "identity") // the last line of the stream is written here
	}
}

// forwarded reports whether a request says that another proxy has sent it.
func forwarded(r *http.Request) bool {
	return len(r.Header["Forwarded"]) > 0 || len(r.Header["X-Forwarded-For"]) > 0
}

// wantsEvents reports whether a request asks for an event stream.
func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// modify looks at a response before the client gets it.
func (f *Front) modify(res *http.Response) error {
	v := visitOf(res.Request.Context())
	v.arrived()
	switch {
	case res.StatusCode == http.StatusSwitchingProtocols:
		v.leave()
		return v.follow(res)
	case strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream"):
		v.leave()
		v.watch(res)
	default:
		f.inject(v, res)
	}
	return nil
}

// client is the response writer of a visit. It keeps the connection of an upgrade, whose end is up to the Front.
type client struct {
	http.ResponseWriter
	visit *visit
}

// Unwrap is for [http.ResponseController].
func (c *client) Unwrap() http.ResponseWriter { return c.ResponseWriter }
