package proxy

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// retryAfter is the time in milliseconds after which clients of an event stream reconnect.
const retryAfter = 500

// pendingStream is a request for an event stream without a response. When its process retires, it is sent to the next
// one.
type pendingStream struct{ exchange *exchange }

func (p pendingStream) retire() {
	if !p.exchange.began.Load() {
		p.exchange.resend.Store(true)
		p.exchange.cancel()
	}
}

// wrapEventStream ends an event stream once its process has retired.
func (v *exchange) wrapEventStream(res *http.Response) {
	e := &eventStream{body: res.Body, exchange: v, lineStart: true, plain: res.Header.Get("Content-Encoding") == ""}
	res.Body = e
	if !v.process.add(e) {
		e.retire()
	}
}

// eventStream is an event stream that the proxy can end: it adds a retry line, and leaves the current event incomplete,
// so that the client drops it (HTML §9.2.6).
type eventStream struct {
	body     io.ReadCloser
	exchange *exchange
	plain    bool // not compressed, so that a line can be added

	lineStart bool // the last byte ended a line
	ended     bool

	mu      sync.Mutex
	retired bool
}

func (e *eventStream) retire() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.retired = true
	e.exchange.cancel()
}

func (e *eventStream) hasRetired() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.retired
}

// Read implements [io.Reader].
func (e *eventStream) Read(p []byte) (int, error) {
	if e.ended {
		return 0, io.EOF
	}
	n, err := e.body.Read(p)
	if n > 0 {
		last := p[n-1]
		e.lineStart = last == '\n' || last == '\r'
		if err != nil && e.hasRetired() {
			err = nil // the next call returns the end
		}
		return n, err
	}
	if err == nil || !e.hasRetired() || e.exchange.request.Context().Err() != nil {
		return n, err
	}
	e.ended = true
	return copy(p, e.lastLine()), nil
}

// lastLine returns the end of the stream. It starts a new line, and completes no event.
func (e *eventStream) lastLine() string {
	switch {
	case !e.plain:
		return ""
	case e.lineStart:
		return fmt.Sprintf("retry: %d\n", retryAfter)
	}
	return fmt.Sprintf("\nretry: %d\n", retryAfter)
}

// Close implements [io.Closer].
func (e *eventStream) Close() error {
	e.exchange.process.remove(e)
	return e.body.Close()
}
