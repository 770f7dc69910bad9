package jobs_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy forwards connections to a server, until it is cut.
type proxy struct {
	target  string
	address string

	mu       sync.Mutex
	listener net.Listener // nil while it is cut
	conns    []net.Conn
	done     sync.WaitGroup
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{target: target, address: "127.0.0.1:0"}
	p.open(t)
	p.address = p.listener.Addr().String()
	t.Cleanup(p.cut)
	return p
}

func (p *proxy) open(t *testing.T) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", p.address)
	if err != nil {
		t.Fatal(err)
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
				client.Close()
				continue
			}
			p.join(client, server)
		}
	})
}

func (p *proxy) join(a, b net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil { // cut since the connection was accepted
		a.Close()
		b.Close()
		return
	}
	p.conns = append(p.conns, a, b)
	for _, pair := range [][2]net.Conn{{a, b}, {b, a}} {
		p.done.Go(func() {
			defer pair[0].Close()
			defer pair[1].Close()
			buf := make([]byte, 32<<10)
			for {
				n, err := pair[0].Read(buf)
				if _, werr := pair[1].Write(buf[:n]); err != nil || werr != nil {
					return
				}
			}
		})
	}
}

func (p *proxy) cut() {
	p.mu.Lock()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
	p.mu.Unlock()
	p.done.Wait()
}

// through returns rawURL with the proxy as its host.
func (p *proxy) through(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.address
	return u.String()
}

func hostOf(t *testing.T, rawURL string) string {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}
