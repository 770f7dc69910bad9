package proxy

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// process is a running application. The dispatcher's mutex guards its counters.
type process struct {
	address     string
	active      int             // requests that are not streams
	idle        []chan struct{} // closed when active becomes 0
	unreachable bool            // it did not respond

	keepAlive, oneShot, http2 *http.Transport

	mu      sync.Mutex
	retired bool
	streams map[stream]bool
}

// stream is an endless response, which would keep a process from stopping.
type stream interface{ retire() }

// newProcess returns a process with its own transports: the next process may get the same port and must not inherit
// connections.
func newProcess(address string) *process {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "tcp", address)
	}
	transport := func() *http.Transport {
		return &http.Transport{
			DialContext:            dial,
			DisableCompression:     true, // the client's Accept-Encoding is forwarded unchanged
			MaxIdleConnsPerHost:    64,
			IdleConnTimeout:        30 * time.Second,
			ExpectContinueTimeout:  time.Second,
			MaxResponseHeaderBytes: 1 << 20,
		}
	}
	p := &process{
		address:   address,
		keepAlive: transport(),
		oneShot:   transport(),
		http2:     transport(),
		streams:   map[stream]bool{},
	}
	p.oneShot.DisableKeepAlives = true
	p.http2.Protocols = new(http.Protocols)
	p.http2.Protocols.SetUnencryptedHTTP2(true)
	return p
}

// RoundTrip implements [http.RoundTripper]. HTTP/2 is forwarded as such, since only it streams in both directions. A
// write gets a new connection: the application may close an idle connection at that moment, and it would be unknown
// whether it has read the request.
func (p *process) RoundTrip(r *http.Request) (*http.Response, error) {
	v := exchangeOf(r.Context())
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotFirstResponseByte: func() { v.began.Store(true) },
	})
	r = r.WithContext(ctx)
	switch {
	case v.request.ProtoMajor == 2:
		return p.http2.RoundTrip(r)
	case idempotent(r):
		return p.keepAlive.RoundTrip(r)
	}
	return p.oneShot.RoundTrip(r)
}

// idempotent reports whether a request can be sent twice: its method is safe, and it has no body that is consumed.
func idempotent(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return r.Body == nil || r.Body == http.NoBody
	}
	return false
}

// add adds a stream. It returns false if the process has retired, so that the stream ends at once.
func (p *process) add(s stream) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		return false
	}
	p.streams[s] = true
	return true
}

func (p *process) remove(s stream) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, s)
}

// retire ends the streams.
func (p *process) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
	for s := range p.streams {
		s.retire()
	}
	p.streams = nil
}

func (p *process) hasRetired() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.retired
}

// accepts reports whether the process accepts connections.
func (p *process) accepts(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := p.keepAlive.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return false
	}
	_ = conn.Close() // nothing was sent
	return true
}

// close closes the idle connections.
func (p *process) close() {
	for _, t := range []*http.Transport{p.keepAlive, p.oneShot, p.http2} {
		t.CloseIdleConnections()
	}
}
