package app_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	covet "github.com/covetgo/covet/app"
)

// floodClients is how many clients a flood has. Without the flag the floods take place at the same time, with it one
// after the other, so that the times of ordinary requests can be compared.
var floodClients = flag.Int("clients", 0, "clients of each flood, such as 2000; 20 by default")

const (
	// floodTimeout is long enough for ordinary requests on a busy machine, and slowFloodTimeout for thousands of clients
	// to connect.
	floodTimeout     = 3 * time.Second
	slowFloodTimeout = 20 * time.Second
	// floodPatience is how long conditions are awaited.
	floodPatience = 2 * time.Minute
	// largeResponse is more than the buffers of a connection hold.
	largeResponse = 16 << 20
	// clientsPerAddress is below http.max_connections_per_address.
	clientsPerAddress = 250
)

// h2Frame returns a frame of HTTP/2 (RFC 9113 §4.1).
func h2Frame(kind, flags byte, stream uint32, payload string) []byte {
	frame := make([]byte, 9, 9+len(payload))
	binary.BigEndian.PutUint32(frame, uint32(len(payload))<<8) //nolint:gosec // short
	frame[3], frame[4] = kind, flags
	binary.BigEndian.PutUint32(frame[5:], stream)
	return append(frame, payload...)
}

const (
	// h2Start is the preface and an empty SETTINGS frame.
	h2Start = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	// h2Request is GET / with HPACK (RFC 7541 appendix A).
	h2Request = "\x82\x86\x84\x41\x01a"
)

// flood is a server under attack.
type flood struct {
	app     *covet.App
	begun   atomic.Int64    // connections of HTTP/2 that were flooded
	handled []chan struct{} // by client: closed when the handler of its large response has returned
}

// attacks are what a client does. Each returns nil when the server has closed the connection.
var attacks = map[string]func(f *flood, client int, conn net.Conn) error{
	"stream resets": func(f *flood, _ int, conn net.Conn) error {
		var all bytes.Buffer
		for stream := uint32(1); stream < 4000; stream += 2 {
			all.Write(h2Frame(1, 5, stream, h2Request))        // HEADERS with END_STREAM and END_HEADERS
			all.Write(h2Frame(3, 0, stream, "\x00\x00\x00\b")) // RST_STREAM, CANCEL
		}
		return f.expectHTTP2Closed(conn, all.Bytes())
	},
	"empty CONTINUATION frames": func(f *flood, _ int, conn net.Conn) error {
		headers := h2Frame(1, 1, 1, h2Request) // without END_HEADERS
		return f.expectHTTP2Closed(conn, append(headers, bytes.Repeat(h2Frame(9, 0, 1, ""), 5000)...))
	},
	"slow headers": func(_ *flood, _ int, conn net.Conn) error {
		return drip(conn, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
	},
	"slow writers": func(_ *flood, _ int, conn net.Conn) error {
		return drip(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
	},
	"slow readers": func(f *flood, client int, conn net.Conn) error {
		if tcp, ok := conn.(*net.TCPConn); ok {
			if err := tcp.SetReadBuffer(64 << 10); err != nil { // thousands of larger ones take the machine's memory
				return err
			}
		}
		if _, err := fmt.Fprintf(conn, "GET /large/%d HTTP/1.1\r\nHost: a\r\n\r\n", client); err != nil {
			return err
		}
		select {
		case <-f.handled[client]: // not before the server has given up is anything read
		case <-time.After(floodPatience):
			return errors.New("the handler still waits for its client")
		}
		received, err := readToClose(conn)
		if received >= largeResponse {
			return errors.New("the whole response arrived")
		}
		return err
	},
}

// readToClose reads until the server closes the connection or resets it.
func readToClose(conn net.Conn) (received int64, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(floodPatience)); err != nil {
		return 0, err
	}
	received, err = io.Copy(io.Discard, conn) // thousands of large responses take the machine's memory
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return received, errors.New("the server does not close the connection")
	}
	return received, nil
}

// expectHTTP2Closed begins HTTP/2, sends frames, and demands that the server closes the connection.
func (f *flood) expectHTTP2Closed(conn net.Conn, frames []byte) error {
	if _, err := io.WriteString(conn, h2Start); err != nil {
		return err
	}
	if err := conn.SetReadDeadline(time.Now().Add(floodPatience)); err != nil {
		return err
	}
	first := make([]byte, 9)
	switch _, err := io.ReadFull(conn, first); {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the server sends no SETTINGS")
	case err != nil:
		return nil //nolint:nilerr // a server with thousands of clients closes it before
	case first[3] != 4:
		return fmt.Errorf("the server begins with %q instead of SETTINGS", first)
	}
	f.begun.Add(1)
	var writing sync.WaitGroup
	writing.Go(func() { _, _ = conn.Write(frames) }) // the server closes the connection before it has read all of them
	defer func() { _ = conn.Close(); writing.Wait() }()
	_, err := readToClose(conn)
	return err
}

// drip sends start and then a byte from time to time, until the server closes the connection.
func drip(conn net.Conn, start string) error {
	if _, err := io.WriteString(conn, start); err != nil {
		return err
	}
	closed := make(chan struct{})
	var dripping sync.WaitGroup
	dripping.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-closed:
				return
			case <-tick.C:
				_, _ = conn.Write([]byte("x")) // fails when the server has closed the connection
			}
		}
	})
	defer dripping.Wait()
	defer close(closed)
	_, err := readToClose(conn)
	return err
}

// TestFloods attacks a server with many clients at a time, and demands that it closes their connections and serves
// ordinary requests meanwhile.
func TestFloods(t *testing.T) {
	clients, apart := *floodClients, *floodClients > 0
	if !apart {
		clients = 20
	}
	timeout := floodTimeout
	if apart {
		timeout = slowFloodTimeout
	}
	f := newFlood(t, clients, timeout)
	before := f.ordinary(t, nil)
	t.Run("all", func(t *testing.T) {
		for name, attack := range attacks {
			t.Run(name, func(t *testing.T) {
				if !apart {
					t.Parallel()
				}
				var attackers sync.WaitGroup
				for client := range clients {
					attackers.Go(func() {
						if err := f.attack(t.Context(), client, attack); err != nil {
							t.Errorf("client %d: %v", client, err)
						}
					})
				}
				over := make(chan struct{})
				go func() { attackers.Wait(); close(over) }()
				during := f.ordinary(t, over)
				<-over
				t.Logf("p95 of ordinary requests: %v before, %v during %d clients, ratio %.1f",
					before.Round(time.Microsecond), during.Round(time.Microsecond), clients, float64(during)/float64(before))
			})
		}
	})
	f.ordinary(t, nil)
	if f.begun.Load() == 0 {
		t.Error("no connection of HTTP/2 was flooded")
	}
}

func newFlood(t *testing.T, clients int, timeout time.Duration) *flood {
	t.Helper()
	cfg := testConfig(t)
	cfg.HTTP.HeaderTimeout, cfg.HTTP.ReadTimeout, cfg.HTTP.WriteTimeout = timeout, timeout, timeout
	cfg.Override.LogOutput = io.Discard
	f := &flood{app: newApp(t, cfg)}
	for range clients {
		f.handled = append(f.handled, make(chan struct{}))
	}
	f.app.Echo.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "here") })
	f.app.Echo.POST("/", func(c echo.Context) error { _, err := io.Copy(io.Discard, c.Request().Body); return err })
	large := strings.Repeat("x", largeResponse)
	f.app.Echo.GET("/large/:client", func(c echo.Context) error {
		client, err := strconv.Atoi(c.Param("client"))
		if err != nil {
			return err
		}
		defer close(f.handled[client])
		return c.Stream(http.StatusOK, "application/octet-stream", strings.NewReader(large))
	})
	start(t, f.app, covet.Roles{Web: true})
	return f
}

// attack opens a connection from an address of its own for every few clients, and attacks with it.
func (f *flood) attack(ctx context.Context, client int, attack func(*flood, int, net.Conn) error) error {
	from := net.IPv4(127, 0, 1, byte(1+client/clientsPerAddress)) //nolint:gosec // small
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	conn, err := dialer.DialContext(ctx, "tcp", f.app.Address())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return attack(f, client, conn)
}

// ordinary sends requests until over is closed, at least a hundred, demands that each is served, and returns the 95th
// percentile of their times.
func (f *flood) ordinary(t *testing.T, over <-chan struct{}) time.Duration {
	t.Helper()
	isOver := func() bool {
		select {
		case <-over:
			return true
		default:
			return over == nil
		}
	}
	var took []time.Duration
	for len(took) < 100 || !isOver() {
		begun := time.Now()
		if got := do(t, http.MethodGet, "http://"+f.app.Address()+"/", "*/*"); got.status != http.StatusOK || got.body != "here" {
			t.Fatalf("an ordinary request: %+v", got)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}
