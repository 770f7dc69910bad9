package testserver

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// Proxy forwards TCP connections to a server, so that a test can cut a server off that others use too. It is safe for
// concurrent use.
type Proxy struct {
	target  string
	address string

	mu       sync.Mutex
	listener net.Listener // nil while it is cut
	conns    []net.Conn
	frozen   chan struct{} // closed by Thaw; nil while it is not frozen
	done     sync.WaitGroup
}

// NewProxy returns an open proxy to the server that rawURL names. It ends with the test.
func NewProxy(t testing.TB, rawURL string) *Proxy {
	t.Helper()
	p := &Proxy{target: host(rawURL), address: "127.0.0.1:0"}
	p.Open(t)
	p.address = p.listener.Addr().String() // for good: the proxy opens there again
	t.Cleanup(p.Cut)
	return p
}

// Open accepts connections, again on the same address after Cut.
func (p *Proxy) Open(t testing.TB) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatalf("opening the proxy: %v", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listener = listener
	p.done.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", p.target)
			if err != nil {
				_ = client.Close()
				continue
			}
			p.forward(client, server)
		}
	})
}

func (p *Proxy) forward(client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil { // cut since the connection was accepted
		_ = client.Close()
		_ = server.Close()
		return
	}
	p.conns = append(p.conns, client, server)
	for _, pair := range [][2]net.Conn{{client, server}, {server, client}} {
		p.done.Go(func() {
			defer func() { _ = pair[0].Close() }()
			defer func() { _ = pair[1].Close() }()
			buffer := make([]byte, 32<<10)
			for {
				n, err := pair[0].Read(buffer)
				p.awaitThaw()
				if _, writeErr := pair[1].Write(buffer[:n]); err != nil || writeErr != nil {
					return
				}
			}
		})
	}
}

// Freeze accepts connections and forwards nothing until Thaw, as when a server hangs or a network loses packets.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.frozen = make(chan struct{})
	}
}

// Thaw forwards again, first what has been sent meanwhile.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.thaw()
}

func (p *Proxy) thaw() {
	if p.frozen != nil {
		close(p.frozen)
		p.frozen = nil
	}
}

// awaitThaw returns when the proxy is not frozen.
func (p *Proxy) awaitThaw() {
	p.mu.Lock()
	frozen := p.frozen
	p.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
}

// Cut closes every connection, and refuses new ones until Open. It ends Freeze.
func (p *Proxy) Cut() {
	p.mu.Lock()
	p.thaw()
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	for _, conn := range p.conns {
		_ = conn.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	p.done.Wait()
}

// Through returns rawURL with the proxy as its host.
func (p *Proxy) Through(t testing.TB, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatalf("parsing the address of a test server: %v", err)
	}
	u.Host = p.address
	return u.String()
}
